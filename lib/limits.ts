import { onAbort } from './abort.js'
import { checkInteger, checkObject, invalidArgument } from './errors/argument.js'
import { SystemError } from './errors/system-error.js'
import { ETIMEDOUT } from './native/constants.js'

/** How long something may take. */
export interface Limits {
  /**
   * Ends the wait at once: the promise rejects with the signal's reason. What the kernel was asked for already it may have
   * carried out; what makes something waits until that is undone.
   */
  signal?: AbortSignal | undefined
  /** Milliseconds after which it rejects with `ETIMEDOUT`, up to 2,147,483,647; 30,000 by default, 0 for no limit. */
  timeout?: number | undefined
}

/** The time limit where none is given, in milliseconds. */
export const defaultTimeout = 30_000

const watchInterval = 1000

/** The options of {@link Limits}, for checkKeys. */
export const limitKeys: Record<keyof Limits, true> = { signal: true, timeout: true }

/** Refuses what is no limit, before anything has begun. */
export function checkLimits(limits: Limits): void {
  const { signal, timeout } = checkObject('limits', limits)
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidArgument('signal', signal, 'it must be an AbortSignal')
  // A timer takes no more.
  if (timeout !== undefined) checkInteger('timeout', timeout, 0, 0x7fffffff)
}

// Nearly every job ends long before the default limit, and a timer of its own for each would cost more than many a job: one
// timer looks after all of them, and runs only while there are some.
const watched = new Map<() => void, number>()
let watching = false

function watch(expire: () => void, timeout: number): () => void {
  if (timeout !== defaultTimeout) {
    const timer = setTimeout(expire, timeout)
    return () => clearTimeout(timer)
  }
  watched.set(expire, performance.now() + timeout)
  if (!watching) lookLater()
  return () => watched.delete(expire)
}

function lookLater(): void {
  watching = true
  // It keeps no process alive: what it watches does.
  setTimeout(() => {
    watching = false
    const now = performance.now()
    for (const [expire, deadline] of [...watched]) if (deadline <= now) expire()
    if (watched.size > 0) lookLater()
  }, watchInterval).unref()
}

/** Work that has begun, such as a job on a native thread, and how it is called off. */
export interface Work<T> {
  readonly done: Promise<T>
  cancel(): void
}

/**
 * Starts a job and waits for it within limits. When they are reached the promise rejects at once; the job is cancelled, and
 * what it makes all the same is undone: by the native side, or by `discard` where it had ended before it was cancelled.
 */
export async function withLimits<T>(
  operation: string,
  syscall: string,
  limits: Limits,
  start: () => Work<T>,
  discard: (outcome: T) => void = () => {},
): Promise<T> {
  checkLimits(limits)
  const { signal, timeout = defaultTimeout } = limits
  signal?.throwIfAborted()
  const job = start()
  if (signal === undefined && timeout === 0) return job.done
  return new Promise((resolve, reject) => {
    let givenUp = false
    const end = () => {
      unwatch?.()
      forget()
    }
    const giveUp = (reason: unknown) => {
      givenUp = true
      end()
      reject(reason)
      job.cancel()
    }
    const expire = () => giveUp(new SystemError(ETIMEDOUT, { syscall, operation }))
    const unwatch = timeout > 0 ? watch(expire, timeout) : undefined
    const forget = onAbort(signal, () => giveUp(signal?.reason))
    job.done.then(
      (outcome) => {
        end()
        if (givenUp) discard(outcome)
        else resolve(outcome)
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
  })
}

/** Several waits under one limit: `work` gets a signal that is aborted, with the reason, when the limit is reached. */
export async function underLimits<T>(
  operation: string,
  syscall: string,
  limits: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  checkLimits(limits)
  const { signal, timeout = defaultTimeout } = limits
  signal?.throwIfAborted()
  const ending = new AbortController()
  const expire = () => ending.abort(new SystemError(ETIMEDOUT, { syscall, operation }))
  const forget = onAbort(signal, () => ending.abort(signal?.reason))
  const unwatch = timeout > 0 ? watch(expire, timeout) : undefined
  try {
    return await work(ending.signal)
  } finally {
    unwatch?.()
    forget()
  }
}
