import { Bridge, type BridgePortChanges, type Link, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { quiet, bridge as run, shown } from '../helpers/bridge.js'
import { failure } from '../helpers/child.js'
import { ip, ipLink } from '../helpers/ip.js'

let ns: Namespace
let bridge: Bridge
let p0: Link
beforeEach(async () => {
  ns = await Namespace.create(quiet)
  bridge = await Bridge.create({ namespace: ns, name: 'br0' })
  p0 = await ns.links.create({ kind: 'veth', name: 'p0', master: bridge, peer: { name: 'p1' } })
  await ns.links.create({ kind: 'veth', name: 'q0', master: bridge, peer: { name: 'q1' } })
})
afterEach(() => ns.close())

const wrong = (value: unknown) => value as never

interface Shown extends Record<string, unknown> {
  ifname: string
}

// What `ip` and `bridge` call the options of a port.
const words: Record<string, string> = {
  rootBlock: 'root_block',
  fastLeave: 'fastleave',
  mcastFlood: 'mcast_flood',
  bcastFlood: 'bcast_flood',
  mcastToUnicast: 'mcast_to_unicast',
  mcastRouter: 'multicast_router',
  neighSuppress: 'neigh_suppress',
  vlanTunnel: 'vlan_tunnel',
  proxyArp: 'proxy_arp',
  proxyArpWifi: 'proxy_arp_wifi',
}

async function theirs(name: string): Promise<Record<string, unknown>> {
  const [link] = await ip<{ linkinfo: { info_slave_data: Record<string, unknown> } }>(ns, ['-d', 'link', 'show', name])
  return link?.linkinfo.info_slave_data ?? {}
}

const switches = [
  'hairpin',
  'guard',
  'rootBlock',
  'fastLeave',
  'learning',
  'flood',
  'mcastFlood',
  'bcastFlood',
  'mcastToUnicast',
  'proxyArp',
  'proxyArpWifi',
  'neighSuppress',
  'vlanTunnel',
  'isolated',
] as const

test.each(switches)('%s of a port is switched on and off, as ip shows', async (name) => {
  const before = p0.port?.[name] as boolean
  for (const value of [!before, before]) {
    const port = await bridge.setPort(p0, { [name]: value })
    expect(port).toBe(p0)
    expect(p0.port?.[name]).toBe(value)
    expect((await theirs('p0'))[words[name] ?? name]).toBe(value)
  }
  expect((await ns.links.get('q0')).port?.[name]).toBe(before)
})

test('numbers and several options of a port are set together', async () => {
  const changes = { cost: 77, priority: 5, mcastRouter: 2, groupFwdMask: 0x4000, isolated: true, learning: false }
  const { port } = await bridge.setPort('p0', changes)
  expect(port).toMatchObject({ ...changes, bridge: bridge.index, state: 'forwarding' })
  expect(await theirs('p0')).toMatchObject({
    cost: 77,
    priority: 5,
    multicast_router: 2,
    group_fwd_mask: '0x4000',
    isolated: true,
    learning: false,
  })
})

test('options that this kernel knows are set, and newer ones absent', async () => {
  const before = p0.port ?? {}
  const changes = { locked: true, mab: true, mcastMaxGroups: 7, mcastEhtHostsLimit: 99, neighVlanSuppress: true }
  const { port } = await bridge.setPort('p0', changes)
  expect(port).toMatchObject(Object.fromEntries(Object.entries(changes).filter(([name]) => name in before)))
  expect(Object.keys(port ?? {})).toEqual(Object.keys(before))
})

test('we show what bridge sets, and an own port has none of it', async () => {
  await run(ns, 'link set dev p0 cost 12 priority 9 hairpin on guard on learning off flood off isolated on')
  expect((await p0.refresh()).port).toMatchObject({
    cost: 12,
    priority: 9,
    hairpin: true,
    guard: true,
    learning: false,
    flood: false,
    isolated: true,
    mcastFlood: true,
  })
  expect((await ns.links.get('p1')).port).toBeUndefined()
  expect(bridge.port).toBeUndefined()
})

test.each(['disabled', 'listening', 'learning', 'forwarding'] as const)('a port is set %s', async (state) => {
  const { port } = await bridge.setPort('p0', { state })
  expect(port?.state).toBe(state)
  expect((await shown<Shown>(ns, 'link', 'show', 'dev', 'p0'))[0]?.state).toBe(state)
})

test('a backup port is named, shown and let go of', async () => {
  await bridge.setPort('p0', { backupPort: 'q0' })
  expect((await theirs('p0')).backup_port).toBe('q0')
  expect((await p0.refresh()).port?.backupPort).toBe((await ns.links.get('q0')).index)
  await bridge.setPort(p0, { backupPort: null })
  expect((await theirs('p0')).backup_port).toBeUndefined()
  expect(p0.port?.backupPort).toBeUndefined()
})

test('the ports of a bridge are its own', async () => {
  const other = await Bridge.create({ namespace: ns, name: 'br1' })
  await ns.links.create({ kind: 'veth', name: 'r0', master: other, peer: { name: 'r1' } })
  expect((await bridge.ports()).map(({ name, port }) => [name, port?.bridge])).toEqual([
    ['p0', bridge.index],
    ['q0', bridge.index],
  ])
  expect((await other.ports()).map(({ name }) => name)).toEqual(['r0'])
  const error = await failure(other.setPort('p0', { cost: 5 }))
  expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  expect(error.message).toContain("no port of bridge 'br1'")
  await bridge.detach(p0)
  expect(p0.port).toBeUndefined()
  await other.attach(p0)
  expect(p0.port?.bridge).toBe(other.index)
})

test('options of a bridge are changed afterwards, together with those of any link', async () => {
  const changes = { stpState: 1, forwardDelay: 400, helloTime: 100, maxAge: 600, ageingTime: 12_000, priority: 4096 }
  expect(await bridge.set({ ...changes, mcastSnooping: 0, mtu: 1400, promisc: true })).toBe(bridge)
  expect(bridge.options).toMatchObject({ ...changes, mcastSnooping: 0 })
  expect([bridge.mtu, bridge.flags.includes('promisc')]).toEqual([1400, true])
  expect((await ipLink(ns, 'br0')).linkinfo?.info_data).toMatchObject({
    stp_state: 1,
    forward_delay: 400,
    hello_time: 100,
    max_age: 600,
    ageing_time: 12_000,
    priority: 4096,
    mcast_snooping: 0,
  })
  await ns.execFile('ip', 'link set br0 type bridge stp_state 0 ageing_time 100'.split(' '))
  expect((await bridge.refresh()).options).toMatchObject({ stpState: 0, ageingTime: 100 })
  await bridge.down()
  expect(bridge.isUp).toBe(false)
})

test('with the spanning tree of the kernel the state of a port is its own', async () => {
  await bridge.set({ stpState: 1, forwardDelay: 200 })
  await expect(bridge.setPort('p0', { state: 'disabled' })).rejects.toMatchObject({
    code: 'EBUSY',
    name: 'NetlinkError',
  })
  expect(['listening', 'learning', 'forwarding']).toContain((await p0.refresh()).port?.state)
})

test('a bridge that is there is found by its name, its other name and its index', async () => {
  await ns.execFile('ip', 'link add br9 type bridge stp_state 1'.split(' '))
  const found = await Bridge.get(ns, 'br9')
  expect(found).toBeInstanceOf(Bridge)
  expect(found.options.stpState).toBe(1)
  await found.addAltName('switch-of-the-lab')
  expect((await Bridge.get(ns, 'switch-of-the-lab')).index).toBe(found.index)
  expect((await Bridge.get(ns, found.index)).name).toBe('br9')
  await expect(Bridge.get(ns, 'nobody')).rejects.toMatchObject({ code: 'ENODEV' })
  await expect(Bridge.get(ns, 'lo')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  await expect(Bridge.get(wrong({}), 'br9')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
})

test('what is called off before it begins changes nothing', async () => {
  const limits = { signal: AbortSignal.abort(new Error('enough')) }
  const mac = '02:00:00:00:00:09'
  const calls: (() => Promise<unknown>)[] = [
    () => bridge.set({ stpState: 1 }, limits),
    () => bridge.setPort('p0', { cost: 77 }, limits),
    () => bridge.ports(limits),
    () => bridge.fdb.add({ mac, link: 'p0' }, limits),
    () => bridge.fdb.get(mac, limits),
    () => bridge.fdb.list(limits),
    () => bridge.fdb.flush({ link: 'p0', ...limits }),
    () => bridge.vlans.add({ link: 'p0', id: 5 }, limits),
    () => bridge.vlans.list({ link: 'p0', ...limits }),
    () => bridge.mdb.add({ group: '239.1.1.1', link: 'p0' }, limits),
    () => bridge.mdb.list(limits),
    () => bridge.mdb.routers(limits),
    () => Bridge.get(ns, 'br0', limits),
  ]
  for (const call of calls) await expect(call()).rejects.toThrow('enough')
  expect((await bridge.refresh()).options.stpState).toBe(0)
  expect((await p0.refresh()).port?.cost).not.toBe(77)
  expect(await bridge.fdb.list({ mac })).toEqual([])
  expect(await bridge.mdb.list()).toEqual([])
  await expect(bridge.set({ stpState: 1 }, { timeout: -1 })).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
})

describe('refused, and nothing is changed', () => {
  const range = 'ERR_OUT_OF_RANGE'
  test.each<[string, BridgePortChanges, string, string?]>([
    ['a state that is none', { state: wrong('up') }, "'state'"],
    ['a switch that is a number', { hairpin: wrong(1) }, "'hairpin'"],
    ['a cost of 0', { cost: 0 }, "'cost'", range],
    ['a priority of 64', { priority: 64 }, "'priority'", range],
    ['an option that nobody knows', wrong({ unicastFlood: true }), "'changes.unicastFlood'"],
    ['a backup port that is an object', { backupPort: wrong({}) }, "'link'"],
    ['changes that are null', wrong(null), "'changes'"],
  ])('%s', async (_, changes, argument, code = 'ERR_INVALID_ARG_VALUE') => {
    const before = (await p0.refresh()).port
    const error = await failure(bridge.setPort(p0, changes))
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(argument)
    expect((await p0.refresh()).port).toEqual(before)
  })

  test('a link that is none, or of another namespace', async () => {
    using other = await Namespace.create()
    const lo = await other.links.get('lo')
    for (const link of [wrong({}), lo, wrong(null)])
      await expect(bridge.setPort(link, {})).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    await expect(bridge.setPort('nobody', {})).rejects.toMatchObject({ code: 'ENODEV' })
    await expect(bridge.setPort('p1', {})).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })

  test('what no bridge could have', async () => {
    const { options } = bridge
    await expect(bridge.set(wrong({ colour: 1 }))).rejects.toThrow('colour')
    await expect(bridge.set({ helloTime: wrong('x') })).rejects.toThrow('linkinfo.data.helloTime')
    await bridge.set({ stpState: 1 })
    await expect(bridge.set({ helloTime: 1 })).rejects.toMatchObject({ code: 'ERANGE', request: 'RTM_NEWLINK' })
    expect(bridge.options.helloTime).toBe(options.helloTime)
    await expect(bridge.set(wrong(null))).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})
