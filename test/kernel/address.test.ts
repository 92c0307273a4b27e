import { type Link, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ipAddresses, ipRoutes, ipRoutes6 } from '../helpers/ip.js'

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'eth1' } })
})
afterEach(() => ns.close())

/** Its addresses without the one that the kernel makes up. */
const ours = async (where = link) =>
  (await where.addresses.list()).filter(({ scope, address }) => scope !== 'link' || !address.startsWith('fe80:'))
const texts = async () => (await ours()).map(({ cidr }) => cidr)

test('addresses of both families, in any form, are what ip shows', async () => {
  await link.addresses.add('10.0.0.1/24')
  await link.addresses.add(['10.0.0.2/24', '10.0.1.1', 'fd00::1/64', 'FD00:0:0:1::2'])
  await link.addresses.add({ address: '10.2.0.1/16', broadcast: '10.2.255.255', label: 'eth0:two', scope: 'link' })
  await link.addresses.add({ address: '10.3.0.1', peer: '10.3.0.2' })
  await link.addresses.add({ address: 'fd03::1', peer: 'fd03::2' })
  // In the kernel's own order.
  expect(await texts()).toEqual((await ipAddresses(ns, 'eth0')).map(({ local, prefixlen }) => `${local}/${prefixlen}`))
  expect(await texts()).toEqual(
    expect.arrayContaining([
      '10.0.0.2/24',
      '10.0.1.1/32',
      '10.3.0.1/32',
      'fd00::1/64',
      'fd00:0:0:1::2/128',
      'fd03::1/128',
    ]),
  )
  const shown = await ipAddresses(ns, 'eth0')
  const listed = (await ours()).map(({ address, prefixLength, family, scope, label, broadcast, peer }) => {
    const all = { family, local: address, prefixlen: prefixLength, scope, label, broadcast, address: peer }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  })
  expect(shown).toMatchObject(listed)
  expect(listed).toContainEqual({
    family: 'inet',
    local: '10.2.0.1',
    prefixlen: 16,
    scope: 'link',
    label: 'eth0:two',
    broadcast: '10.2.255.255',
  })
  expect(listed).toContainEqual({
    family: 'inet',
    local: '10.3.0.1',
    prefixlen: 32,
    scope: 'global',
    label: 'eth0',
    address: '10.3.0.2',
  })
  expect((await ours()).find(({ address }) => address === '10.0.0.2')?.flags).toContain('secondary')
})

test('we show what ip adds', async () => {
  await ns.execFile('ip', [
    'address',
    'add',
    '10.0.0.1/24',
    'brd',
    '+',
    'dev',
    'eth0',
    'valid_lft',
    '1000',
    'preferred_lft',
    '500',
  ])
  await ns.execFile('ip', ['address', 'add', 'fd00::1/64', 'dev', 'eth0', 'nodad'])
  const [v4, v6] = await ours()
  expect(v4).toMatchObject({
    cidr: '10.0.0.1/24',
    broadcast: '10.0.0.255',
    link: link.index,
    family: 'inet',
    label: 'eth0',
  })
  expect(v4?.validLifetime).toBeGreaterThan(900)
  expect(v4?.preferredLifetime).toBeGreaterThan(400)
  expect(v4?.preferredLifetime).toBeLessThanOrEqual(500)
  expect(v6).toMatchObject({ cidr: 'fd00::1/64', family: 'inet6', scope: 'global' })
  expect(v6).not.toHaveProperty('validLifetime')
  expect(v6?.flags).toEqual(expect.arrayContaining(['permanent', 'nodad']))
})

test('an address can be bound in the next breath, of either family', async () => {
  const bind = (address: string) =>
    ns.execFile(process.execPath, [
      '-e',
      `require('net').createServer().listen(0, '${address}', () => process.exit(0))`,
    ])
  await link.addresses.add(['10.0.0.1/24', 'fd00::1/64'])
  await Promise.all([bind('10.0.0.1'), bind('fd00::1')])
  const bridge = await ns.links.create({ kind: 'bridge', name: 'br0', addresses: ['fd01::1/64'] })
  expect(
    (await bridge.addresses.list({ family: 'inet6' })).find(({ address }) => address === 'fd01::1')?.flags,
  ).not.toContain('tentative')
  await bind('fd01::1')
})

test('duplicate address detection is done where it is asked for', async () => {
  await link.addresses.add({ address: 'fd00::1/64', dad: true })
  const [address] = await ours()
  expect(address?.flags).toContain('tentative')
  expect(await ipAddresses(ns, 'eth0')).toMatchObject([{ local: 'fd00::1', tentative: true }])
  await expect.poll(async () => (await ours())[0]?.flags, { timeout: 10_000 }).not.toContain('tentative')
})

