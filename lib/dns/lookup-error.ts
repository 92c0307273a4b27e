// The numbers that libuv has for errors of getaddrinfo.
const errors = {
  ENOTFOUND: [-3008, 'there is no such name, or it has no address of that kind'],
  EAI_AGAIN: [-3001, 'no name server has answered'],
} as const

/**
 * A name that could not be looked up, as the error of Node's `dns.lookup`: `code`, `errno`, `syscall` and `hostname`, and
 * with `EAI_AGAIN` in `cause` what each server did.
 */
export class LookupError extends Error {
  /** `'ENOTFOUND'`: there is no such name, or it has no such address; `'EAI_AGAIN'`: no server has answered. */
  readonly code: keyof typeof errors
  readonly errno: number
  readonly syscall = 'getaddrinfo'
  readonly hostname: string

  /** @param where in which namespace */
  constructor(code: keyof typeof errors, hostname: string, where: string, cause?: unknown) {
    const [errno, words] = errors[code]
    const details = cause instanceof Error ? `: ${cause.message}` : ''
    super(`getaddrinfo ${code} ${hostname} in ${where}, ${words}${details}`, cause === undefined ? {} : { cause })
    this.name = 'LookupError'
    this.code = code
    this.errno = errno
    this.hostname = hostname
  }
}
