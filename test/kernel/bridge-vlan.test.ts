// On a kernel whose bridges filter VLANs this is about them; on one whose bridges do not, about what it says instead.
import { Bridge, Namespace, NetlinkError, type Namespace as Ns, type Vlan } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filteringBridge, quiet, bridge as run, shown } from '../helpers/bridge.js'
import { failure } from '../helpers/child.js'

interface ShownVlans {
  ifname: string
  vlans: { vlan: number; vlanEnd?: number; flags?: string[] }[]
}

let ns: Ns
beforeEach(async () => {
  ns = await Namespace.create(quiet)
})
afterEach(() => ns.close())

const wrong = (value: unknown) => value as never
const lacking = /CONFIG_BRIDGE_VLAN_FILTERING/

/** A test with a bridge `br0` that filters VLANs and its ports `p0` and `q0`; without such bridges, what is said instead. */
function vlanTest(name: string, body: (bridge: Bridge) => Promise<void>): void {
  test(name, async () => {
    const bridge = await filteringBridge({ namespace: ns, name: 'br0' })
    const filters = bridge instanceof Bridge
    const master = filters ? bridge : await Bridge.create({ namespace: ns, name: 'br0' })
    await ns.links.create({ kind: 'veth', name: 'p0', master, peer: { name: 'p1' } })
    await ns.links.create({ kind: 'veth', name: 'q0', master, peer: { name: 'q1' } })
    if (filters) return body(bridge)
    expect(bridge).toBeInstanceOf(NetlinkError)
    expect(bridge).toMatchObject({ code: 'EOPNOTSUPP', message: expect.stringMatching(lacking) })
    const refusal = { code: 'EOPNOTSUPP', message: expect.stringMatching(lacking) }
    await expect(master.vlans.add({ link: 'p0', id: 10 })).rejects.toMatchObject(refusal)
    await expect(master.set({ vlanFiltering: 1 })).rejects.toMatchObject(refusal)
    expect(await master.vlans.list()).toEqual([])
  })
}

/** VLANs in the words of `bridge -j vlan`, one by one. */
async function theirs(): Promise<object[]> {
  return (await shown<ShownVlans>(ns, 'vlan', 'show')).flatMap(({ ifname, vlans }) =>
    vlans.flatMap(({ vlan, vlanEnd = vlan, flags = [] }) =>
      Array.from({ length: vlanEnd - vlan + 1 }, (_, i) => ({ ifname, vlan: vlan + i, flags })),
    ),
  )
}

async function asBridge(vlans: Vlan[]): Promise<object[]> {
  const names = new Map((await ns.links.list()).map(({ index, name }) => [index, name]))
  return vlans.map(({ link, id, pvid, untagged }) => ({
    ifname: names.get(link),
    vlan: id,
    flags: [...(pvid ? ['PVID'] : []), ...(untagged ? ['Egress Untagged'] : [])],
  }))
}

const ids = (vlans: Vlan[]) => vlans.map(({ id }) => id)

vlanTest('VLANs and ranges of ports and of the bridge are what bridge shows', async (bridge) => {
  await bridge.vlans.add({ link: 'p0', id: 10, pvid: true, untagged: true })
  await bridge.vlans.add({ link: 'p0', id: ['20-29', 100, { from: 200, to: 201 }] })
  await bridge.vlans.add({ link: 'q0', id: '20-22', untagged: true })
  await bridge.vlans.add({ id: [10, '20-30'] })
  await ns.vlans.add({ link: 'br0', id: 31, self: true })
  const vlans = await ns.vlans.list()
  expect(await asBridge(vlans)).toEqual(await theirs())
  const p0 = await ns.links.get('p0')
  expect(ids(await bridge.vlans.list({ link: 'p0' }))).toEqual([
    1,
    10,
    ...Array.from({ length: 10 }, (_, i) => 20 + i),
    100,
    200,
    201,
  ])
  expect(vlans).toContainEqual({ link: p0.index, id: 10, pvid: true, untagged: true, self: false })
  expect(vlans).toContainEqual({ link: bridge.index, id: 31, pvid: false, untagged: false, self: true })
})

