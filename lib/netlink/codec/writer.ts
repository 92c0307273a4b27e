import { align } from './bytes.js'
import { outOfRange } from './errors.js'

/** `NLA_F_NESTED`: the attribute's payload is attributes. */
export const nestedFlag = 0x8000

const messageHeader = 16
const attributeHeader = 4
const longestAttribute = 0xffff

/**
 * Builds netlink messages one after the other in one buffer, which grows as needed and is used again after `reset()`.
 *
 * @example
 * const writer = new Writer()
 * writer.beginMessage(RTM_NEWLINK, NLM_F_REQUEST, 1)
 * linkMessage.encode(writer, { ifname: 'veth0', flags: ['up'], change: ['up'] })
 * writer.endMessage()
 * socket.send(writer.bytes())
 */
export class Writer {
  private buffer: Uint8Array
  /** The buffer as numbers; another object after the buffer has grown. */
  view: DataView
  /** Bytes written so far. */
  length = 0
  private messageStart = -1

  /** @param capacity first size of the buffer, in bytes */
  constructor(capacity = 4096) {
    this.buffer = new Uint8Array(capacity)
    this.view = new DataView(this.buffer.buffer)
  }

  /** What has been written, without a copy: valid until the next write or `reset()`. */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  /** Forgets everything written. */
  reset(): void {
    this.length = 0
    this.messageStart = -1
  }

  /** Appends a struct nlmsghdr; its length follows in `endMessage()`. Port 0 lets the kernel fill in the socket's own. */
  beginMessage(type: number, flags: number, seq: number, portId = 0): void {
    if (this.messageStart >= 0) throw new Error('a message is already open')
    const start = this.reserve(messageHeader)
    this.messageStart = start
    const view = this.view
    view.setUint16(start + 4, type, true)
    view.setUint16(start + 6, flags, true)
    view.setUint32(start + 8, seq, true)
    view.setUint32(start + 12, portId, true)
  }

  /** Closes the message and returns where it starts. */
  endMessage(): number {
    const start = this.messageStart
    if (start < 0) throw new Error('no message is open')
    this.view.setUint32(start, this.length - start, true)
    this.messageStart = -1
    return start
  }

  /** Takes the open message back, so that a value which cannot be encoded leaves the rest of the batch whole. */
  cancelMessage(): void {
    if (this.messageStart >= 0) this.length = this.messageStart
    this.messageStart = -1
  }

  /** Appends `size` zero bytes and up to three more, and returns where they start. */
  reserve(size: number): number {
    const start = this.length
    const end = start + align(size)
    if (end > this.buffer.length) this.grow(end)
    // The buffer has been used before: nothing of an earlier message may leak into padding or absent fields. A header is
    // short, and a loop then faster than a call into the engine.
    const view = this.view
    for (let offset = start; offset < end; offset += 4) view.setUint32(offset, 0, true)
    this.length = end
    return start
  }

  /** Appends an attribute of known size and returns where its payload starts; the payload and the padding are zero. */
  attribute(type: number, size: number): number {
    const length = attributeHeader + size
    if (length > longestAttribute) throw tooLong(size)
    const start = this.length
    const end = start + align(length)
    if (end > this.buffer.length) this.grow(end)
    const view = this.view
    // Zeroes the last word, and with it the padding; callers write the rest.
    view.setUint32(end - 4, 0, true)
    view.setUint16(start, length, true)
    view.setUint16(start + 2, type, true)
    this.length = end
    return start + attributeHeader
  }

  /** Opens an attribute whose size is not known yet; `endAttribute()` takes what this returns. */
  beginAttribute(type: number): number {
    return this.attribute(type, 0) - attributeHeader
  }

  /** Opens an attribute of attributes. */
  beginNested(type: number): number {
    return this.beginAttribute(type | nestedFlag)
  }

  endAttribute(start: number): void {
    const length = this.length - start
    if (length > longestAttribute) throw tooLong(length - attributeHeader)
    this.view.setUint16(start, length, true)
  }

  /** Copies bytes to a place that has been reserved. */
  copy(offset: number, bytes: Uint8Array): void {
    this.buffer.set(bytes, offset)
  }

  /** The buffer itself, for codecs that write bytes one by one into what they reserved. */
  get raw(): Uint8Array {
    return this.buffer
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer = larger
    this.view = new DataView(larger.buffer)
  }
}

// struct nlattr counts its length, header included, in 16 bits.
function tooLong(size: number): Error {
  return outOfRange(`at most ${longestAttribute - attributeHeader} bytes long`, size)
}
