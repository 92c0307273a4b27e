// Changes of a link that is there: attributes of its kind, of the port that it is, and of all links, both ways with ip.
import {
  type KindChanges,
  type Link,
  type LinkChanges,
  type LinkOptions,
  Namespace,
  type PortChanges,
} from 'linux-namespaces'
import { linkData, slaveData } from 'linux-namespaces/netlink'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { type IpLink, ipLink } from '../helpers/ip.js'
import { linkKindCases } from '../helpers/link-kinds.js'

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'far' } })
})
afterEach(() => ns.close())

type Shown = IpLink & Record<string, unknown> & { linkinfo?: { info_slave_data?: Record<string, unknown> } }
const shown = async (name = 'eth0') => (await ipLink(ns, name)) as Shown
const infoOf = async (name: string) => (await shown(name)).linkinfo?.info_data
const ip = (command: string) => ns.execFile('ip', command.split(' '))
// Others have a ttl.
const tunnelChanges: Readonly<Record<string, [change: object, shown: object]>> = {
  vti: [{ okey: 9 }, { okey: '0.0.0.9' }],
  vti6: [{ okey: 9 }, { okey: '0.0.0.9' }],
  xfrm: [{ ifId: 9 }, { if_id: '0x9' }],
}
const tunnels = linkKindCases.filter(([, , { kind }]) => /^(gre|ip6gre|erspan|ipip|sit|ip6tnl|vti|xfrm)/.test(kind))
const invalid = { code: 'ERR_INVALID_ARG_VALUE' }

describe("attributes of a link's kind", () => {
  test('of a bridge, beside a common one', async () => {
    const bridge = await ns.links.create({ kind: 'bridge', name: 'br0' })
    expect(await bridge.set({ kind: 'bridge', ageingTime: 1000, stpState: 1, mtu: 1400 })).toBe(bridge)
    expect(linkData(bridge.message, 'bridge')).toMatchObject({ ageingTime: 1000, stpState: 1 })
    expect(bridge.mtu).toBe(1400)
    expect(await infoOf('br0')).toMatchObject({ ageing_time: 1000, stp_state: 1 })
    await ip('link set br0 type bridge ageing_time 2000 group_fwd_mask 8')
    expect(linkData((await bridge.refresh()).message, 'bridge')).toMatchObject({ ageingTime: 2000, groupFwdMask: 8 })
  })

  test('of a vxlan, those that are not given stay, and a link is named in any way', async () => {
    const vxlan = await ns.links.create({ kind: 'vxlan', name: 'vx', id: 7, remote: '10.0.0.2', ageing: 50, up: false })
    await vxlan.set({ kind: 'vxlan', ageing: 300, learning: 0 })
    expect(await infoOf('vx')).toMatchObject({ id: 7, remote: '10.0.0.2', ageing: 300, learning: false })
    for (const dev of ['eth0', link, link.index]) {
      await vxlan.set({ kind: 'vxlan', dev })
      expect(await infoOf('vx')).toMatchObject({ link: 'eth0', id: 7, ageing: 300 })
    }
    // Without a name here, an attribute is a number and bytes: IFLA_VXLAN_AGEING.
    await vxlan.set({ kind: 'vxlan', unknown: [{ type: 8, data: Uint8Array.of(77, 0, 0, 0) }] })
    expect(await infoOf('vx')).toMatchObject({ ageing: 77, id: 7 })
    const same = await ns.links.create({
      kind: 'vxlan',
      name: 'raw',
      id: 8,
      unknown: [{ type: 8, data: Uint8Array.of(78, 0, 0, 0) }],
    })
    expect(linkData(same.message, 'vxlan')).toMatchObject({ id: 8, ageing: 78 })
    expect(await infoOf('raw')).toMatchObject({ id: 8, ageing: 78 })
  })

  test('of a macvlan', async () => {
    const upper = await ns.links.create({ kind: 'macvlan', name: 'mv', link, mode: 'private' })
    await upper.set({ kind: 'macvlan', mode: 'vepa' })
    expect(await infoOf('mv')).toMatchObject({ mode: 'vepa' })
    await ip('link set mv type macvlan mode private')
    expect(linkData((await upper.refresh()).message, 'macvlan')).toMatchObject({ mode: 'private' })
    // Linux 5.12.
    if (linkData(upper.message, 'macvlan')?.bcQueueLen === undefined) return
    await upper.set({ kind: 'macvlan', bcQueueLen: 77 })
    expect(await infoOf('mv')).toMatchObject({ mode: 'private', bcqueuelen: 77 })
  })

  test('of a bond, where a link can be none', async () => {
    const made = ns.links.create({ kind: 'bond', name: 'bond0', mode: 'activeBackup', miimon: 100 })
    const bond = await made.catch((error: Error) => error)
    if (bond instanceof Error) {
      expect(bond.message).toContain('CONFIG_BONDING')
      return
    }
    await link.set({ up: false, master: bond })
    await bond.set({ kind: 'bond', primary: link, miimon: 200 })
    expect(await infoOf('bond0')).toMatchObject({ primary: 'eth0', miimon: 200 })
    await bond.set({ kind: 'bond', primary: null })
    expect((await infoOf('bond0'))?.primary).toBe(undefined)
    await link.set({ port: { kind: 'bond', queueId: 3 } })
    expect((await shown()).linkinfo?.info_slave_data).toMatchObject({ queue_id: 3 })
  })

  test.each(tunnels)('of a tunnel of kind %s, of which those that are not given stay', async (_, option, options) => {
    await ns.links.create({ kind: 'veth', name: 'base', peer: { name: 'other' } })
    const made = ns.links.create({ ...options, name: 'made', up: false } as LinkOptions)
    const tunnel = await made.catch((error: Error) => error)
    if (tunnel instanceof Error) {
      expect(tunnel.message).toContain(option)
      return
    }
    const before = await infoOf('made')
    const [change, shows] = tunnelChanges[options.kind] ?? [{ ttl: 33 }, { ttl: 33 }]
    await tunnel.set({ kind: options.kind, ...change } as KindChanges<'gre'>)
    expect(await infoOf('made')).toEqual({ ...before, ...shows })
  })

  test('of another kind, unknown ones and ones without a kind are refused', async () => {
    const other = await failure(link.set({ kind: 'bridge', ageingTime: 1000 }))
    expect(other).toMatchObject({ code: 'EOPNOTSUPP', request: 'RTM_NEWLINK' })
    expect(other.message).toMatch(/link 'eth0' in .*It is no link of kind 'bridge'/)
    const vxlan = await ns.links.create({ kind: 'vxlan', name: 'vx', id: 7 })
    expect(await failure(vxlan.set({ kind: 'vxlan', id: 2 ** 24 }))).toMatchObject({
      code: 'ERANGE',
      attribute: 'linkinfo.data.id',
    })
    await expect(link.set({ ageing: 5 } as LinkChanges)).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining('changes.ageing'),
    })
    await expect(link.set({ txQueues: 5 } as LinkChanges)).rejects.toMatchObject(invalid)
    await expect(vxlan.set({ kind: 'vxlan', colour: 5 } as never)).rejects.toThrow('linkinfo.data.colour')
    await expect(vxlan.set({ kind: 'vxlan', dev: {} } as never)).rejects.toMatchObject(invalid)
    await expect(vxlan.set({ kind: 7 } as never)).rejects.toMatchObject(invalid)
    await expect(vxlan.set({ kind: 'vxlan', dev: 'none', master: {} } as never)).rejects.toMatchObject(invalid)
    await expect(link.set({ kind: 'nothing', ageing: 5 } as never)).rejects.toMatchObject(invalid)
    await expect(link.set({ kind: 'nothing', data: Uint8Array.of() })).rejects.toMatchObject({ code: 'EOPNOTSUPP' })
  })
})

