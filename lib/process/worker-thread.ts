// What the thread of a Worker does before the user's module; see worker.ts and worker-preload.cts.
import { describeErrno } from '../errors/errno.js'
import { addon } from '../native/addon.js'
// The native threads of this environment are made now, before the thread moves: they stay with the process.
import '../native/jobs.js'

/** What the thread joins, in this order. */
export interface WorkerEntry {
  label: string
  namespaces: readonly { descriptor: number; flag: number }[]
}

/** Moves the calling thread. What it throws is the Worker's `'error'`. */
export function enterNamespaces({ label, namespaces }: WorkerEntry): void {
  for (const { descriptor, flag } of namespaces) {
    const result = addon.syscall(addon.numbers.setns, descriptor, flag)
    if (result >= 0) continue
    // Of an error that goes from thread to thread, a class of ours would be lost, and its own properties with it.
    const { code, description } = describeErrno(-result)
    const error = new Error(`${code}: ${description}, setns, starting a Worker in ${label}`)
    throw Object.assign(error, { code, errno: result, syscall: 'setns' })
  }
}
