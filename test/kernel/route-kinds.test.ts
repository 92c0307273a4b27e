import { type Link, Namespace, type Route } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type IpRoute, ipRoutes, ipRoutes6 } from '../helpers/ip.js'

let ns: Namespace
let link: Link
let other: Link
beforeEach(async () => {
  ns = await Namespace.create()
  const addresses = ['10.0.0.1/24', 'fd00::1/64']
  link = await ns.links.create({ kind: 'veth', name: 'eth0', addresses, peer: { name: 'peer0' } })
  other = await ns.links.create({ kind: 'veth', name: 'eth1', addresses: ['10.9.0.1/24'], peer: { name: 'peer1' } })
})
afterEach(() => ns.close())

/** A route as `ip -j route` shows it. */
function asIp(route: Route): Partial<IpRoute> {
  const flags = route.flags.filter((flag) => flag === 'onlink')
  const all: Partial<IpRoute> = {
    dst: route.to,
    ...(route.type !== 'unicast' && { type: `${route.type}` }),
    ...(route.message.gateway !== undefined && { gateway: route.message.gateway }),
    ...(route.message.via !== undefined && { via: { family: 'inet6', host: route.message.via.address as string } }),
    ...(route.link !== undefined && { dev: [link, other].find(({ index }) => index === route.link)?.name ?? 'lo' }),
    protocol: `${route.protocol}`,
    ...(route.scope !== 'global' && { scope: `${route.scope}` }),
    ...(route.source !== undefined && { prefsrc: route.source }),
    ...(route.metric !== 0 && { metric: route.metric }),
    ...(route.mtu !== undefined && { metrics: [{ mtu: route.mtu }] }),
    flags: flags.map(String),
  }
  return all
}

// `ip -j route` leaves protocol boot out, and so do we of what it has no word for.
const plain = ({ protocol = 'boot', ...rest }: IpRoute) => {
  const { type, dst, gateway, via, dev, scope, prefsrc, metric, metrics, flags } = rest
  const all = {
    dst,
    type,
    gateway,
    via,
    dev,
    protocol,
    scope,
    prefsrc,
    metric,
    metrics,
    flags: flags.filter((flag) => flag === 'onlink'),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const ours = async (filter: Parameters<typeof ns.routes.list>[0]) => (await ns.routes.list(filter)).map(({ to }) => to)

test('IPv4 routes of every kind are what ip shows', async () => {
  await ns.routes.add({ to: 'default', via: '10.0.0.254' })
  await ns.routes.add({ to: '10.1.0.0/16', link: 'eth0' })
  await ns.routes.add([
    { to: '10.2.0.0/16', via: '10.0.0.2', metric: 50, source: '10.9.0.1', mtu: 1300 },
    { to: '10.2.0.0/16', via: '10.0.0.3', metric: 60, protocol: 'static' },
    { to: '10.3.0.1', via: '192.0.2.1', link: other, onlink: true },
    { to: '10.4.0.0/16', via: 'fd00::2', link },
    { to: '10.5.0.0/16', type: 'blackhole' },
    { to: '10.6.0.0/16', type: 'unreachable', metric: 4_294_967_295 },
    { to: '10.7.0.0/16', type: 'prohibit' },
    { to: '10.8.0.0/16', link: other.index, scope: 'global' },
  ])
  const routes = await ns.routes.list({ family: 'inet' })
  expect(routes.map(asIp)).toEqual((await ipRoutes(ns)).map(plain))
  expect(routes.map(asIp)).toEqual(
    expect.arrayContaining([
      { dst: 'default', gateway: '10.0.0.254', dev: 'eth0', protocol: 'boot', flags: [] },
      { dst: '10.1.0.0/16', dev: 'eth0', protocol: 'boot', scope: 'link', flags: [] },
      {
        dst: '10.2.0.0/16',
        gateway: '10.0.0.2',
        dev: 'eth0',
        protocol: 'boot',
        prefsrc: '10.9.0.1',
        metric: 50,
        metrics: [{ mtu: 1300 }],
        flags: [],
      },
      { dst: '10.2.0.0/16', gateway: '10.0.0.3', dev: 'eth0', protocol: 'static', metric: 60, flags: [] },
      { dst: '10.3.0.1', gateway: '192.0.2.1', dev: 'eth1', protocol: 'boot', flags: ['onlink'] },
      { dst: '10.4.0.0/16', via: { family: 'inet6', host: 'fd00::2' }, dev: 'eth0', protocol: 'boot', flags: [] },
      { dst: '10.5.0.0/16', type: 'blackhole', protocol: 'boot', flags: [] },
      { dst: '10.6.0.0/16', type: 'unreachable', protocol: 'boot', metric: 4_294_967_295, flags: [] },
    ]),
  )
  expect(routes.find(({ to }) => to === '10.4.0.0/16')?.via).toBe('fd00::2')
})

test('IPv6 routes of every kind are what ip shows', async () => {
  await ns.routes.add([
    { to: 'default', via: 'fd00::fe' },
    { to: 'fd01::/64', link },
    { to: 'fd02::/64', via: 'fe80::1', link, metric: 7, mtu: 1300 },
    { to: 'fd03::1', via: 'fd09::1', link, onlink: true },
    { to: 'fd04::/32', type: 'blackhole' },
    { to: 'fd05::/32', type: 'unreachable' },
    { to: 'fd06::/64', via: 'fd00::2', source: 'fd00::1', protocol: 'static' },
  ])
  const family = 'inet6'
  const routes = (await ns.routes.list({ family, link })).concat(await ns.routes.list({ family, type: 'blackhole' }))
  const shown = (await ipRoutes6(ns)).filter(({ dev, type }) => dev === 'eth0' || type === 'blackhole').map(plain)
  const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  expect(routes.map(asIp).sort(byText)).toEqual(shown.sort(byText))
  expect(routes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ to: 'default', via: 'fd00::fe', metric: 1024, link: link.index }),
      expect.objectContaining({ to: 'fd02::/64', via: 'fe80::1', metric: 7, mtu: 1300 }),
      expect.objectContaining({ to: 'fd03::1', via: 'fd09::1' }),
      expect.objectContaining({ to: 'fd06::/64', source: 'fd00::1', protocol: 'static' }),
    ]),
  )
})

