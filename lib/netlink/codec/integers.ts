import { readBe16, readBe32, readS32, readU16, readU32, readU64 } from './bytes.js'
import { type FixedCodec, fixed } from './codec.js'
import { invalidValue, outOfRange } from './errors.js'
import type { Writer } from './writer.js'

type Get = (bytes: Uint8Array, offset: number) => number
type Put = (writer: Writer, offset: number, value: number) => void

function integer(size: number, min: number, max: number, get: Get, put: Put): FixedCodec<number> {
  const expected = `an integer from ${min} to ${max}`
  return fixed(size, { kind: 'integer', min, max }, get, (writer, offset, value: number) => {
    if (!(Number.isInteger(value) && value >= min && value <= max)) {
      throw typeof value === 'number' ? outOfRange(expected, value) : invalidValue(expected, value)
    }
    put(writer, offset, value)
  })
}

/** `__u8` */
export const u8 = integer(
  1,
  0,
  0xff,
  (bytes, offset) => bytes[offset] as number,
  (writer, offset, value) => writer.view.setUint8(offset, value),
)

/** `__u16` */
export const u16 = integer(2, 0, 0xffff, readU16, (writer, offset, value) => writer.view.setUint16(offset, value, true))

/** `__u32` */
export const u32 = integer(4, 0, 0xffff_ffff, readU32, (writer, offset, value) =>
  writer.view.setUint32(offset, value, true),
)

/** `__s32` */
export const s32 = integer(4, -0x8000_0000, 0x7fff_ffff, readS32, (writer, offset, value) =>
  writer.view.setInt32(offset, value, true),
)

/** `__be16`: ports, ethertypes */
export const be16 = integer(2, 0, 0xffff, readBe16, (writer, offset, value) => writer.view.setUint16(offset, value))

/** `__be32` */
export const be32 = integer(4, 0, 0xffff_ffff, readBe32, (writer, offset, value) =>
  writer.view.setUint32(offset, value),
)

const twoTo32 = 0x1_0000_0000

function putU64(writer: Writer, offset: number, value: number): void {
  writer.view.setUint32(offset, value % twoTo32, true)
  writer.view.setUint32(offset + 4, Math.floor(value / twoTo32), true)
}

/**
 * A `__u64` that counts things or is a time, as a `number`: exact up to 2^53 - 1 (nine petabytes, or 285 years in
 * microseconds), the nearest double above. Only exact numbers are encoded.
 */
export const counter64 = integer(8, 0, Number.MAX_SAFE_INTEGER, readU64, putU64)

const largestU64 = 0xffff_ffff_ffff_ffffn

function bits64(
  read: (bytes: Uint8Array, offset: number) => bigint,
  write: (writer: Writer, offset: number, value: bigint) => void,
): FixedCodec<bigint> {
  return fixed(8, { kind: 'bigint', max: largestU64 }, read, (writer, offset, value: bigint) => {
    if (typeof value !== 'bigint') throw invalidValue('a bigint', value)
    if (value < 0n || value > largestU64) throw outOfRange(`a bigint from 0n to ${largestU64}n`, value)
    write(writer, offset, value)
  })
}

/** A `__u64` of which every bit matters, as a `bigint`. */
export const u64 = bits64(
  (bytes, offset) => (BigInt(readU32(bytes, offset + 4)) << 32n) | BigInt(readU32(bytes, offset)),
  (writer, offset, value) => writer.view.setBigUint64(offset, value, true),
)

/** `__be64`, as a `bigint` */
export const be64 = bits64(
  (bytes, offset) => (BigInt(readBe32(bytes, offset)) << 32n) | BigInt(readBe32(bytes, offset + 4)),
  (writer, offset, value) => writer.view.setBigUint64(offset, value),
)

/** `NLA_UINT`: four bytes, or eight when the value needs them, as a `number` (above 2^53 as `counter64`). */
export const uint = {
  ...counter64,
  read: (bytes: Uint8Array, start: number, end: number): number | undefined => {
    if (end - start === 4) return readU32(bytes, start)
    return end - start === 8 ? readU64(bytes, start) : undefined
  },
  write: (writer: Writer, type: number, value: number): void => {
    const codec = value < twoTo32 ? u32 : counter64
    codec.set(writer, writer.attribute(type, codec.size), value)
  },
}
