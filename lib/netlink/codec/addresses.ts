import { explainIp } from './cidr.js'
import { type Codec, type FixedCodec, fixed } from './codec.js'
import { invalidValue, NetlinkEncodeError } from './errors.js'
import { formatIp, writeIp } from './ip.js'
import { formatMac, parseHardwareAddress, parseMac } from './mac.js'

const scratch = new Uint8Array(16)

/** An IPv4 or IPv6 address (4 or 16 bytes in network order) as text. */
export const ip: Codec<string> = {
  shape: { kind: 'ip' },
  read: (bytes, start, end) => {
    const length = end - start
    return length === 4 || length === 16 ? formatIp(bytes, start, length) : undefined
  },
  write: (writer, type, value) => {
    if (typeof value !== 'string') throw invalidValue('an IP address', value)
    const length = writeIp(value, scratch, 0)
    if (length === 0) throw invalidIp(value)
    const offset = writer.attribute(type, length)
    const raw = writer.raw
    for (let index = 0; index < length; index++) raw[offset + index] = scratch[index] as number
  },
}

/**
 * An address of one family as text. Where the kernel checks only that an attribute is long enough, it would take the first
 * four bytes of an IPv6 address for an IPv4 one.
 */
function ipOf(kind: 'ipv4' | 'ipv6', size: 4 | 16, expected: string): Codec<string> {
  return {
    shape: { kind },
    read: (bytes, start, end) => (end - start === size ? formatIp(bytes, start, size) : undefined),
    write: (writer, type, value, siblings) => {
      if (typeof value === 'string') {
        const length = writeIp(value, scratch, 0)
        if (length !== 0 && length !== size) throw invalidValue(expected, value)
      }
      ip.write(writer, type, value, siblings)
    },
  }
}

/** An IPv4 address as text. */
export const ipv4 = ipOf('ipv4', 4, 'an IPv4 address')

/** An IPv6 address as text. */
export const ipv6 = ipOf('ipv6', 16, 'an IPv6 address')

/** Refuses text that is not an IP address, and says why. */
export function invalidIp(value: string): NetlinkEncodeError {
  return new NetlinkEncodeError('ERR_INVALID_ARG_VALUE', `must be an IP address, got '${value}': ${explainIp(value)}`)
}

/** A link-layer address as text: six octets for Ethernet, 4 on an IPv4 tunnel, 20 on InfiniBand. */
export const mac: Codec<string> = {
  shape: { kind: 'mac', size: undefined },
  read: (bytes, start, end) => (end > start ? formatMac(bytes, start, end - start) : undefined),
  write: (writer, type, value) => {
    const address = typeof value === 'string' ? parseHardwareAddress(value) : undefined
    if (address === undefined) throw invalidValue(`a link-layer address such as '02:00:00:00:00:01'`, value)
    writer.copy(writer.attribute(type, address.length), address)
  },
}

/** An Ethernet address as a field of a struct. */
export const etherAddress: FixedCodec<string> = fixed(
  6,
  { kind: 'mac', size: 6 },
  (bytes, offset) => formatMac(bytes, offset),
  (writer, offset, value: string) => {
    const address = typeof value === 'string' ? parseMac(value) : undefined
    if (address === undefined) throw invalidValue(`an Ethernet address such as '02:00:00:00:00:01'`, value)
    writer.copy(offset, address)
  },
)
