import { describeErrno } from '../errors/errno.js'
import { SystemError } from '../errors/system-error.js'
import { EINTR } from '../native/constants.js'
import type { AckDetails } from './codec/index.js'

/** What is known about a request that the kernel refused. */
export interface NetlinkErrorDetails {
  /** `'RTM_NEWLINK'`. */
  request: string
  /** The request in words: "veth 'eth0' in namespace 'blue'". */
  operation: string
  /** The attribute at fault, dotted: `'linkinfo.data.peer.ifname'`. */
  attribute?: string | undefined
  /** The kernel's own words and raw details. */
  ack?: AckDetails | undefined
  /** What to do instead. */
  hint?: string | undefined
}

/**
 * A netlink request that the kernel refused, with all it said about it.
 *
 * @example
 * // RTM_NEWLINK veth 'eth0' in namespace 'blue': file exists (EEXIST)
 * if (error instanceof NetlinkError && error.code === 'EEXIST') …
 */
export class NetlinkError extends SystemError {
  /** The request's name, `'RTM_NEWLINK'`. */
  readonly request: string
  /** The attribute that the kernel objected to, dotted, where it said so. */
  readonly attribute: string | undefined
  /** The kernel's own explanation (extended acknowledgement), where it gave one. */
  readonly kernelMessage: string | undefined

  /** @param errno the positive error number */
  constructor(errno: number, details: NetlinkErrorDetails) {
    const { request, operation, attribute, ack, hint } = details
    const { code, description } = describeErrno(errno)
    const place = attribute === undefined ? '' : `, attribute ${attribute}`
    const said = ack?.message === undefined ? '' : `: ${ack.message}`
    const advice = hint === undefined ? '' : `. ${hint}`
    const message = `${request} ${operation}: ${description} (${code}${place})${said}${advice}`
    super(errno, { syscall: 'sendto', operation }, message)
    this.name = 'NetlinkError'
    this.request = request
    this.attribute = attribute
    this.kernelMessage = ack?.message
  }
}

/**
 * A dump during which the kernel's tables changed each time it was tried: what was read may lack entries or hold some twice. A
 * stream, which cannot be tried again, ends with it after its last entry.
 */
export class DumpInterruptedError<T = unknown> extends NetlinkError {
  /** What the last attempt read; nothing for a stream, which has given it already. */
  readonly partial: readonly T[]

  constructor(details: Omit<NetlinkErrorDetails, 'hint'>, partial: readonly T[] = []) {
    const what = partial.length === 0 ? '' : '; the last reading is in `partial`'
    super(EINTR, { ...details, hint: `The tables changed while they were read${what}` })
    this.name = 'DumpInterruptedError'
    this.partial = partial
  }
}

/** Whether the kernel refused a request with this error. */
export function isNetlinkError(error: unknown, code: string | undefined): boolean {
  return error instanceof NetlinkError && error.code === code
}