describe('attributes of a port', () => {
  test('of a bridge, given with the master or later, and by ip', async () => {
    const bridge = await ns.links.create({ kind: 'bridge', name: 'br0' })
    // Not the link's other end: with both in one bridge, packets would go round and round.
    await ns.links.create({ kind: 'veth', name: 'spare', master: bridge, peer: { name: 'beyond' } })
    await link.set({ master: bridge, port: { kind: 'bridge', isolated: 1, cost: 7, backupPort: 'spare' } })
    const slave = async () => (await shown()).linkinfo?.info_slave_data
    expect(await slave()).toMatchObject({ isolated: true, cost: 7, backup_port: 'spare' })
    await link.set({ port: { kind: 'bridge', isolated: 0, learning: 0, backupPort: null } })
    expect(slaveData(link.message, 'bridge')).toMatchObject({ isolated: 0, learning: 0, cost: 7 })
    expect(await slave()).toMatchObject({ isolated: false, learning: false, cost: 7 })
    expect((await slave())?.backup_port).toBe(undefined)
    await ip('link set eth0 type bridge_slave cost 9 guard on')
    expect(slaveData((await link.refresh()).message, 'bridge')).toMatchObject({ cost: 9, guard: 1 })
  })

  test('of another master than it has is refused, and so is what no port can have', async () => {
    const port: PortChanges = { kind: 'bridge', learning: 0 }
    await expect(link.set({ port })).rejects.toThrow('it is a port of nothing')
    const bridge = await ns.links.create({ kind: 'bridge', name: 'br0' })
    await expect(link.set({ master: bridge, port: { kind: 'bond', queueId: 1 } })).rejects.toThrow('a port of bridge')
    await expect(link.set({ port: { kind: 'bridge', cost: 70_000 } })).rejects.toMatchObject({ code: 'ERANGE' })
    for (const wrong of [
      null,
      7,
      {},
      { kind: 'veth' },
      { kind: 'bridge', colour: 1 },
      { kind: 'bridge', backupPort: {} },
    ])
      await expect(link.set({ port: wrong as never })).rejects.toMatchObject(invalid)
  })
})
