import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Message, Writer } from '../../../lib/netlink/codec/index.js'
import { valuesOf } from './arbitraries.js'
import { messages } from './schemas.js'

type Values = Record<string, unknown>

function encode(message: Message<Values>, value: Values): Uint8Array {
  const writer = new Writer(16)
  writer.beginMessage(16, 1, 1)
  message.encode(writer, value)
  writer.endMessage()
  return writer.bytes().slice()
}

describe.each(messages)('%s', (_name, message) => {
  test('what is encoded decodes to the same', () => {
    fc.assert(
      fc.property(valuesOf(message), (value) => {
        const bytes = encode(message, value)
        expect(message.decode(bytes, 16, bytes.length)).toEqual(value)
      }),
    )
  })

  test('messages are as long as they say, and four bytes are the unit', () => {
    fc.assert(
      fc.property(valuesOf(message), (value) => {
        const bytes = encode(message, value)
        expect(bytes.length % 4).toBe(0)
        expect(new DataView(bytes.buffer).getUint32(0, true)).toBe(bytes.length)
      }),
    )
  })

  test('a buffer that was used before leaves nothing behind', () => {
    const used = new Writer(64)
    fc.assert(
      fc.property(valuesOf(message), (value) => {
        used.reset()
        used.copy(used.reserve(5000), new Uint8Array(5000).fill(0xff))
        used.reset()
        used.beginMessage(16, 1, 1)
        message.encode(used, value)
        used.endMessage()
        expect(used.bytes()).toEqual(encode(message, value))
      }),
    )
  })

  test('a value that is not given is zero in the header and absent among the attributes', () => {
    const bytes = encode(message, {})
    expect(bytes.subarray(16).every((byte) => byte === 0)).toBe(true)
    const absent = Object.fromEntries(
      Object.keys(message.decode(bytes, 16, bytes.length)).map((key) => [key, undefined]),
    )
    expect(encode(message, { ...absent, unknown: undefined })).toEqual(bytes)
  })
})