vlanTest('we show what bridge adds and deletes', async (bridge) => {
  await run(ns, 'vlan add dev p0 vid 5 pvid untagged')
  await run(ns, 'vlan add dev p0 vid 7-9')
  await run(ns, 'vlan add dev br0 vid 8 self')
  await run(ns, 'vlan del dev q0 vid 1')
  const { index } = await ns.links.get('p0')
  expect(await ns.vlans.list()).toEqual([
    { link: bridge.index, id: 1, pvid: true, untagged: true, self: true },
    { link: bridge.index, id: 8, pvid: false, untagged: false, self: true },
    { link: index, id: 1, pvid: false, untagged: true, self: false },
    { link: index, id: 5, pvid: true, untagged: true, self: false },
    { link: index, id: 7, pvid: false, untagged: false, self: false },
    { link: index, id: 8, pvid: false, untagged: false, self: false },
    { link: index, id: 9, pvid: false, untagged: false, self: false },
  ])
})

vlanTest('VLANs are deleted by number, by range, and as listed; those not there are no error', async (bridge) => {
  await bridge.vlans.add({ link: 'p0', id: '10-20' })
  await bridge.vlans.add({ id: '10-20' })
  await bridge.vlans.delete({ link: 'p0', id: ['12-18', 1] })
  expect(ids(await bridge.vlans.list({ link: 'p0' }))).toEqual([10, 11, 19, 20])
  expect(ids(await bridge.vlans.list({ id: '18-30' }))).toEqual([18, 19, 20, 19, 20])
  for (const vlan of await bridge.vlans.list({ id: 19 })) await bridge.vlans.delete(vlan)
  for (const vlan of await ns.vlans.list({ id: 20 })) await ns.vlans.delete(vlan)
  expect(ids(await bridge.vlans.list({ id: '19-20' }))).toEqual([])
  await bridge.vlans.delete({ link: 'p0', id: '1-4094' })
  expect(await bridge.vlans.list({ link: 'p0' })).toEqual([])
  await expect(ns.vlans.delete({ link: 'nobody', id: 1 })).rejects.toMatchObject({ code: 'ENODEV' })
})

vlanTest('all VLANs, and every second one, fit into one request', async (bridge) => {
  await bridge.vlans.add({ link: 'p0', id: '1-4094' })
  expect(await bridge.vlans.list({ link: 'p0' })).toHaveLength(4094)
  const odd = Array.from({ length: 2047 }, (_, i) => 2 * i + 1)
  await bridge.vlans.delete({ link: 'p0', id: odd })
  expect(ids(await bridge.vlans.list({ link: 'p0' }))).toEqual(odd.map((id) => id + 1))
})

vlanTest('VLANs have tunnels where the port has them', async (bridge) => {
  await expect(bridge.vlans.add({ link: 'p0', id: 300, tunnelId: 1300 })).rejects.toMatchObject({ code: 'EINVAL' })
  await bridge.setPort('p0', { vlanTunnel: true })
  await bridge.vlans.add({ link: 'p0', id: ['20-25', 300], tunnelId: 1020 })
  expect(await shown(ns, 'vlan', 'tunnelshow')).toEqual([
    {
      ifname: 'p0',
      tunnels: [
        { vlan: 20, vlanEnd: 25, tunid: 1020, tunidEnd: 1025 },
        { vlan: 300, tunid: 1300 },
      ],
    },
  ])
  const tunnels = (await bridge.vlans.list({ link: 'p0' })).map(({ id, tunnelId }) => [id, tunnelId])
  expect(tunnels).toEqual([[1, undefined], ...[20, 21, 22, 23, 24, 25].map((id) => [id, 1000 + id]), [300, 1300]])
})

