// Single values, read without the rest of their message.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkMessage, type RouteRequest, routeMessage, Writer } from '../../../lib/netlink/index.js'

const attributes = ['dst', 'gateway', 'oif', 'priority', 'table', 'metrics', 'pref'] as const
const names = ['family', 'dstLen', 'type', ...attributes] as const
const pick = routeMessage.picker(attributes)

function encoded(value: RouteRequest): Uint8Array {
  const writer = new Writer()
  routeMessage.encode(writer, value)
  return writer.bytes().slice()
}

test('each is what decoding the whole message gives, wherever that lies', () => {
  const bytes = encoded({ family: 'inet', dstLen: 32, dst: '10.0.0.1', oif: 7, table: 100, metrics: { mtu: 1400 } })
  const buffer = new Uint8Array(bytes.length + 8).fill(0xff)
  buffer.set(bytes, 4)
  const message = routeMessage.decode(buffer, 4, 4 + bytes.length)
  for (const name of names) {
    expect(routeMessage.reader(name)(buffer, 4, 4 + bytes.length), name).toEqual(message[name])
  }
  expect(pick(buffer, 4, 4 + bytes.length)).toEqual(attributes.map((name) => message[name]))
})

test('of random bytes, too, when they are a message', () => {
  const header = fc.uint8Array({ minLength: 12, maxLength: 12 })
  const attribute = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.uint8Array({ maxLength: 20 })).map(([type, data]) => {
    const bytes = new Uint8Array((4 + data.length + 3) & ~3)
    bytes.set([4 + data.length, 0, type, 0])
    bytes.set(data, 4)
    return bytes
  })
  const some = fc.uniqueArray(attribute, { selector: (bytes) => bytes[2], maxLength: 8 })
  fc.assert(
    fc.property(header, some, (head, list) => {
      const bytes = Uint8Array.from([...head, ...list.flatMap((each) => [...each])])
      const message = routeMessage.decode(bytes, 0, bytes.length)
      for (const name of names) expect(routeMessage.reader(name)(bytes, 0, bytes.length)).toEqual(message[name])
      expect(pick(bytes, 0, bytes.length)).toEqual(attributes.map((name) => message[name]))
    }),
  )
})

test('an attribute that is cut short is not there', () => {
  const bytes = encoded({ dst: '10.0.0.1', oif: 7 })
  for (let end = bytes.length - 1; end >= routeMessage.headerSize; end--) {
    expect(routeMessage.reader('oif')(bytes, 0, end)).toBeUndefined()
  }
})

test('several at once are refused where the whole message is', () => {
  const bytes = encoded({ dst: '10.0.0.1', oif: 7 })
  for (let end = bytes.length + 1; end >= 0; end--) {
    const outcome = (read: typeof pick | typeof routeMessage.decode) => {
      try {
        read(bytes, 0, end)
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(outcome(pick)).toBe(outcome(routeMessage.decode))
  }
})

test('there is none for what there is not, and for what is several or depends on others', () => {
  expect(() => routeMessage.reader('nope' as 'dst')).toThrow("no attribute 'nope'")
  expect(() => linkMessage.reader('unknown')).toThrow("no attribute 'unknown'")
  expect(() => routeMessage.picker(['family'])).toThrow("no attribute 'family'")
})
