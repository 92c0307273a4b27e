import { describe, expect, test } from 'vitest'
import { readControl } from '../../../lib/ping/control.js'
import { afterHeader, echoIn, echoRequest } from '../../../lib/ping/echo.js'

/** A control message as struct cmsghdr has it, with what fills it up to the next one. */
function control(level: number, type: number, data: number[], length = 16 + data.length): number[] {
  const header = [
    ...new Uint8Array(BigUint64Array.of(BigInt(length)).buffer),
    ...new Uint8Array(Int32Array.of(level, type).buffer),
  ]
  const whole = [...header, ...data]
  while (whole.length % 8 !== 0) whole.push(0)
  return whole
}

const time = control(1, 35, [...new Uint8Array(BigInt64Array.of(2n, 5n).buffer)])
const ttl = control(0, 2, [63, 0, 0, 0])

describe('control messages', () => {
  test('tell the time, what is left of the time to live, and the error', () => {
    const offender = [2, 0, 0, 0, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    const error = control(0, 11, [113, 0, 0, 0, 2, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...offender])
    expect(readControl(Uint8Array.from([...control(9, 9, [1]), ...time, ...ttl, ...error]))).toEqual({
      time: 2_000_000_005n,
      ttl: 63,
      error: { errno: 113, type: 11, code: 0, from: '10.0.0.1' },
    })
    expect(readControl(new Uint8Array())).toEqual({})
  })

  test('that are cut short tell what is there', () => {
    for (const rest of [control(0, 2, [], 4), control(0, 2, [], 400), [1, 2, 3]])
      expect(readControl(Uint8Array.from([...ttl, ...rest]))).toEqual({ ttl: 63 })
  })
})

describe('an echo', () => {
  test('has the checksum of RFC 1071 for IPv4, whatever its length', () => {
    for (const size of [0, 1, 56, 999]) {
      const bytes = echoRequest(4, { id: 0xbeef, sequence: 7 }, size)
      let sum = 0
      for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0)
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
      expect(sum).toBe(0xffff)
      expect(echoIn(4, 'request', bytes)).toEqual({ id: 0xbeef, sequence: 7 })
      expect(echoIn(4, 'reply', bytes)).toBe(undefined)
    }
  })

  test('is found behind an IPv4 header of any length, and is not made of less than its own', () => {
    const reply = [0, 0, 0, 0, 0xbe, 0xef, 0, 7]
    for (const words of [5, 15])
      expect(
        echoIn(4, 'reply', afterHeader(Uint8Array.from([0x40 | words, ...Array(words * 4 - 1).fill(0), ...reply]))),
      ).toEqual({
        id: 0xbeef,
        sequence: 7,
      })
    expect(echoIn(6, 'reply', Uint8Array.of(129, 0, 0))).toBe(undefined)
    expect(echoIn(4, 'reply', afterHeader(new Uint8Array()))).toBe(undefined)
  })
})
