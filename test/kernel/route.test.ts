import { type Link, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ipRoutes } from '../helpers/ip.js'

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

const ours = async (filter: Parameters<typeof ns.routes.list>[0]) => (await ns.routes.list(filter)).map(({ to }) => to)

test('routes are listed by family, link, protocol, type and destination', async () => {
  await ns.routes.add([
    { to: 'default', via: '10.0.0.254' },
    { to: '10.1.0.0/16', link: other, protocol: 'static' },
    { to: '10.2.0.0/16', type: 'blackhole', protocol: 'static' },
    { to: 'default', via: 'fd00::fe', protocol: 'static' },
  ])
  expect(await ours({ link: 'eth1', family: 'inet' })).toEqual(['10.1.0.0/16', '10.9.0.0/24'])
  expect(await ours({ protocol: 'static' })).toEqual(['10.1.0.0/16', '10.2.0.0/16', 'default'])
  expect(await ours({ protocol: 'static', family: 'inet6' })).toEqual(['default'])
  expect(await ours({ type: 'blackhole' })).toEqual(['10.2.0.0/16'])
  expect(await ours({ to: 'default' })).toEqual(['default', 'default'])
  expect(await ours({ to: '10.1.0.0/16' })).toEqual(['10.1.0.0/16'])
  expect(await ours({ to: '10.1.0.0/17' })).toEqual([])
  expect(await ours({ to: 'fd00::/64', family: 'inet6', link })).toEqual(['fd00::/64'])
})

test('the route of a packet is what ip route get says', async () => {
  await ns.routes.add([
    { to: 'default', via: '10.0.0.254' },
    { to: '10.2.0.0/16', type: 'unreachable' },
    { to: '10.3.0.0/16', type: 'prohibit' },
    { to: 'default', via: 'fd00::fe' },
  ])
  const said = async (...args: string[]) =>
    JSON.parse((await ns.execFile('ip', ['-j', 'route', 'get', ...args])).stdout)[0]
  const queries = [
    { address: '192.0.2.1' },
    { address: '10.9.0.7' },
    { address: '10.0.0.1' },
    { address: 'fd77::1' },
    { address: '127.0.0.1' },
  ]
  for (const { address } of queries) {
    const { dst, gateway, dev, prefsrc } = await said(address)
    const route = await ns.routes.get(address)
    const device = (await ns.links.get(route.link ?? 0)).name
    expect({ to: route.to, via: route.via, device, source: route.source }).toEqual({
      to: dst,
      via: gateway,
      device: dev,
      source: prefsrc,
    })
  }
  expect(await ns.routes.get('192.0.2.1')).toMatchObject({
    to: '192.0.2.1',
    table: 'main',
    via: '10.0.0.254',
    source: '10.0.0.1',
  })
  expect(await ns.routes.get('10.0.0.1')).toMatchObject({ type: 'local', source: '10.0.0.1' })
  expect(await ns.routes.get('10.0.0.7', { source: '10.9.0.1' })).toMatchObject({ link: link.index })
  expect(await ns.routes.get('10.0.0.7', { link: 'eth1' })).toMatchObject({ link: other.index })
  await expect(ns.routes.get('10.2.0.1')).rejects.toMatchObject({
    code: 'EHOSTUNREACH',
    message: expect.stringContaining('10.2.0.1'),
  })
  await expect(ns.routes.get('10.3.0.1')).rejects.toMatchObject({ code: 'EACCES' })
  await ns.routes.delete({ to: 'default', via: '10.0.0.254' })
  await expect(ns.routes.get('192.0.2.1')).rejects.toMatchObject({ code: 'ENETUNREACH' })
})

test('a route is replaced in its place', async () => {
  await ns.routes.add([
    { to: '10.1.0.0/16', via: '10.0.0.2' },
    { to: 'fd01::/64', via: 'fd00::2' },
  ])
  await ns.routes.replace([
    { to: '10.1.0.0/16', via: '10.9.0.2' },
    { to: 'fd01::/64', via: 'fd00::3' },
  ])
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toMatchObject([{ via: '10.9.0.2', link: other.index }])
  expect(await ns.routes.list({ to: 'fd01::/64' })).toMatchObject([{ via: 'fd00::3' }])
  await ns.routes.replace({ to: '10.2.0.0/16', via: '10.0.0.2' })
  expect(await ours({ to: '10.2.0.0/16' })).toHaveLength(1)
})

