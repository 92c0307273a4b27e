import { readBe16 } from '../netlink/codec/bytes.js'

const headerSize = 8

/** ICMP types of echoes, of IPv4 and IPv6. */
const types = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const

/** Who asks, and which time. */
export interface Echo {
  id: number
  sequence: number
}

function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** Encodes a request with `size` bytes behind its header. The checksum of ICMPv6 is the kernel's matter. */
export function echoRequest(family: 4 | 6, { id, sequence }: Echo, size: number): Uint8Array {
  const bytes = new Uint8Array(headerSize + size).map((_, i) => i & 0xff)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, types[family].request << 24)
  view.setUint16(4, id)
  view.setUint16(6, sequence)
  if (family === 4) view.setUint16(2, checksum(bytes))
  return bytes
}

/** What follows the IPv4 header, which a raw socket of IPv4 gives with the packet. */
export function afterHeader(packet: Uint8Array): Uint8Array {
  return packet.subarray(((packet[0] ?? 0) & 0xf) * 4)
}

/** Whose message it is when it is an echo's: its reply, or, as an error brings it back, its request. */
export function echoIn(family: 4 | 6, kind: 'request' | 'reply', message: Uint8Array): Echo | undefined {
  if (message.length < headerSize || message[0] !== types[family][kind]) return undefined
  return { id: readBe16(message, 4), sequence: readBe16(message, 6) }
}
