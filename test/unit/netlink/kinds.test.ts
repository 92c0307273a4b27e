import { describe, expect, test } from 'vitest'
import { Writer } from '../../../lib/netlink/codec/index.js'
import { type LinkRequest, linkData, linkMessage, slaveData } from '../../../lib/netlink/messages/index.js'
import type { linkKinds } from '../../../lib/netlink/messages/kinds/index.js'

type Info = NonNullable<LinkRequest['linkinfo']>

function encode(linkinfo: Info): Uint8Array {
  const writer = new Writer()
  linkMessage.encode(writer, { linkinfo })
  return writer.bytes().slice()
}

function decode(bytes: Uint8Array) {
  return linkMessage.decode(bytes, 0, bytes.length)
}

/** The bytes of IFLA_INFO_DATA: after struct ifinfomsg and the headers of IFLA_LINKINFO, IFLA_INFO_KIND and itself. */
function dataBytes(kind: keyof typeof linkKinds, data: unknown): number[] {
  const bytes = encode({ kind, data: data as Info['data'] })
  const kindLength = 4 + kind.length + 1
  return [...bytes.subarray(16 + 4 + ((kindLength + 3) & ~3) + 4)]
}

describe('the bytes of a kind', () => {
  test.each<[keyof typeof linkKinds, object, number[]]>([
    ['vlan', { id: 5, protocol: '802.1ad' }, [6, 0, 1, 0, 5, 0, 0, 0, 6, 0, 5, 0, 0x88, 0xa8, 0, 0]],
    ['gre', { ikey: 1, iflags: ['key'] }, [8, 0, 4, 0, 0, 0, 0, 1, 6, 0, 2, 0, 0x20, 0, 0, 0]],
    ['vti6', { okey: 0x0102_0304 }, [8, 0, 3, 0, 1, 2, 3, 4]],
    ['geneve', { port: 6081, collectMetadata: true }, [6, 0, 5, 0, 0x17, 0xc1, 0, 0, 4, 0, 6, 0]],
    ['vxlan', { ttlInherit: true }, [4, 0, 28, 0]],
    ['macsec', { sci: 0x0200_0000_0001_000bn }, [12, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 11]],
    [
      'bond',
      { arpIpTarget: ['10.0.0.1', '10.0.0.2'] },
      [20, 0, 8, 0x80, 8, 0, 0, 0, 10, 0, 0, 1, 8, 0, 1, 0, 10, 0, 0, 2],
    ],
    ['sit', { flags: ['isatap'] }, [6, 0, 8, 0, 1, 0, 0, 0]],
    ['ip6tnl', { flags: ['useOrigTclass'] }, [8, 0, 8, 0, 2, 0, 0, 0]],
    ['ipvlan', { mode: 'l3', flags: ['vepa'] }, [6, 0, 1, 0, 1, 0, 0, 0, 6, 0, 2, 0, 2, 0, 0, 0]],
    ['hsr', { slave1: 3, protocol: 'prp' }, [8, 0, 1, 0, 3, 0, 0, 0, 5, 0, 7, 0, 1, 0, 0, 0]],
  ])('%s', (kind, data, bytes) => {
    expect(dataBytes(kind, data)).toEqual(bytes)
    expect(linkData(decode(encode({ kind, data: data as Info['data'] })), kind)).toEqual(data)
  })

  test('kinds that have nothing to be told keep what they are told all the same', () => {
    const data = { unknown: [{ type: 7, data: Uint8Array.of(1) }] }
    for (const kind of ['dummy', 'ifb', 'nlmon', 'team', 'vcan', 'wireguard'] as const)
      expect(linkData(decode(encode({ kind, data })), kind)).toEqual(data)
  })

  test('a vxlan tells its inherited ttl as a byte', () => {
    const bytes = encode({ kind: 'vxlan', data: { unknown: [{ type: 28, data: Uint8Array.of(1) }] } })
    expect(linkData(decode(bytes), 'vxlan')).toEqual({ ttlInherit: true })
    bytes[bytes.length - 4] = 0
    expect(linkData(decode(bytes), 'vxlan')).toEqual({ ttlInherit: false })
  })
})

test('ports of bonds and VRFs are decoded', () => {
  const bond = { state: 'backup', miiStatus: 'up', adActorOperPortState: ['aggregation'], prio: -5 } as const
  expect(slaveData(decode(encode({ slaveKind: 'bond', slaveData: bond })), 'bond')).toEqual(bond)
  expect(slaveData(decode(encode({ slaveKind: 'vrf', slaveData: { table: 10 } })), 'vrf')).toEqual({ table: 10 })
})

describe('what does not fit is refused, and its place named', () => {
  test.each<[keyof typeof linkKinds, object, string]>([
    ['vxlan', { remote: 'fd00::1' }, "linkinfo.data.remote: must be an IPv4 address, got 'fd00::1'"],
    ['vxlan', { remote6: '10.0.0.1' }, "linkinfo.data.remote6: must be an IPv6 address, got '10.0.0.1'"],
    ['gre', { local: 'nowhere' }, "linkinfo.data.local: must be an IP address, got 'nowhere'"],
    ['ip6gre', { local: 7 }, 'linkinfo.data.local: must be an IP address, got 7'],
    ['bond', { arpIpTarget: ['10.0.0.1', 'fd00::1'] }, 'linkinfo.data.arpIpTarget.1: must be an IPv4 address'],
    ['bond', { arpIpTarget: '10.0.0.1' }, 'linkinfo.data.arpIpTarget: must be an array'],
    ['macsec', { sci: 5 }, 'linkinfo.data.sci: must be a bigint'],
    ['vlan', { protocol: '802.1q' }, 'linkinfo.data.protocol: must be one of 802.1Q, 802.1ad, or a number'],
    ['dummy', { id: 5 }, 'linkinfo.data.id: is not an attribute here'],
  ])('%s %o', (kind, data, message) => {
    expect(() => encode({ kind, data: data as Info['data'] })).toThrow(message)
  })
})

test('an offset into a list of a bond points to its element', () => {
  const bytes = encode({ kind: 'bond', data: { arpIpTarget: ['10.0.0.1', '10.0.0.2'] } })
  const message = new Uint8Array(16 + bytes.length)
  message.set(bytes, 16)
  const place = (offset: number) => linkMessage.pathAt(message, 16, message.length, offset)
  expect(place(message.length - 8)).toBe('linkinfo.data.arpIpTarget.1')
  expect(place(message.length - 16)).toBe('linkinfo.data.arpIpTarget.0')
})