test('what is given selects the route that is deleted', async () => {
  await ns.routes.add([
    { to: '10.1.0.0/16', via: '10.0.0.2', metric: 1 },
    { to: '10.1.0.0/16', via: '10.0.0.3', metric: 2 },
    { to: '10.1.0.0/16', type: 'blackhole', metric: 3 },
    { to: 'fd01::/64', via: 'fd00::2', metric: 1 },
    { to: 'fd01::/64', via: 'fd00::3', metric: 2 },
  ])
  await ns.routes.delete({ to: '10.1.0.0/16', via: '10.0.0.3' })
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toMatchObject([{ metric: 1 }, { metric: 3 }])
  await ns.routes.delete({ to: '10.1.0.0/16', type: 'blackhole' })
  await ns.routes.delete({ to: 'fd01::/64', metric: 1 })
  expect(await ns.routes.list({ to: 'fd01::/64' })).toMatchObject([{ via: 'fd00::3' }])
  await ns.routes.delete([{ to: '10.1.0.0/16' }, { to: 'fd01::/64' }])
  expect(await ours({ to: '10.1.0.0/16' })).toEqual([])
  await expect(ns.routes.delete({ to: '10.1.0.0/16' })).rejects.toMatchObject({
    code: 'ESRCH',
    message: expect.stringContaining('10.1.0.0/16'),
  })
})

test('a flush takes away what the filter selects, and nothing else', async () => {
  await ns.routes.add([
    { to: '10.1.0.0/16', via: '10.0.0.2', protocol: 'static' },
    { to: '10.2.0.0/16', type: 'blackhole', protocol: 'static' },
    { to: '10.3.0.0/16', via: '10.9.0.2' },
    { to: 'fd01::/64', via: 'fd00::2', protocol: 'static' },
    { to: 'default', via: '10.0.0.2', table: 100 },
  ])
  await ns.execFile('ip', [
    'route',
    'add',
    '10.4.0.0/16',
    'proto',
    'static',
    'nexthop',
    'via',
    '10.0.0.2',
    'nexthop',
    'via',
    '10.9.0.2',
  ])
  await ns.routes.flush({ protocol: 'static' })
  expect(await ours({ family: 'inet' })).toEqual(['10.0.0.0/24', '10.3.0.0/16', '10.9.0.0/24'])
  expect(await ours({ protocol: 'static' })).toEqual([])
  await ns.routes.flush({ table: 100 })
  expect(await ours({ table: 100 })).toEqual([])
  await ns.routes.flush({ link: other, family: 'inet' })
  expect((await ipRoutes(ns)).map(({ dst }) => dst)).toEqual(['10.0.0.0/24'])
})

test('a refused route says which, and why in the words of the kernel', async () => {
  await ns.routes.add({ to: '10.1.0.0/16', via: '10.0.0.2' })
  const label = `route to 10.1.0.0/16 in namespace net:[${ns.inode()}]`
  await expect(ns.routes.add({ to: '10.1.0.0/16', via: '10.0.0.2' })).rejects.toMatchObject({
    code: 'EEXIST',
    request: 'RTM_NEWROUTE',
    message: expect.stringContaining(label),
  })
  await expect(ns.routes.add({ to: '10.2.0.0/16', via: '192.0.2.1' })).rejects.toMatchObject({
    code: 'ENETUNREACH',
    kernelMessage: 'Nexthop has invalid gateway',
  })
  await expect(ns.routes.add({ to: '10.2.0.0/16', link: 'none' })).rejects.toMatchObject({ code: 'ENODEV' })
  await expect(ns.routes.add({ to: '10.2.0.0/16', link: 4711 })).rejects.toMatchObject({ code: 'ENODEV' })
  // Of an array, all but the refused one are added.
  const array = [
    { to: '10.3.0.0/16', link },
    { to: '10.4.0.0/16', via: '192.0.2.1' },
    { to: '10.5.0.0/16', link: 'eth1' },
  ]
  await expect(ns.routes.add(array)).rejects.toMatchObject({
    code: 'ENETUNREACH',
    message: expect.stringContaining('10.4.0.0/16'),
  })
  expect(await ours({ family: 'inet' })).toEqual(expect.arrayContaining(['10.3.0.0/16', '10.5.0.0/16']))
})
