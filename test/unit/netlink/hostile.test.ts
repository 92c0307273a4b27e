import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeAck,
  decodeDone,
  FrameReader,
  type Message,
  NetlinkDecodeError,
  NetlinkEncodeError,
  Writer,
} from '../../../lib/netlink/codec/index.js'
import { valuesOf } from './arbitraries.js'
import { messages } from './schemas.js'

type Values = Record<string, unknown>

/** Decodes, or gives the one error that decoding may end with. */
function tryDecode(message: Message<Values>, bytes: Uint8Array, start: number, end: number): Values | 'refused' {
  try {
    return message.decode(bytes, start, end)
  } catch (error) {
    expect(error).toBeInstanceOf(NetlinkDecodeError)
    return 'refused'
  }
}

/** The bytes between others, which must make no difference. */
function surrounded(bytes: Uint8Array, by: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 64).fill(by)
  buffer.set(bytes, 32)
  return buffer
}

function check(message: Message<Values>, bytes: Uint8Array): void {
  const end = 32 + bytes.length
  const result = tryDecode(message, surrounded(bytes, 0xff), 32, end)
  expect(tryDecode(message, surrounded(bytes, 0x00), 32, end)).toEqual(result)
  expect(tryDecode(message, bytes, 0, bytes.length)).toEqual(result)
  expect(tryDecode(message, Buffer.from(bytes), 0, bytes.length)).toEqual(result)
  if (result === 'refused') return
  // What was decoded can be sent again, but for counters beyond what a number holds.
  try {
    message.encode(new Writer(), result)
  } catch (error) {
    expect(error).toBeInstanceOf(NetlinkEncodeError)
    expect((error as NetlinkEncodeError).code).toBe('ERR_OUT_OF_RANGE')
  }
}

function encode(message: Message<Values>, value: Values): Uint8Array {
  const writer = new Writer()
  message.encode(writer, value)
  return writer.bytes().slice()
}

/** Attributes with lengths and types that make sense more often than those of random bytes do. */
const attributeLike = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 70 }), fc.uint8Array({ maxLength: 40 })), {
    maxLength: 12,
  })
  .map((attributes) => {
    const parts = attributes.map(([length, type, data]) => {
      const bytes = new Uint8Array(4 + ((data.length + 3) & ~3))
      bytes.set([length % 3 === 0 ? length : 4 + data.length, 0, type, type % 2 === 0 ? 0 : 0x80])
      bytes.set(data, 4)
      return bytes
    })
    return Uint8Array.from(parts.flatMap((part) => [...part]))
  })

describe.each(messages)('%s, against bytes that the kernel would not send', (_name, message) => {
  test('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => check(message, bytes)))
  })

  test('random attributes', () => {
    const header = encode(message, {})
    fc.assert(
      fc.property(attributeLike, (attributes) => {
        const bytes = new Uint8Array(header.length + attributes.length)
        bytes.set(header)
        bytes.set(attributes, header.length)
        check(message, bytes)
      }),
    )
  })

  test('messages cut short', () => {
    fc.assert(
      fc.property(valuesOf(message), fc.nat(), (value, cut) => {
        const bytes = encode(message, value)
        check(message, bytes.subarray(0, cut % (bytes.length + 1)))
      }),
    )
  })

  test('messages with bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(valuesOf(message), changes, (value, changed) => {
        const bytes = encode(message, value)
        for (const [at, byte] of changed) bytes[at % bytes.length] = byte
        check(message, bytes)
      }),
    )
  })

  test('offsets that point anywhere', () => {
    const offset = fc.integer({ min: -100, max: 2000 })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), offset, fc.integer({ min: 0, max: 0xffff }), (bytes, at, type) => {
        const path = message.pathAt(bytes, 0, bytes.length, at)
        expect(path === undefined || typeof path === 'string').toBe(true)
        expect(message.missingAt(bytes, 0, bytes.length, type, at)).toMatch(/./)
      }),
    )
  })

  test('bounds beyond the buffer', () => {
    const bytes = encode(message, {})
    for (const [start, end] of [
      [0, bytes.length + 1],
      [-1, bytes.length],
      [bytes.length, 0],
    ] as const) {
      expect(() => message.decode(bytes, start, end)).toThrow(NetlinkDecodeError)
      expect(message.pathAt(bytes, start, end, 16)).toBeUndefined()
    }
  })
})

test('frames and acknowledgements of random bytes end, and refuse in one way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(0, 0x100, 0x200, 0x300), (bytes, flags) => {
      let count = 0
      try {
        const frames = new FrameReader(bytes)
        while (frames.next()) {
          count++
          expect(frames.end).toBeLessThanOrEqual(bytes.length)
          decodeAck(bytes, frames.start, frames.end, flags)
          decodeDone(bytes, frames.start, frames.end, flags)
        }
      } catch (error) {
        expect(error).toBeInstanceOf(NetlinkDecodeError)
      }
      expect(count).toBeLessThanOrEqual(bytes.length / 16)
      try {
        decodeDone(bytes, 0, bytes.length, flags)
        decodeAck(bytes, 0, bytes.length, flags)
      } catch (error) {
        expect(error).toBeInstanceOf(NetlinkDecodeError)
      }
    }),
  )
})