test('the route to its network comes with an address, with a metric, or not at all', async () => {
  await link.addresses.add([
    '10.0.0.1/24',
    { address: '10.1.0.1/24', metric: 77 },
    { address: '10.2.0.1/24', noPrefixRoute: true },
  ])
  await link.addresses.add([
    { address: 'fd01::1/64', metric: 77 },
    { address: 'fd02::1/64', noPrefixRoute: true },
  ])
  const routes = (await ipRoutes(ns)).map(({ dst, metric = 0 }) => `${dst} ${metric}`)
  expect(routes).toEqual(['10.0.0.0/24 0', '10.1.0.0/24 77'])
  const six = (await ipRoutes6(ns)).map(({ dst, metric }) => `${dst} ${metric}`)
  expect(six).toContain('fd01::/64 77')
  expect(six.join()).not.toContain('fd02')
})

test('addresses of all links are listed, by link and family', async () => {
  const peer = await ns.links.get('eth1')
  await link.addresses.add(['10.0.0.1/24', 'fd00::1/64'])
  await peer.addresses.add('10.0.1.1/24')
  const all = await ns.addresses.list()
  expect(new Set(all.map(({ link }) => link))).toEqual(new Set([1, link.index, peer.index]))
  const cidrs = async (filter: Parameters<typeof ns.addresses.list>[0]) =>
    (await ns.addresses.list(filter)).map(({ cidr }) => cidr)
  expect(await cidrs({ family: 'inet' })).toEqual(
    ['127.0.0.1/8', '10.0.1.1/24', '10.0.0.1/24'].sort((a, b) => order(a) - order(b)),
  )
  expect(await cidrs({ link: 'eth1', family: 'inet' })).toEqual(['10.0.1.1/24'])
  expect(await cidrs({ link: peer.index, family: 'inet' })).toEqual(['10.0.1.1/24'])
  expect(await cidrs({ link: 'lo' })).toEqual(['127.0.0.1/8', '::1/128'])
  expect(await cidrs({ link, family: 'inet6' })).toContain('fd00::1/64')
  function order(cidr: string): number {
    return cidr.startsWith('127') ? 1 : cidr === '10.0.0.1/24' ? link.index : peer.index
  }
})

test('addresses are taken away one by one, several at a time and all together', async () => {
  await link.addresses.add(['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24', '10.9.0.1/24', 'fd00::1/64', 'fd00::2/64'])
  await link.addresses.add({ address: '10.3.0.1', peer: '10.3.0.2' })
  await link.addresses.delete('10.9.0.1/24')
  await link.addresses.delete(['fd00::1/64', '10.0.0.3/24'])
  expect((await ipAddresses(ns, 'eth0')).map(({ local }) => local)).toEqual([
    '10.0.0.1',
    '10.3.0.1',
    '10.0.0.2',
    'fd00::2',
  ])
  await link.addresses.flush({ family: 'inet' })
  expect(await texts()).toEqual(['fd00::2/64'])
  await link.addresses.add(['10.0.0.1/24', '10.0.0.2/24'])
  await ns.sysctl.set('net.ipv4.conf.eth0.promote_secondaries', 1)
  await link.addresses.flush()
  expect(await link.addresses.list()).toEqual([])
  expect(await ipAddresses(ns, 'eth0')).toEqual([])
})

test('addresses that somebody else takes away meanwhile are no error of flush', async () => {
  using ns = await Namespace.create()
  const link = await ns.links.create({ kind: 'bridge', name: 'br0' })
  const addresses = Array.from({ length: 20 }, (_, i) => [`10.${i}.0.1/24`, `fd00:${i}::1/64`]).flat()
  for (let round = 0; round < 5; round++) {
    await link.addresses.add(addresses)
    // All of them see every address, before the first one is deleted.
    await Promise.all([link.addresses.flush(), link.addresses.flush(), link.addresses.flush({ family: 'inet' })])
    expect(await link.addresses.list()).toEqual([])
  }
})

test('an address that is there, or is not, is refused with the address and the link named', async () => {
  await link.addresses.add(['10.0.0.1/24', 'fd00::1/64'])
  for (const address of ['10.0.0.1/24', 'fd00::1/64']) {
    await expect(link.addresses.add(address)).rejects.toMatchObject({
      code: 'EEXIST',
      request: 'RTM_NEWADDR',
      message: expect.stringContaining(`address ${address} of link 'eth0'`),
    })
  }
  await expect(link.addresses.delete('10.0.0.9/24')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  // Of several, the others are carried out.
  await expect(link.addresses.add(['10.1.0.1/24', '10.0.0.1/24', '10.2.0.1/24'])).rejects.toMatchObject({
    code: 'EEXIST',
  })
  expect(await texts()).toEqual(['10.0.0.1/24', '10.1.0.1/24', '10.2.0.1/24', 'fd00::1/64'])
})

test('the loopback device takes more addresses, which are its own', async () => {
  const lo = await ns.links.get('lo')
  await lo.addresses.add(['127.0.0.2/8', '192.0.2.1', 'fd00::5'])
  const scopes = (await lo.addresses.list()).map(({ cidr, scope }) => `${cidr} ${scope}`)
  expect(scopes).toEqual(expect.arrayContaining(['127.0.0.2/8 host', '192.0.2.1/32 global', 'fd00::5/128 global']))
  expect((await ns.execFile('ping', ['-c1', '-W5', 'fd00::5'])).stdout).toContain('1 received')
})
