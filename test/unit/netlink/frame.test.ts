import { describe, expect, test } from 'vitest'
import { decodeAck, decodeDone, FrameReader, NetlinkDecodeError, Writer } from '../../../lib/netlink/codec/index.js'
import { messageFlags } from '../../../lib/netlink/messages/index.js'

const { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP_INTR, NLM_F_MULTI } = messageFlags

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))

describe('frames', () => {
  test('are walked one by one', () => {
    const writer = new Writer(16)
    writer.beginMessage(18, 0x301, 7, 42)
    writer.copy(writer.reserve(5), Uint8Array.of(1, 2, 3, 4, 5))
    expect(writer.endMessage()).toBe(0)
    writer.beginMessage(20, NLM_F_MULTI | NLM_F_DUMP_INTR, 8)
    expect(writer.endMessage()).toBe(24)
    const frames = new FrameReader(writer.bytes())
    expect(frames.next()).toBe(true)
    expect(frames).toMatchObject({ type: 18, flags: 0x301, seq: 7, portId: 42, start: 16, end: 24 })
    expect(frames.has(NLM_F_DUMP_INTR)).toBe(false)
    expect(frames.next()).toBe(true)
    expect(frames).toMatchObject({ type: 20, seq: 8, portId: 0, start: 40, end: 40 })
    expect(frames.has(NLM_F_DUMP_INTR)).toBe(true)
    expect(frames.next()).toBe(false)
  })

  test('of odd length are aligned', () => {
    const frames = new FrameReader(
      hex('11000000 1000 0000 01000000 00000000 ff000000 10000000 1100 0000 02000000 00000000'),
    )
    expect([frames.next(), frames.end - frames.start, frames.next(), frames.seq]).toEqual([true, 1, true, 2])
  })

  test.each([
    ['a header cut short', '10000000 1000'],
    ['a length beyond the buffer', '14000000 1000 0000 00000000 00000000'],
    ['a length below the header', '0f000000 1000 0000 00000000 00000000'],
    ['a length of zero', '00000000 1000 0000 00000000 00000000'],
  ])('%s is refused', (_what, text) => {
    expect(() => new FrameReader(hex(text)).next()).toThrow(NetlinkDecodeError)
  })

  test('stay within the limits given', () => {
    expect(new FrameReader(new Uint8Array(64), 32, 32).next()).toBe(false)
    expect(() => new FrameReader(new Uint8Array(8), 0, 9)).toThrow(RangeError)
  })
})

describe('a writer', () => {
  test('has one message open at a time', () => {
    const writer = new Writer()
    expect(() => writer.endMessage()).toThrow('no message is open')
    writer.beginMessage(16, 0, 0)
    expect(() => writer.beginMessage(16, 0, 0)).toThrow('a message is already open')
    writer.reset()
    expect(writer.length).toBe(0)
    writer.beginMessage(16, 0, 0)
  })
})

// What Linux 6.18 answered to a veth whose peer has a name of 16 bytes.
const refused = hex(`
  c0000000 0200 0002 09000000 00000000
  deffffff
  68000000 1000 0506 09000000 00000000
  00000000 00000000 00000000 00000000 0700 0300 78300000
`)

describe('acknowledgements', () => {
  test('of success', () => {
    const bytes = hex('00000000 14000000 1000 0500 05000000 00000000')
    expect(decodeAck(bytes, 0, bytes.length, NLM_F_CAPPED)).toEqual({ seq: 5, type: 16, errno: 0 })
  })

  test('with the request cut off, and details behind it', () => {
    const bytes = hex(`
      ebffffff 68000000 1000 0506 09000000 00000000
      0a00 0100 6572726f7200 0000
      0800 0200 50000000
      0800 0500 03000000
      0800 0600 24000000
      0800 0480 01020304
      0600 0300 0506 0000
      0500 6300 01 000000`)
    expect(decodeAck(bytes, 0, bytes.length, NLM_F_CAPPED | NLM_F_ACK_TLVS)).toEqual({
      seq: 9,
      type: 16,
      errno: 21,
      message: 'error',
      offset: 0x50,
      missingType: 3,
      missingNest: 0x24,
      policy: Uint8Array.of(1, 2, 3, 4),
      cookie: Uint8Array.of(5, 6),
      unknown: [{ type: 99, data: Uint8Array.of(1) }],
    })
  })

  test('with the whole request before the details', () => {
    const bytes = hex('eaffffff 12000000 1000 0506 09000000 00000000 aabb0000 0800 0200 10000000')
    expect(decodeAck(bytes, 0, bytes.length, NLM_F_ACK_TLVS)).toEqual({ seq: 9, type: 16, errno: 22, offset: 16 })
  })

  test('with details that cannot be read have the error all the same', () => {
    const bytes = refused.subarray(16)
    expect(decodeAck(bytes, 0, bytes.length, NLM_F_ACK_TLVS)).toEqual({ seq: 9, type: 16, errno: 34 })
  })

  test('cut short are refused', () => {
    expect(() => decodeAck(refused, 16, 30, 0)).toThrow(NetlinkDecodeError)
  })
})

describe('the end of a dump', () => {
  test.each([
    ['well', '00000000', 0],
    ['well, with a count', '05000000', 0],
    ['without a word', '', 0],
    ['with an error', 'f0ffffff', 16],
  ])('%s', (_what, text, errno) => {
    expect(decodeDone(hex(text), 0, text.length / 2, NLM_F_MULTI)).toEqual({ errno })
  })

  test('with an error and the reason', () => {
    const bytes = hex('eaffffff 0800 0100 6e6f7000')
    expect(decodeDone(bytes, 0, bytes.length, NLM_F_MULTI | NLM_F_ACK_TLVS)).toEqual({ errno: 22, message: 'nop' })
  })
})
