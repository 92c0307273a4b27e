import { AttributeSet, attr } from './attributes.js'
import { align, readS32, readU16, readU32 } from './bytes.js'
import { NetlinkDecodeError } from './errors.js'
import { u32 } from './integers.js'
import { bytes as rawBytes, string } from './text.js'

const headerLength = 16
const NLM_F_CAPPED = 0x100
const NLM_F_ACK_TLVS = 0x200

/** Attributes of an extended acknowledgement. */
export const ackAttributes = {
  message: attr('NLMSGERR_ATTR_MSG', 1, string),
  offset: attr('NLMSGERR_ATTR_OFFS', 2, u32),
  cookie: attr('NLMSGERR_ATTR_COOKIE', 3, rawBytes),
  policy: attr('NLMSGERR_ATTR_POLICY', 4, rawBytes),
  missingType: attr('NLMSGERR_ATTR_MISS_TYPE', 5, u32),
  missingNest: attr('NLMSGERR_ATTR_MISS_NEST', 6, u32),
}

const ackSet = new AttributeSet(ackAttributes)

/** What the kernel says about a request or a dump, beside the error number. */
export interface AckDetails {
  /** The kernel's own words. */
  message?: string
  /** Where the offending attribute starts, from the start of the request's nlmsghdr: for `Message.pathAt`. */
  offset?: number
  /** An opaque answer of a subsystem. */
  cookie?: Uint8Array
  /** What the attribute should have been like, as raw `NL_POLICY_TYPE_ATTR_*` attributes. */
  policy?: Uint8Array
  /** The number of a required attribute that is missing: for `Message.missingAt`. */
  missingType?: number
  /** Where the nest that lacks it starts, from the start of the request's nlmsghdr; absent for the message itself. */
  missingNest?: number
}

/** A decoded `NLMSG_ERROR`. */
export interface Ack extends AckDetails {
  /** The sequence number of the request. */
  seq: number
  /** The message type of the request. */
  type: number
  /** Positive; 0 is an acknowledgement of success. */
  errno: number
}

/** A decoded `NLMSG_DONE`. */
export interface Done extends AckDetails {
  /** Positive when the dump ended with an error, else 0. */
  errno: number
}

/**
 * Reads the payload of `NLMSG_ERROR`: the error number, the request it answers (whole, or only its header with
 * `NLM_F_CAPPED`), and with `NLM_F_ACK_TLVS` the details behind it.
 *
 * @throws NetlinkDecodeError when it is cut short
 */
export function decodeAck(bytes: Uint8Array, start: number, end: number, flags: number): Ack {
  if (end > bytes.length || end - start < 4 + headerLength) {
    throw new NetlinkDecodeError('an error message is cut short', start)
  }
  const request = start + 4
  const ack: Ack = { seq: readU32(bytes, request + 8), type: readU16(bytes, request + 4), errno: errnoAt(bytes, start) }
  if ((flags & NLM_F_ACK_TLVS) !== 0) {
    const length = (flags & NLM_F_CAPPED) === 0 ? readU32(bytes, request) : headerLength
    if (length >= headerLength && length <= end - request) readDetails(ack, bytes, request + align(length), end)
  }
  return ack
}

/**
 * Reads the payload of `NLMSG_DONE`, which may hold an error that stopped the dump.
 *
 * @throws NetlinkDecodeError when it reaches beyond its buffer
 */
export function decodeDone(bytes: Uint8Array, start: number, end: number, flags: number): Done {
  if (end > bytes.length) throw new NetlinkDecodeError('the end of a dump is cut short', start)
  // Some families end a dump without a status.
  if (end - start < 4) return { errno: 0 }
  const done: Done = { errno: errnoAt(bytes, start) }
  if ((flags & NLM_F_ACK_TLVS) !== 0) readDetails(done, bytes, start + 4, end)
  return done
}

// A dump that ends well may return a positive number: only negative ones are errors.
function errnoAt(bytes: Uint8Array, offset: number): number {
  return Math.max(0, -readS32(bytes, offset))
}

/** Details are a courtesy: the error number counts even when they are damaged. */
function readDetails(into: AckDetails, bytes: Uint8Array, start: number, end: number): void {
  if (start <= end) Object.assign(into, ackSet.decode(bytes, start, end))
}