vlanTest('forwarding entries and multicast groups are of a VLAN', async (bridge) => {
  const mac = '02:00:00:00:00:09'
  await bridge.vlans.add({ link: 'p0', id: '20-21' })
  for (const vlan of [20, 21]) await bridge.fdb.add({ mac, link: 'p0', vlan })
  await expect(bridge.fdb.add({ mac, link: 'p0', vlan: 999 })).rejects.toMatchObject({ code: 'EINVAL' })
  expect(await bridge.fdb.get(mac, { vlan: 21 })).toMatchObject({ vlan: 21, state: 'static' })
  expect((await bridge.fdb.list({ mac, vlan: 20 })).map(({ vlan }) => vlan)).toEqual([20])
  const fdb = await shown<{ mac: string; vlan?: number }>(ns, 'fdb', 'show', 'br', 'br0')
  expect(fdb.filter((entry) => entry.mac === mac).map(({ vlan }) => vlan)).toEqual(expect.arrayContaining([20, 21]))
  await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', vlan: 20, state: 'permanent' })
  await bridge.mdb.add({ group: '239.1.1.2', link: 'p0', state: 'permanent' })
  const groups = (await bridge.mdb.list({ link: 'p0' })).map(({ group, vlan }) => `${group} ${vlan}`).sort()
  expect(groups).toEqual(['239.1.1.1 20', '239.1.1.2 1', '239.1.1.2 20', '239.1.1.2 21'])
  await bridge.mdb.flush({ vlan: 20 })
  await bridge.fdb.flush({ vlan: 20 })
  expect((await bridge.mdb.list({ link: 'p0' })).map(({ vlan }) => vlan).sort()).toEqual([1, 21])
  expect((await bridge.fdb.list({ mac })).map(({ vlan }) => vlan)).toEqual([21])
})

test('what is no port has no VLANs', async () => {
  await ns.links.create({ kind: 'veth', name: 'p0', peer: { name: 'p1' } })
  const refusal = { code: 'EOPNOTSUPP', message: expect.stringContaining('must be the port of a bridge') }
  await expect(ns.vlans.add({ link: 'p0', id: 5 })).rejects.toMatchObject(refusal)
  await expect(ns.vlans.delete({ link: 'p0', id: 5 })).rejects.toMatchObject(refusal)
  expect(await ns.vlans.list()).toEqual([])
})

describe('what could be no VLAN is refused before the kernel is asked', () => {
  test.each<[string, () => Promise<unknown>, string, string?]>([
    ['null', () => ns.vlans.add(wrong(null)), "'vlan'"],
    ['no number', () => ns.vlans.add(wrong({ link: 'lo' })), "'id'"],
    ['VLAN 0', () => ns.vlans.add({ link: 'lo', id: 0 }), "'id'", 'ERR_OUT_OF_RANGE'],
    ['a range of untagged ones', () => ns.vlans.add({ link: 'lo', id: '1-2', pvid: true }), "'pvid'"],
    ['a pvid that is a number', () => ns.vlans.add({ link: 'lo', id: 1, pvid: wrong(1) }), "'pvid'"],
    ['a self that is a name', () => ns.vlans.delete({ link: 'lo', id: 1, self: wrong('br0') }), "'self'"],
    [
      'a tunnel of 25 bits',
      () => ns.vlans.add({ link: 'lo', id: 1, tunnelId: 1 << 24 }),
      "'tunnelId'",
      'ERR_OUT_OF_RANGE',
    ],
    ['an option that nobody knows', () => ns.vlans.add(wrong({ link: 'lo', vid: 1 })), "'vlan.vid'"],
    ['one of a filter', () => ns.vlans.list(wrong({ vid: 1 })), "'filter.vid'"],
    ['a filter that is null', () => ns.vlans.list(wrong(null)), "'filter'"],
  ])('%s', async (_, call, words, code = 'ERR_INVALID_ARG_VALUE') => {
    const error = await failure(call())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(words)
  })
})
