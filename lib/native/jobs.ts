import { SystemError } from '../errors/system-error.js'
import { type Addon, addon, type Dispatch } from './addon.js'
import { ECANCELED } from './constants.js'

/** How a job ended. `errno` is 0 or positive; the meaning of the others depends on the job, see {@link Dispatch}. */
export interface Outcome {
  errno: number
  where: number
  outcome: number[] | boolean | number
  data: Uint8Array | undefined
}

/** A job under way on a native thread. */
export interface Job {
  /** Settles when the native side is through with it; never rejects. */
  readonly done: Promise<Outcome>
  /** Ends it, or undoes it when it ends: then `done` gives ECANCELED. */
  cancel(): void
}

// Kept on the addon itself: a test runner that evaluates this module anew gets the same addon, which starts once.
interface Registry {
  nextId: number
  readonly waiting: Map<number, { settle(outcome: Outcome): void; block?: ((data: Uint8Array) => void) | undefined }>
}

// What `where` says of a block that comes before the job is over.
const early = -2

const key: unique symbol = Symbol.for('linux-namespaces.jobs')
const holder: Addon & { [key]?: Registry } = addon

function startRegistry(): Registry {
  const registry: Registry = { nextId: 1, waiting: new Map() }
  const dispatch: Dispatch = (id, errno, where, outcome, data) => {
    const job = registry.waiting.get(id)
    if (where === early) {
      job?.block?.(data as Uint8Array)
      return
    }
    registry.waiting.delete(id)
    job?.settle({ errno, where, outcome, data })
  }
  addon.start(dispatch)
  return registry
}

holder[key] ??= startRegistry()
const registry: Registry = holder[key]

/**
 * Starts a job under a fresh id.
 *
 * @param start gives the errno of queueing it
 * @param block is given what a long dump has drawn before it is over
 */
export function startJob(start: (id: number) => number, block?: (data: Uint8Array) => void): Job {
  const id = registry.nextId
  registry.nextId = id === 0xffffffff ? 1 : id + 1
  let settle: (outcome: Outcome) => void = () => {}
  const done = new Promise<Outcome>((resolve) => {
    settle = resolve
  })
  registry.waiting.set(id, { settle, block })
  const errno = start(id)
  if (errno !== 0) {
    registry.waiting.delete(id)
    throw new SystemError(errno, { syscall: 'clone', operation: 'starting a native thread' })
  }
  return {
    done,
    cancel() {
      if (!registry.waiting.has(id) || !addon.cancel(id)) return
      registry.waiting.delete(id)
      settle({ errno: ECANCELED, where: -1, outcome: [], data: undefined })
    },
  }
}
