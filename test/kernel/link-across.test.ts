// Links whose link beneath is in another namespace, as `ip link add link X netns Y` makes them.
import { type Link, Namespace, VethPair } from 'linux-namespaces'
import { linkData } from 'linux-namespaces/netlink'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ipLink } from '../helpers/ip.js'
import { until } from '../helpers/until.js'
import { isRoot } from '../helpers/user.js'

let below: Namespace
let above: Namespace
let base: Link
let far: Link
beforeEach(async () => {
  below = await Namespace.create()
  above = await Namespace.create()
  const ends = [
    { namespace: below, name: 'base', addresses: ['10.0.0.1/24'] },
    { namespace: below, name: 'far' },
  ] as const
  const pair = await VethPair.create(...ends)
  base = pair.a
  far = pair.b
})
afterEach(() => {
  below.close()
  above.close()
})

// Modules for tunnels bring links of their own into every namespace, with the first indexes.
const isOurs = ({ index }: Link) => index === 1 || index >= 1000
const names = async (ns: Namespace) =>
  (await ns.links.list())
    .filter(isOurs)
    .map(({ name }) => name)
    .sort()

describe('a macvlan on a link of another namespace', () => {
  test('is made where it belongs, up and with its addresses', async () => {
    const link = await above.links.create({
      kind: 'macvlan',
      name: 'eth0',
      link: base,
      mode: 'bridge',
      addresses: ['10.0.0.2/24'],
      alias: 'across',
      mtu: 1400,
    })
    expect(link).toMatchObject({
      name: 'eth0',
      kind: 'macvlan',
      parent: base.index,
      isUp: true,
      alias: 'across',
      mtu: 1400,
    })
    expect(await names(below)).toEqual(['base', 'far', 'lo'])
    expect(await names(above)).toEqual(['eth0', 'lo'])
    const { link_index, link_netnsid } = await ipLink(above, 'eth0')
    expect([link_index, link_netnsid]).toEqual([base.index, link.linkNsid])
    expect(link.linkNsid).toBe(await above.nsids.get(below))
    expect((await link.addresses.list()).map(({ cidr }) => cidr)).toContain('10.0.0.2/24')
    expect((await above.links.list({ kind: 'macvlan' })).map(({ index }) => index)).toEqual([link.index])
  })

  test('speaks through it', async () => {
    await above.links.create({ kind: 'macvlan', name: 'eth0', link: base, mode: 'bridge', addresses: ['10.0.0.2/24'] })
    const other = await Namespace.create()
    try {
      await far.moveTo(other)
      await far.set({ up: true })
      await far.addresses.add('10.0.0.3/24')
      await other.execFile('ping', ['-c', '1', '-W', '5', '10.0.0.2'])
    } finally {
      other.close()
    }
  })

  test('leaves nothing when its address is refused', async () => {
    const twice = { kind: 'macvlan', name: 'eth0', link: base, addresses: ['10.0.0.2/24', '10.0.0.2/24'] } as const
    await expect(above.links.create(twice)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(above.links.create({ kind: 'macvlan', name: 'lo', link: base })).rejects.toMatchObject({
      code: 'EEXIST',
      message: expect.stringMatching(/macvlan 'lo' for namespace \S+ in namespace /),
    })
    expect([await names(above), await names(below)]).toEqual([['lo'], ['base', 'far', 'lo']])
  })

  test('names it by name or index when it is said where, and takes a master of its own namespace', async () => {
    const bridge = await above.links.create({ kind: 'bridge', name: 'br0' })
    // Ports that hear each other, beneath the bridge and over it, would send a packet round for ever: they stay down.
    for (const [name, link] of [
      ['one', 'base'],
      ['two', base.index],
      ['three', base],
    ] as const) {
      const made = await above.links.create({
        kind: 'macvlan',
        name,
        link,
        linkNetns: below,
        mode: 'bridge',
        master: 'br0',
        up: false,
      })
      expect(made).toMatchObject({ parent: base.index, master: bridge.index })
    }
    const wrong = { kind: 'macvlan', name: 'four', linkNetns: below } as const
    await expect(above.links.create({ ...wrong, link: bridge })).rejects.toThrow("'link'")
    await expect(above.links.create({ ...wrong, link: 'none' })).rejects.toMatchObject({ code: 'ENODEV' })
    await expect(above.links.create({ ...wrong, link: base, master: base })).rejects.toThrow("'link'")
    await expect(above.links.create({ ...wrong, link: base, linkNetns: {} as never })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
  })

  test('goes with it', async () => {
    await above.links.create({ kind: 'macvlan', name: 'eth0', link: base })
    await base.delete()
    await until('the macvlan is gone', async () => (await names(above)).length === 1)
  })
})

test('many at once, where both namespaces have links already', async () => {
  await Promise.all([1, 2, 3].map((n) => above.links.create({ kind: 'bridge', name: `b${n}` })))
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      above.links.create({ kind: 'macvlan', name: `m${n}`, link: base, mode: 'bridge' }),
    ),
  )
  expect(new Set(made.map(({ index }) => index)).size).toBe(20)
  await above.links.create({ kind: 'bridge', name: 'b4' })
  await below.links.create({ kind: 'bridge', name: 'b4' })
  expect((await names(above)).length).toBe(25)
})

test('a vxlan sends its packets where its link is, or where it is told', async () => {
  const vxlan = { kind: 'vxlan', id: 7, remote: '10.0.0.9', port: 4789 } as const
  const one = await above.links.create({ ...vxlan, name: 'vx1', dev: base })
  expect(linkData(one.message, 'vxlan')).toMatchObject({ dev: base.index, remote: '10.0.0.9' })
  const two = await above.links.create({ ...vxlan, name: 'vx2', id: 8, linkNetns: below })
  expect([two.linkNsid, one.linkNsid]).toEqual(Array(2).fill(await above.nsids.get(below)))
  expect((await ipLink(above, 'vx2')).link_netnsid).toBe(two.linkNsid)
  // Its socket is there as well.
  const sockets = async (ns: Namespace) => (await ns.execFile('cat', ['/proc/net/udp'])).stdout.split('\n').length
  expect(await sockets(above)).toBeLessThan(await sockets(below))
})

test('a vlan on a link of another namespace', async () => {
  const made = above.links.create({ kind: 'vlan', name: 'v5', link: base, id: 5 })
  const vlan = await made.catch((error: Error) => error)
  if (vlan instanceof Error) expect(vlan.message).toContain('CONFIG_VLAN_8021Q')
  else expect(vlan).toMatchObject({ parent: base.index, linkNsid: await above.nsids.get(below) })
})

test('the other end of a veth is told by its index and the number of its namespace', async () => {
  const { a, b } = await VethPair.create({ namespace: below, name: 'a' }, { namespace: above, name: 'b' })
  expect([a.parent, a.linkNsid]).toEqual([b.index, await below.nsids.get(above)])
  expect([b.parent, b.linkNsid]).toEqual([a.index, await above.nsids.get(below)])
  expect((await ipLink(below, 'a')).link_netnsid).toBe(a.linkNsid)
  // Within one namespace there is none.
  expect([base.parent, base.linkNsid]).toEqual([far.index, undefined])
})

test('a link of the host is out of reach for an ordinary user', async () => {
  const lo = await Namespace.current().links.get('lo')
  await expect(above.links.create({ kind: 'macvlan', name: 'eth0', link: lo })).rejects.toMatchObject(
    isRoot ? { code: 'EINVAL' } : { code: 'EPERM', message: expect.stringContaining('An ordinary user') },
  )
  expect(await names(above)).toEqual(['lo'])
})
