import { describeErrno } from './errno.js'

/** What a {@link SystemError} tells beside the error number. */
export interface SystemErrorDetails {
  /** The system call that failed, e.g. `'setns'`. */
  syscall: string
  /** What was being done to what, e.g. `"creating namespace 'blue'"`. */
  operation?: string | undefined
  /** The file concerned, where there is one. */
  path?: string | undefined
  /** What to do instead, in a sentence. */
  hint?: string | undefined
}

/**
 * A system call that the kernel refused: an error as Node makes them, with `code` (`'EPERM'`), negative `errno` and
 * `syscall`, and what was being done to what.
 *
 * @example
 * try {
 *   await Namespace.open('blue')
 * } catch (error) {
 *   if (error instanceof SystemError && error.code === 'ENOENT') …
 * }
 */
export class SystemError extends Error {
  /** The error's name: `'EPERM'`, `'ENOENT'`, … */
  readonly code: string
  /** The error number, negative as in Node. */
  readonly errno: number
  /** The system call that failed. */
  readonly syscall: string
  /** What was being done to what, in words. */
  readonly operation: string | undefined
  /** The file concerned, where there is one. */
  declare readonly path?: string

  /** @param errno the positive error number */
  constructor(errno: number, details: SystemErrorDetails, message?: string) {
    const { code, description } = describeErrno(errno)
    const path = details.path === undefined ? '' : ` '${details.path}'`
    const operation = details.operation === undefined ? '' : `, ${details.operation}`
    const hint = details.hint === undefined ? '' : `. ${details.hint}`
    super(message ?? `${code}: ${description}, ${details.syscall}${path}${operation}${hint}`)
    this.name = 'SystemError'
    this.code = code
    this.errno = -errno
    this.syscall = details.syscall
    this.operation = details.operation
    if (details.path !== undefined) this.path = details.path
  }
}
