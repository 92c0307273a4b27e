import { Bridge, type Link, Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type IpLink, ipAddresses, ipLink, ipLinks } from '../helpers/ip.js'

let ns: Namespace
let other: Namespace
beforeEach(async () => {
  ns = await Namespace.create()
  other = await Namespace.create()
})
afterEach(() => {
  ns.close()
  other.close()
})

const names = async (where: Namespace) => (await where.links.list()).map(({ name }) => name)

/** A link as `ip -d link` shows it. */
function asIp(link: Link, all: readonly Link[]): Partial<IpLink> {
  const { linkinfo, group } = link.message
  return {
    ifindex: link.index,
    ifname: link.name,
    mtu: link.mtu,
    operstate: `${link.operState}`.toUpperCase(),
    address: link.mac,
    txqlen: link.txQueueLength,
    group: group === 0 ? 'default' : `${group}`,
    flags: link.flags.map((flag) => `${flag}`.replace(/[A-Z]/g, '_$&').toUpperCase()).sort(),
    linkinfo: linkinfo?.kind === undefined ? undefined : { info_kind: linkinfo.kind },
    master: all.find(({ index }) => index === link.master)?.name,
  } as Partial<IpLink>
}

function ofIp(link: IpLink): Partial<IpLink> {
  const { ifindex, ifname, mtu, operstate, address, txqlen, group, linkinfo, master } = link
  // ip adds two words of its own.
  const flags = link.flags.filter((flag) => flag !== 'NO-CARRIER' && flag !== 'M-DOWN' && flag !== 'RUNNING').sort()
  const info = linkinfo?.info_kind === undefined ? undefined : { info_kind: linkinfo.info_kind }
  return { ifindex, ifname, mtu, operstate, address, txqlen, group, flags, linkinfo: info, master } as Partial<IpLink>
}

test('ip shows what we make, and we show what ip makes', async () => {
  await Bridge.create({ namespace: ns, name: 'br0', mtu: 1400 })
  await ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b', master: 'br0', group: 7 } })
  await ns.links.create({ kind: 'veth', name: 'c', up: false, peer: { namespace: other, name: 'eth0' } })
  await ns.execFile('ip', [
    'link',
    'add',
    'four',
    'mtu',
    '1300',
    'txqueuelen',
    '77',
    'type',
    'veth',
    'peer',
    'name',
    'five',
  ])
  await ns.execFile('ip', ['link', 'add', 'br1', 'type', 'bridge'])
  await ns.execFile('ip', ['link', 'set', 'five', 'master', 'br1', 'up'])
  const links = await ns.links.list()
  const ours = links
    .map((link) => asIp(link, links))
    .map((link) => ({ ...link, flags: link.flags?.filter((flag) => flag !== 'RUNNING') }))
  expect(ours).toEqual((await ipLinks(ns)).map(ofIp))
  expect(links.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['lo', 'br0', 'a', 'b', 'c', 'four', 'five', 'br1']),
  )
})

test('links are found by name and index, and listed by kind, master and state', async () => {
  const bridge = await Bridge.create({ namespace: ns, name: 'br0' })
  const { a } = await VethPair.create(
    { namespace: ns, name: 'a', master: bridge },
    { namespace: ns, name: 'b', up: false },
  )
  expect((await ns.links.get('a')).index).toBe(a.index)
  expect((await ns.links.get(a.index)).name).toBe('a')
  const listed = async (filter: Parameters<typeof ns.links.list>[0]) =>
    (await ns.links.list(filter)).map(({ name }) => name).sort()
  expect(await listed({ kind: 'veth' })).toEqual(['a', 'b'])
  expect(await listed({ kind: 'bridge' })).toEqual(['br0'])
  expect(await listed({ master: 'br0' })).toEqual(['a'])
  expect(await listed({ master: bridge.index, kind: 'bridge' })).toEqual([])
  expect(await listed({ up: false })).toEqual(['b'])
  expect(await listed({ up: true, kind: 'veth' })).toEqual(['a'])
  await expect(ns.links.get('none')).rejects.toMatchObject({
    code: 'ENODEV',
    message: expect.stringContaining("link 'none'"),
  })
  await expect(ns.links.get(4711)).rejects.toMatchObject({ code: 'ENODEV' })
  await expect(ns.links.list({ master: 'none' })).rejects.toMatchObject({ code: 'ENODEV' })
})

test('a link is changed in all it has, and read again', async () => {
  const link = await ns.links.create({ kind: 'veth', name: 'old', up: false, peer: { name: 'peer' } })
  const snapshot = await ns.links.get('old')
  const changed = await link.set({
    name: 'new',
    mtu: 1280,
    mac: '02:00:00:00:00:09',
    group: 9,
    txQueueLength: 9,
    up: true,
  })
  expect(changed).toBe(link)
  expect(link).toMatchObject({
    name: 'new',
    mtu: 1280,
    mac: '02:00:00:00:00:09',
    group: 9,
    txQueueLength: 9,
    isUp: true,
  })
  expect(await ipLink(ns, 'new')).toMatchObject({ mtu: 1280, address: '02:00:00:00:00:09', group: '9', txqlen: 9 })
  expect(snapshot).toMatchObject({ name: 'old', isUp: false })
  expect(await snapshot.refresh()).toBe(snapshot)
  expect(snapshot).toMatchObject({ name: 'new', isUp: true, mtu: 1280 })
  await link.down()
  expect(link.isUp).toBe(false)
  expect((await ipLink(ns, 'new')).flags).not.toContain('UP')
  await link.up()
  expect(link.isUp).toBe(true)
  await ns.execFile('ip', ['link', 'set', 'new', 'mtu', '1290'])
  expect((await link.refresh()).mtu).toBe(1290)
  await expect(link.set({ name: 'peer' })).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(link.set({ mtu: 67 })).rejects.toMatchObject({ code: 'EINVAL' })
  expect(link).toMatchObject({ name: 'new', mtu: 1290 })
})