test('we show what ip adds, also what has no name here', async () => {
  const ip = (line: string) => ns.execFile('ip', ['route', 'add', ...line.split(' ')])
  await ip('10.1.0.0/16 via 10.0.0.2 metric 5 table 1000')
  await ip('10.2.0.0/16 via 10.0.0.2 proto 200 tos 0x10')
  await ip('10.3.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.9.0.2')
  await ip('local 10.4.0.0/16 dev lo')
  const all = await ns.routes.list({ table: 'all', family: 'inet' })
  expect(all.find(({ to }) => to === '10.1.0.0/16')).toMatchObject({ table: 1000, metric: 5, via: '10.0.0.2' })
  expect(all.find(({ to }) => to === '10.2.0.0/16')).toMatchObject({ protocol: 200, message: { tos: 0x10 } })
  const hops = all.find(({ to }) => to === '10.3.0.0/16')?.message.multipath
  expect(hops).toMatchObject([
    { ifindex: link.index, hops: 1, gateway: '10.0.0.2' },
    { ifindex: other.index, hops: 0, gateway: '10.9.0.2' },
  ])
  expect(all.find(({ to }) => to === '10.4.0.0/16')).toMatchObject({ type: 'local', table: 'local', scope: 'host' })
})

test('tables have names and numbers of any size', async () => {
  await ns.routes.add([
    { to: 'default', via: '10.0.0.2', table: 100 },
    { to: 'default', via: '10.0.0.3', table: 100_000 },
    { to: 'default', via: 'fd00::2', table: 100_000 },
    { to: '10.7.0.0/16', link, table: 'default' },
  ])
  expect(await ipRoutes(ns, 'table', '100')).toMatchObject([{ dst: 'default', gateway: '10.0.0.2' }])
  expect(await ipRoutes6(ns, 'table', '100000')).toMatchObject([{ dst: 'default', gateway: 'fd00::2' }])
  expect(await ns.routes.list({ table: 100_000 })).toMatchObject([
    { to: 'default', via: '10.0.0.3', table: 100_000, family: 'inet' },
    { to: 'default', via: 'fd00::2', table: 100_000, family: 'inet6' },
  ])
  expect(await ours({ table: 'default' })).toEqual(['10.7.0.0/16'])
  expect(await ours({ table: 'local', family: 'inet' })).toContain('10.0.0.1')
  expect(await ours({ table: 4711 })).toEqual([])
  expect(await ours({ family: 'inet' })).toEqual(['10.0.0.0/24', '10.9.0.0/24'])
})
