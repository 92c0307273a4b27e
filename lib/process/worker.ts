import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { checkObject, invalidArgument, stateError } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import type { NamespaceCore } from '../namespace/core.js'
import { privileged } from '../namespace/privilege.js'
import { type NamespaceType, namespaceTypes } from '../namespace/types.js'
import { EPERM } from '../native/constants.js'
import type { WorkerEntry } from './worker-thread.js'

// A single thread cannot join the others: user and time not at all; pid only for children, and it can then make no threads;
// mnt would take the module's own file out of sight.
const joinable: readonly NamespaceType[] = ['net', 'uts', 'ipc', 'cgroup']

const preload = fileURLToPath(new URL('./worker-preload.cjs', import.meta.url))

/** Starts a Worker inside a namespace; see {@link Namespace.worker}. */
export function startWorker(core: NamespaceCore, filename: string | URL, options: WorkerOptions): Worker {
  core.handle.check()
  checkObject('options', options)
  if (options.execArgv !== undefined && !Array.isArray(options.execArgv))
    throw invalidArgument('options.execArgv', options.execArgv, 'it must be an array')
  const entry = core.entry()
  const operation = `starting a Worker in ${core.label}`
  if (!privileged) {
    const hint = 'A thread of an ordinary user cannot enter a user namespace: use ns.fork for a process inside'
    throw new SystemError(EPERM, { syscall: 'setns', operation, hint })
  }
  const other = entry.find(({ type }) => !joinable.includes(type))
  if (other !== undefined) {
    const text = `A single thread cannot join the ${other.type} namespace of the ${core.label}: use ns.fork for a process inside`
    throw stateError('ERR_NAMESPACE_TYPE', text)
  }
  const own: WorkerEntry = {
    label: core.label,
    namespaces: entry.map(({ descriptor, type }) => ({ descriptor, flag: namespaceTypes[type].flag })),
  }
  const workerData = { 'linux-namespaces.worker': own, data: options.workerData }
  const worker = begin(filename, { ...options, workerData })
  // Until it has entered, it needs the descriptors; and it says nothing when it has.
  core.handle.hold()
  worker.once('exit', () => core.handle.release())
  return worker
}

// They are about the text that this process was given to run.
const evaluating = ['-e', '--eval', '-p', '--print', '-pe', '--input-type']

// Workers inherit the options of the process, unless some are named: then these alone hold, and so all have to be.
function begin(filename: string | URL, options: WorkerOptions): Worker {
  const start = (execArgv: readonly string[]) =>
    new Worker(filename, { ...options, execArgv: [...execArgv, '--require', preload] })
  if (options.execArgv !== undefined) return start(options.execArgv)
  const inherited = without(evaluating, process.execArgv)
  try {
    return start(inherited)
  } catch (error) {
    // Those that hold for every thread of a process anyway are refused, and listed.
    const refused = /execArgv flags: (.*)$/.exec(error instanceof Error ? error.message : '')?.[1]
    if (refused === undefined) throw error
    return start(without(refused.split(', '), inherited))
  }
}

// Leaves out options, with what follows as their value.
function without(left: readonly string[], words: readonly string[]): string[] {
  return words.filter((word, i) => {
    const before = words[i - 1]
    return (
      !left.includes(word) &&
      !left.includes(word.split('=')[0] ?? '') &&
      !(before !== undefined && left.includes(before) && !word.startsWith('-'))
    )
  })
}
