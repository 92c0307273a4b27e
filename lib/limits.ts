import { checkInteger, checkObject, invalidArgument } from './errors/argument.js'
import { SystemError } from './errors/system-error.js'
import { ETIMEDOUT } from './native/constants.js'
import type { Job, Outcome } from './native/jobs.js'

/** How long something may take. */
export interface Limits {
  /** Ends it at once: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Milliseconds after which it rejects with `ETIMEDOUT`, up to 2,147,483,647; 30,000 by default, 0 for no limit. */
  timeout?: number | undefined
}

/** The time limit where none is given, in milliseconds. */
export const defaultTimeout = 30_000

/** Refuses what is no limit, before anything has begun. */
export function checkLimits(limits: Limits): void {
  const { signal, timeout } = checkObject('limits', limits)
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidArgument('signal', signal, 'it must be an AbortSignal')
  // A timer takes no more.
  if (timeout !== undefined) checkInteger('timeout', timeout, 0, 0x7fffffff)
}

/**
 * Starts a job and waits for it within limits. When they are reached the promise rejects at once; the job is cancelled, and
 * what it makes all the same is undone: by the native side, or by `discard` where it had ended before it was cancelled.
 */
export async function withLimits(
  operation: string,
  syscall: string,
  limits: Limits,
  start: () => Job,
  discard: (outcome: Outcome) => void = () => {},
): Promise<Outcome> {
  checkLimits(limits)
  const { signal, timeout = defaultTimeout } = limits
  signal?.throwIfAborted()
  const job = start()
  if (signal === undefined && timeout === 0) return job.done
  return new Promise((resolve, reject) => {
    let givenUp = false
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    const giveUp = (reason: unknown) => {
      givenUp = true
      end()
      reject(reason)
      job.cancel()
    }
    const abort = () => giveUp(signal?.reason)
    const timer =
      timeout > 0 ? setTimeout(() => giveUp(new SystemError(ETIMEDOUT, { syscall, operation })), timeout) : undefined
    signal?.addEventListener('abort', abort, { once: true })
    job.done.then((outcome) => {
      end()
      if (givenUp) discard(outcome)
      else resolve(outcome)
    })
  })
}
