import { SystemError } from './errors/system-error.js'
import type { Job, Outcome } from './native/jobs.js'

/** How long something may take. */
export interface Limits {
  /** Ends it at once: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Milliseconds after which it rejects with `ETIMEDOUT`; 30,000 by default, 0 for no limit. */
  timeout?: number | undefined
}

/** The time limit where none is given, in milliseconds. */
export const defaultTimeout = 30_000

const ETIMEDOUT = 110

/**
 * Starts a job and waits for it within limits. When they are reached the promise rejects at once; the job is cancelled, and
 * what it makes all the same is undone by the native side, or by `undo` where it was through before it could be cancelled.
 */
export function withLimits(
  operation: string,
  syscall: string,
  limits: Limits,
  start: () => Job,
  undo: (outcome: Outcome) => void = () => {},
): Promise<Outcome> {
  const { signal, timeout = defaultTimeout } = limits
  if (signal?.aborted) return Promise.reject(signal.reason)
  const job = start()
  if (signal === undefined && timeout === 0) return job.done
  return new Promise((resolve, reject) => {
    let givenUp = false
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    const giveUp = (reason: unknown) => {
      end()
      givenUp = true
      reject(reason)
      job.cancel()
    }
    const abort = () => giveUp(signal?.reason)
    const timer =
      timeout > 0 ? setTimeout(() => giveUp(new SystemError(ETIMEDOUT, { syscall, operation })), timeout) : undefined
    signal?.addEventListener('abort', abort, { once: true })
    job.done.then((outcome) => {
      end()
      if (givenUp && outcome.errno === 0) undo(outcome)
      resolve(outcome)
    })
  })
}
