import { type Link, Namespace, type Route } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'

interface Shown {
  dst: string
  nexthops?: { gateway?: string; via?: { host: string }; dev: string; weight: number; flags: string[] }[]
}

let ns: Namespace
let link: Link
let other: Link
beforeEach(async () => {
  ns = await Namespace.create()
  const addresses = ['10.0.0.1/24', 'fd00::1/64']
  link = await ns.links.create({ kind: 'veth', name: 'eth0', addresses, peer: { name: 'peer0' } })
  const more = ['10.9.0.1/24', 'fd09::1/64']
  other = await ns.links.create({ kind: 'veth', name: 'eth1', addresses: more, peer: { name: 'peer1' } })
})
afterEach(() => ns.close())

const hopsOf = (route: Route | undefined) =>
  route?.hops?.map(({ via, link: index, weight, flags }) => ({
    gateway: via,
    dev: index === link.index ? 'eth0' : 'eth1',
    weight,
    flags,
  }))
const shownHops = async (dst: string, ...args: string[]) => {
  const routes = await ip<Shown>(ns, [...args, 'route'])
  return routes
    .find((route) => route.dst === dst)
    ?.nexthops?.map(({ gateway, via, dev, weight, flags }) => ({ gateway: gateway ?? via?.host, dev, weight, flags }))
}

test('multipath routes of both families are what ip shows', async () => {
  await ns.routes.add([
    {
      to: '10.1.0.0/16',
      hops: [
        { via: '10.0.0.2', weight: 3 },
        { via: '192.0.2.1', link: 'eth1', onlink: true },
        { via: 'fd00::7', link, weight: 256 },
      ],
    },
    { to: 'default', hops: [{ link }, { link: other.index, weight: 2 }], metric: 5 },
    {
      to: 'default',
      hops: [
        { via: 'fd00::2', weight: 7 },
        { via: 'fe80::1', link: other },
      ],
    },
  ])
  for (const [to, args, family] of [
    ['10.1.0.0/16', [], 'inet'],
    ['default', [], 'inet'],
    ['default', ['-6'], 'inet6'],
  ] as const) {
    const [route] = await ns.routes.list({ to, family })
    expect(hopsOf(route)).toEqual(await shownHops(to, ...args))
    expect(route).not.toHaveProperty('via')
  }
  const [route] = await ns.routes.list({ to: '10.1.0.0/16' })
  expect(route?.hops).toEqual([
    { via: '10.0.0.2', link: link.index, weight: 3, flags: [] },
    { via: '192.0.2.1', link: other.index, weight: 1, flags: ['onlink'] },
    { via: 'fd00::7', link: link.index, weight: 256, flags: [] },
  ])
  expect(await ns.routes.list({ to: 'default', family: 'inet' })).toMatchObject([{ metric: 5, scope: 'link' }])
})

test('we show the hops that ip adds', async () => {
  const add = (line: string) => ns.execFile('ip', line.split(' '))
  await add('route add 10.1.0.0/16 nexthop via 10.0.0.2 weight 9 nexthop via 10.9.0.2')
  await add('-6 route add fd01::/64 nexthop via fd00::2 nexthop via fd09::2 weight 4')
  for (const [to, args] of [
    ['10.1.0.0/16', []],
    ['fd01::/64', ['-6']],
  ] as const) {
    const hops = hopsOf((await ns.routes.list({ to }))[0])
    expect(hops).toHaveLength(2)
    expect(hops).toEqual(await shownHops(to, ...args))
  }
})

test('a multipath route is replaced and deleted', async () => {
  const hops = [{ via: '10.0.0.2' }, { via: '10.9.0.2' }]
  await ns.routes.add({ to: '10.1.0.0/16', hops })
  await ns.routes.replace({ to: '10.1.0.0/16', hops: [{ via: '10.0.0.3', weight: 2 }, { via: '10.9.0.3' }] })
  expect(hopsOf((await ns.routes.list({ to: '10.1.0.0/16' }))[0])?.map(({ gateway }) => gateway)).toEqual([
    '10.0.0.3',
    '10.9.0.3',
  ])
  await expect(ns.routes.delete({ to: '10.1.0.0/16', hops })).rejects.toMatchObject({ code: 'ESRCH' })
  // A route as it was listed.
  const [route] = await ns.routes.list({ to: '10.1.0.0/16' })
  await ns.routes.delete(route as Route)
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toEqual([])
  const six = [{ via: 'fd00::2' }, { via: 'fd09::2' }]
  await ns.routes.add({ to: 'fd01::/64', hops: six })
  await ns.routes.flush({ protocol: 'boot' })
  expect(await ns.routes.list({ to: 'fd01::/64' })).toEqual([])
})

test('a link that a hop names and that is not there refuses the route, and no other', async () => {
  const array = [
    { to: '10.1.0.0/16', hops: [{ via: '10.0.0.2' }, { link: 'none' }] },
    { to: '10.2.0.0/16', hops: [{ via: '10.0.0.2' }, { via: '10.9.0.2' }] },
  ]
  await expect(ns.routes.add(array)).rejects.toMatchObject({ code: 'ENODEV' })
  await expect.poll(() => ns.routes.list({ to: '10.2.0.0/16' })).toHaveLength(1)
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toEqual([])
})

test('routes of every type are what ip shows', async () => {
  const types = ['blackhole', 'unreachable', 'prohibit', 'throw'] as const
  for (const [i, type] of types.entries())
    await ns.routes.add([
      { to: `10.${20 + i}.0.0/16`, type },
      { to: `fd2${i}::/32`, type },
    ])
  await ns.routes.add([
    { to: '10.30.0.1', type: 'local', link: 'lo', table: 'local' },
    { to: '10.30.0.255', type: 'broadcast', link, table: 'local' },
    { to: '10.31.0.1', type: 'anycast', link, table: 'local' },
    { to: '224.1.0.0/16', type: 'multicast', link },
    { to: 'fd30::1', type: 'local', link: 'lo', table: 'local' },
    { to: 'ff05::/16', type: 'multicast', link, table: 'local' },
    { to: 'fd31::1', type: 'anycast', link, table: 'local' },
  ])
  const all = [...types, 'local', 'broadcast', 'anycast', 'multicast'] as const
  for (const family of ['inet', 'inet6'] as const)
    for (const type of all) {
      const filter = [family === 'inet' ? '-4' : '-6', 'route', 'show', 'table', 'all', 'type', type]
      const shown = (await ip<{ dst: string }>(ns, filter)).map(({ dst }) => dst)
      const ours = (await ns.routes.list({ family, type, table: 'all' })).map(({ to }) => to)
      expect(ours).toEqual(shown)
      expect(ours.length).toBeGreaterThan(family === 'inet6' && type === 'broadcast' ? -1 : 0)
    }
  await expect(ns.routes.get('10.20.0.1')).rejects.toMatchObject({ code: 'EINVAL' })
  await expect(ns.routes.get('10.21.0.1')).rejects.toMatchObject({ code: 'EHOSTUNREACH' })
  await expect(ns.routes.get('10.22.0.1')).rejects.toMatchObject({ code: 'EACCES' })
  await expect(ns.routes.get('10.23.0.1')).rejects.toMatchObject({ code: 'ENETUNREACH' })
})