test('a link moves to another namespace and goes on from there', async () => {
  const { a, b } = await VethPair.create(
    { namespace: ns, name: 'a', addresses: ['10.0.0.1/24'] },
    { namespace: ns, name: 'b' },
  )
  expect(await b.moveTo(other)).toBe(b)
  expect(b).toMatchObject({ name: 'b', isUp: false, parent: a.index })
  expect(await names(ns)).toEqual(['lo', 'a'])
  expect(await names(other)).toEqual(['lo', 'b'])
  await b.addresses.add('10.0.0.2/24')
  await b.set({ name: 'eth0', up: true })
  expect((await other.execFile('ping', ['-c1', '-W5', '10.0.0.1'])).stdout).toContain('1 received')
  // Where its name is taken, it stays.
  await a.set({ name: 'eth0' })
  await expect(a.moveTo(other)).rejects.toMatchObject({ code: 'EEXIST' })
  expect((await a.refresh()).isUp).toBe(true)
  await a.set({ name: 'a', up: true })
  await a.moveTo(other)
  await a.moveTo(ns)
  expect(await names(ns)).toEqual(['lo', 'a'])
  expect(await ipAddresses(ns, 'a')).toEqual([])
})

test('a link that was renamed meanwhile moves as what it is called now', async () => {
  const { a, b } = await VethPair.create({ namespace: ns, name: 'a' }, { namespace: ns, name: 'b' })
  await ns.execFile('ip', ['link', 'set', 'dev', 'b', 'name', 'renamed'])
  await b.moveTo(other)
  expect(b.name).toBe('renamed')
  expect(await names(other)).toEqual(['lo', 'renamed'])
  expect(b.index).toBe((await ipLink(other, 'renamed')).ifindex)
  // It is an object of the new namespace from then on.
  await b.set({ name: 'eth0', up: true })
  expect(await names(other)).toEqual(['lo', 'eth0'])
  expect((await a.refresh()).isUp).toBe(true)
})

test('a link moves where another has the index that was chosen for it, or that it had', async () => {
  const { b } = await VethPair.create({ namespace: ns, name: 'a' }, { namespace: ns, name: 'b' })
  for (const index of [1000, 1001, b.index])
    await other.execFile('ip', ['link', 'add', `x${index}`, 'index', `${index}`, 'type', 'bridge']).catch(() => {})
  await b.moveTo(other)
  expect(b.index).toBe((await ipLink(other, 'b')).ifindex)
  expect((await names(other)).sort()).toEqual(['b', 'lo', 'x1000', 'x1001'])
})

test('a link that moves to where it is stays as it is', async () => {
  const { b } = await VethPair.create({ namespace: ns, name: 'a' }, { namespace: ns, name: 'b' })
  const { index } = b
  await b.moveTo(ns)
  expect(b).toMatchObject({ name: 'b', index, isUp: true })
})

test('deleting a link takes the other end along, and what is gone is said to be', async () => {
  const pair = await VethPair.create({ namespace: ns, name: 'a' }, { namespace: other, name: 'b' })
  await pair.b.delete()
  expect(await names(ns)).toEqual(['lo'])
  expect(await names(other)).toEqual(['lo'])
  await expect(pair.a.refresh()).rejects.toMatchObject({ code: 'ENODEV', message: expect.stringContaining("'a'") })
  await expect(pair.a.delete()).rejects.toMatchObject({ code: 'ENODEV' })
  // A pair is content when there is nothing left to delete.
  await pair.delete()
  await ns.links.create({ kind: 'bridge', name: 'br0' })
  await ns.links.delete('br0')
  await expect(ns.links.delete('br0')).rejects.toMatchObject({ code: 'ENODEV' })
  await expect(ns.links.delete('lo')).rejects.toMatchObject({ code: 'EOPNOTSUPP' })
  {
    await using _pair = await VethPair.create({ namespace: ns, name: 'a' }, { namespace: other, name: 'b' })
    expect(await names(ns)).toEqual(['lo', 'a'])
  }
  expect(await names(ns)).toEqual(['lo'])
})

test('counters are those that ip shows', async () => {
  const { a } = await VethPair.create(
    { namespace: ns, name: 'a', addresses: ['10.0.0.1/24'] },
    { namespace: other, name: 'b', addresses: ['10.0.0.2/24'] },
  )
  const before = a.stats?.txPackets ?? 0
  await ns.execFile('ping', ['-c3', '-i0.01', '-s1000', '-W5', '10.0.0.2'])
  await a.down()
  const { rx, tx } = (await ipLink(ns, 'a')).stats64 ?? {}
  await a.refresh()
  expect(a.stats).toMatchObject({
    rxPackets: rx?.packets,
    rxBytes: rx?.bytes,
    txPackets: tx?.packets,
    txBytes: tx?.bytes,
  })
  expect((a.stats?.txPackets ?? 0) - Number(before)).toBeGreaterThanOrEqual(3)
  expect(a.stats?.rxBytes).toBeGreaterThan(3000)
})
