import { type Link, Namespace, type RouteQuery } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'

interface Shown {
  dst: string
  gateway?: string
  dev: string
  prefsrc?: string
  table?: string
}

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create({ sysctl: { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 } })
  const addresses = ['10.0.0.1/24', 'fd00::1/64']
  link = await ns.links.create({ kind: 'veth', name: 'eth0', addresses, peer: { name: 'peer0' } })
  await ns.links.create({
    kind: 'veth',
    name: 'eth1',
    addresses: ['10.9.0.1/24', 'fd09::1/64'],
    peer: { name: 'peer1' },
  })
  await ns.routes.add([
    { to: 'default', via: '10.0.0.2' },
    { to: '10.1.0.0/16', via: '10.0.0.3' },
    { to: 'default', via: 'fd00::2' },
    { to: 'fd01::/32', via: 'fd00::3' },
    ...[101, 102, 103, 105].flatMap((table) => [
      { to: 'default', via: `10.0.0.${table}`, table },
      { to: 'default', via: `fd00::${table}`, table },
    ]),
  ])
  for (const family of ['inet', 'inet6'] as const)
    await ns.rules.add([
      { family, table: 101, fwmark: 1 },
      { family, table: 102, tos: 0x10 },
      { family, table: 103, ipProto: 'udp', sport: 5, dport: 7 },
      { family, table: 105, iif: 'eth1' },
    ])
})
afterEach(() => ns.close())

const queries: [string, RouteQuery, string[]][] = [
  ['nothing', {}, []],
  ['a mark', { mark: 1 }, ['mark', '1']],
  ['a type of service', { tos: 0x10 }, ['tos', '0x10']],
  ['a protocol and ports', { ipProto: 'udp', sport: 5, dport: 7 }, 'ipproto udp sport 5 dport 7'.split(' ')],
  ['another port', { ipProto: 'udp', sport: 5, dport: 8 }, 'ipproto udp sport 5 dport 8'.split(' ')],
  ['a user', { ipProto: 'tcp', uid: 0 }, 'ipproto tcp uid 0'.split(' ')],
  ['a link', { link: 'eth0' }, ['oif', 'eth0']],
  ['the table entry', { fibMatch: true }, ['fibmatch']],
]

test.each(queries)('the route of a packet with %s is what ip route get says', async (_, query, words) => {
  for (const address of ['192.0.2.1', '10.1.2.3', '2001:db8::1', 'fd01::5']) {
    const [shown] = await ip<Shown>(ns, ['route', 'get', ...words, 'to', address])
    const route = await ns.routes.get(address, query)
    expect({ dst: route.to, gateway: route.via, prefsrc: route.source }).toEqual({
      dst: shown?.dst,
      gateway: shown?.gateway,
      prefsrc: shown?.prefsrc,
    })
    expect(route.link).toBe(link.index)
  }
})

test('the rules that look at the packet were obeyed', async () => {
  const via = async (address: string, query: RouteQuery) => (await ns.routes.get(address, query)).via
  for (const [query, table] of [
    [{ mark: 1 }, 101],
    [{ tos: 0x10 }, 102],
    [{ ipProto: 'udp', sport: 5, dport: 7 }, 103],
  ] as const) {
    expect(await via('192.0.2.1', query)).toBe(`10.0.0.${table}`)
    expect(await via('2001:db8::1', query)).toBe(`fd00::${table}`)
  }
  expect(await ns.routes.get('10.1.2.3', { fibMatch: true })).toMatchObject({ to: '10.1.0.0/16', via: '10.0.0.3' })
  expect(await ns.routes.get('fd01::5', { fibMatch: true })).toMatchObject({ to: 'fd01::/32', via: 'fd00::3' })
})

test('a packet that came in is forwarded as ip route get says', async () => {
  const query = { iif: 'eth1', source: '10.9.0.7' }
  const [shown] = await ip<Shown>(ns, 'route get 192.0.2.1 from 10.9.0.7 iif eth1'.split(' '))
  const route = await ns.routes.get('192.0.2.1', query)
  expect(route).toMatchObject({ via: '10.0.0.105', link: link.index, table: 105 })
  expect(shown).toMatchObject({ gateway: '10.0.0.105', dev: 'eth0' })
  const six = await ns.routes.get('2001:db8::1', { iif: 'eth1', source: 'fd09::7' })
  expect(six).toMatchObject({ via: 'fd00::105', link: link.index })
  // From the wrong side.
  await ns.sysctl.set('net.ipv4.conf.all.rp_filter', 1)
  await expect(ns.routes.get('192.0.2.1', { iif: 'peer0', source: '10.9.0.7' })).rejects.toMatchObject({
    code: expect.stringMatching(/^(EINVAL|EXDEV)$/),
  })
  await expect(ns.routes.get('192.0.2.1', { iif: 'none' })).rejects.toMatchObject({ code: 'ENODEV' })
})
