// Reading numbers from bytes. Netlink uses the host's byte order, and the hosts of this library (x64, arm64) are little
// endian; what the kernel keeps in network order says so. Every caller has checked its bounds, so the casts that
// `noUncheckedIndexedAccess` asks for hold. Shifts of single bytes are as fast as a DataView and need no object per buffer.

export function readU16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8)
}

export function readS32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] as number) |
    ((bytes[offset + 1] as number) << 8) |
    ((bytes[offset + 2] as number) << 16) |
    ((bytes[offset + 3] as number) << 24)
  )
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return readS32(bytes, offset) >>> 0
}

/** Exact up to 2^53 - 1, else the nearest double. */
export function readU64(bytes: Uint8Array, offset: number): number {
  const high = readU32(bytes, offset + 4)
  const low = readU32(bytes, offset)
  return high === 0 ? low : high * 0x1_0000_0000 + low
}

export function readBe16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number)
}

export function readBe32(bytes: Uint8Array, offset: number): number {
  return ((readBe16(bytes, offset) << 16) | readBe16(bytes, offset + 2)) >>> 0
}

const nothing = new Uint8Array(0)

/** A copy that stays as it is when the receive buffer is used again. (`slice` of a Buffer would share its memory.) */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start === end) return nothing
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}

/** Netlink aligns messages, attributes and headers to four bytes. */
export function align(length: number): number {
  return (length + 3) & ~3
}
