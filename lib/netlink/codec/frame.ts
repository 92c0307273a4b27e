import { align, readU16, readU32 } from './bytes.js'
import { NetlinkDecodeError } from './errors.js'

const headerLength = 16

/** `NLMSG_ERROR`: an error, or an acknowledgement (errno 0). */
export const NLMSG_ERROR = 2
/** `NLMSG_DONE`: the end of a dump. */
export const NLMSG_DONE = 3

/**
 * Walks the messages in a received buffer, without an object per message.
 *
 * @example
 * const frames = new FrameReader(bytes)
 * while (frames.next()) {
 *   if (frames.type === RTM_NEWLINK) links.push(linkMessage.decode(bytes, frames.start, frames.end))
 * }
 */
export class FrameReader {
  /** `RTM_NEWLINK`, `NLMSG_ERROR`, … */
  type = 0
  /** `NLM_F_MULTI`, `NLM_F_DUMP_INTR`, … */
  flags = 0
  /** The number of the request that this answers; 0 in notifications. */
  seq = 0
  /** The port of the socket it was sent to; 0 in most notifications. */
  portId = 0
  /** Where the payload starts, and the offset to give to `Message.decode`. */
  start = 0
  /** Where the payload ends. */
  end = 0
  private offset: number

  /**
   * @param bytes one or more datagrams, each of whole messages
   * @param start where the first message starts
   * @param limit where the last one ends
   */
  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    private readonly limit = bytes.length,
  ) {
    if (!(start >= 0 && start <= limit && limit <= bytes.length))
      throw new RangeError('start and limit must lie within the bytes')
    this.offset = start
  }

  /**
   * Goes to the next message; false when there is none.
   *
   * @throws NetlinkDecodeError when a message's length cannot be
   */
  next(): boolean {
    const { bytes, offset, limit } = this
    if (offset >= limit) return false
    if (limit - offset < headerLength) throw new NetlinkDecodeError('a message header is cut short', offset)
    const length = readU32(bytes, offset)
    if (length < headerLength) throw new NetlinkDecodeError(`a message claims to be ${length} bytes long`, offset)
    if (length > limit - offset) throw new NetlinkDecodeError('a message is cut short', offset)
    this.type = readU16(bytes, offset + 4)
    this.flags = readU16(bytes, offset + 6)
    this.seq = readU32(bytes, offset + 8)
    this.portId = readU32(bytes, offset + 12)
    this.start = offset + headerLength
    this.end = offset + length
    this.offset = offset + align(length)
    return true
  }

  /** An `NLM_F_*` bit of this message. */
  has(flag: number): boolean {
    return (this.flags & flag) !== 0
  }
}
