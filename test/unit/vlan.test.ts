import { describe, expect, test } from 'vitest'
import { boundsOf, type VlanRange, vlanInfo, vlansOf, vlanTunnelInfo } from '../../lib/bridge/vlan.js'
import { Writer } from '../../lib/netlink/codec/index.js'
import { type BridgeLinkRequest, bridgeLinkMessage } from '../../lib/netlink/messages/index.js'

function encode(value: BridgeLinkRequest): Uint8Array {
  const writer = new Writer()
  bridgeLinkMessage.encode(writer, value)
  return writer.bytes().slice()
}

/** What goes out as it would come back from the kernel. */
function there(afSpec: NonNullable<BridgeLinkRequest['afSpec']>, master = 7) {
  const bytes = encode({ family: 'bridge', index: 9, master, afSpec })
  return vlansOf(bridgeLinkMessage.decode(bytes, 0, bytes.length))
}

describe('VLANs', () => {
  test.each<[VlanRange | readonly VlanRange[], { from: number; to: number }[]]>([
    [10, [{ from: 10, to: 10 }]],
    ['10', [{ from: 10, to: 10 }]],
    ['10-20', [{ from: 10, to: 20 }]],
    [{ from: 1, to: 4094 }, [{ from: 1, to: 4094 }]],
    [
      ['1-2', 7],
      [
        { from: 1, to: 2 },
        { from: 7, to: 7 },
      ],
    ],
  ])('%o', (id, bounds) => {
    expect(boundsOf(id)).toEqual(bounds)
  })

  test.each<[string, unknown]>([
    ['none', []],
    ['0', 0],
    ['4095', 4095],
    ['half a one', 1.5],
    ['no number', 'ten'],
    ['the last before the first', '20-10'],
    ['only a first', '10-'],
    ['a list as text', '10,20'],
    ['out of range at the end', '10-4095'],
    ['an end that is text', { from: 1, to: '2' }],
    ['no end', { from: 1 }],
    ['null', null],
    ['another option', { from: 1, to: 2, step: 1 }],
  ])('%s is refused', (_, id) => {
    expect(() => boundsOf(id as VlanRange)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }))
  })

  test('go out in one attribute each, and ranges in two, as the kernel reads them', () => {
    const afSpec = { flags: ['master'], vlanInfo: vlanInfo(boundsOf([5, '10-20']), ['untagged']) } as const
    // After struct ifinfomsg: IFLA_AF_SPEC, IFLA_BRIDGE_FLAGS, three IFLA_BRIDGE_VLAN_INFO of flags and number.
    expect([...encode({ family: 'bridge', index: 9, afSpec }).subarray(16)]).toEqual([
      ...[36, 0, 26, 0x80, 6, 0, 0, 0, 1, 0, 0, 0],
      ...[8, 0, 2, 0, 0x04, 0, 5, 0, 8, 0, 2, 0, 0x0c, 0, 10, 0, 8, 0, 2, 0, 0x14, 0, 20, 0],
    ])
  })

  test('come back one by one', () => {
    expect(
      there({ vlanInfo: [...vlanInfo(boundsOf(1), ['pvid', 'untagged']), ...vlanInfo(boundsOf('3-5'), [])] }),
    ).toEqual([
      { link: 9, id: 1, pvid: true, untagged: true, self: false },
      { link: 9, id: 3, pvid: false, untagged: false, self: false },
      { link: 9, id: 4, pvid: false, untagged: false, self: false },
      { link: 9, id: 5, pvid: false, untagged: false, self: false },
    ])
    expect(there({ vlanInfo: vlanInfo(boundsOf(1), []) }, 9)).toMatchObject([{ self: true }])
    expect(there({})).toEqual([])
  })

  test('have tunnels as far apart as they are', () => {
    const ranges = boundsOf(['3-5', 9])
    const vlans = there({ vlanInfo: vlanInfo(ranges, []), vlanTunnelInfo: vlanTunnelInfo(ranges, 1000) })
    expect(vlans.map(({ id, tunnelId }) => [id, tunnelId])).toEqual([
      [3, 1000],
      [4, 1001],
      [5, 1002],
      [9, 1006],
    ])
    for (const wrong of [0xffffff, -1, 1.5, '5' as never])
      expect(() => vlanTunnelInfo(ranges, wrong)).toThrow("'tunnelId'")
  })
})
