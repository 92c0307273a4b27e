// Tests that need /dev/net/tun, and packets as they pass it.
import { accessSync, constants } from 'node:fs'
import { Namespace, TunTap } from 'linux-namespaces'
import { expect, test } from 'vitest'

/** Why this user cannot use /dev/net/tun; undefined where they can. */
const refusal = ((): string | undefined => {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
})()

/** A test of tun and tap links; of the refusal and its words, for a user who may not make them. */
export function tunTest(name: string, body: () => Promise<void>): void {
  test(name, refusal === undefined ? body : expectRefusal)
}

async function expectRefusal(): Promise<void> {
  const ns = await Namespace.create()
  for (const make of [
    () => TunTap.create({ namespace: ns, mode: 'tun' }),
    () => ns.links.create({ kind: 'tun', mode: 'tap' }),
  ]) {
    await expect(make()).rejects.toMatchObject({
      code: refusal,
      syscall: 'openat',
      path: '/dev/net/tun',
      message: expect.stringMatching(/chmod 666|modprobe tun/),
    })
  }
  expect(await ns.links.list()).toHaveLength(1)
  ns.close()
}

/** The Internet checksum: 0 over what has a right one in it. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}

/** Whether it is an IPv4 packet with an ICMP echo request. */
export function isPing(packet: Buffer): boolean {
  return packet.length >= 28 && packet.readUInt8(0) === 0x45 && packet.readUInt8(9) === 1 && packet.readUInt8(20) === 8
}

/** What a host answers to such a request. */
export function pong(packet: Buffer): Buffer {
  const answer = Buffer.from(packet)
  packet.copy(answer, 12, 16, 20)
  packet.copy(answer, 16, 12, 16)
  answer.writeUInt8(0, 20)
  answer.writeUInt16BE(0, 22)
  answer.writeUInt16BE(checksum(answer.subarray(20)), 22)
  return answer
}

/** An ICMP echo request. */
export function ping(from: string, to: string): Buffer {
  const packet = Buffer.alloc(20 + 16)
  packet.set([0x45, 0, 0, packet.length, 0, 1, 0, 0, 64, 1, 0, 0, ...octets(from), ...octets(to), 8])
  packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10)
  packet.writeUInt16BE(checksum(packet.subarray(20)), 22)
  return packet
}

/** `'10.0.0.1'` as bytes. */
export const octets = (address: string): number[] => address.split('.').map(Number)
