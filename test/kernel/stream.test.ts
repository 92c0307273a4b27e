// Streams give what lists give, and what `ip` shows, of each table.
import { type DumpStream, type Link, Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { ip, ipLinks, ipNeighbors, ipRoutes, ipRoutes6 } from '../helpers/ip.js'

let ns: Namespace
let eth0: Link

beforeAll(async () => {
  ns = await Namespace.create()
  eth0 = await ns.links.create({
    kind: 'veth',
    name: 'eth0',
    addresses: ['10.0.0.1/24', 'fd00::1/64'],
    peer: { name: 'eth1' },
  })
  await ns.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.1.0.1/24'] })
  await ns.routes.add([
    { to: 'default', via: '10.0.0.2' },
    { to: '10.9.0.0/16', via: '10.0.0.3', metric: 7, protocol: 'static' },
    { to: 'fd09::/64', via: 'fd00::2', protocol: 'static' },
    { to: '10.8.0.0/16', type: 'blackhole', table: 100 },
  ])
  await ns.rules.add([
    { from: '10.1.0.0/16', table: 100, priority: 1000 },
    { fwmark: 1, family: 'inet6', table: 100, priority: 1001 },
  ])
  await ns.nexthops.add({ id: 1, via: '10.0.0.2', link: eth0 })
  await ns.nexthops.add({ id: 2, blackhole: true, protocol: 'static' })
  await ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: eth0 })
  await ns.neighbors.add({ address: 'fd00::9', mac: '02:00:00:00:00:09', link: eth0 })
})
afterAll(() => ns.close())

async function all<T>(stream: DumpStream<T>): Promise<T[]> {
  const entries: T[] = []
  for await (const entry of stream) entries.push(entry)
  return entries
}

// Of objects whose properties are not their own.
const plain = (entries: unknown) => JSON.parse(JSON.stringify(entries))

describe('a stream gives the same objects as the list, in the same order: of', () => {
  test('links, which ip shows as well', async () => {
    const links = await all(ns.links.stream())
    expect(links.map(({ message }) => message.ifname)).toEqual((await ns.links.list()).map(({ name }) => name))
    expect(links.map(({ index, name, mac }) => [index, name, mac])).toEqual(
      (await ipLinks(ns)).map(({ ifindex, ifname, address }) => [ifindex, ifname, address]),
    )
    await links[1]?.set({ mtu: 1400 })
    expect((await ns.links.get(links[1]?.index as number)).mtu).toBe(1400)
  })

  test('addresses, which ip shows as well', async () => {
    const addresses = await all(ns.addresses.stream({ family: 'inet' }))
    expect(addresses).toEqual(await ns.addresses.list({ family: 'inet' }))
    const shown = await ip<{ addr_info: { local: string }[] }>(ns, ['-4', 'address'])
    expect(addresses.map(({ address }) => address)).toEqual(
      shown.flatMap(({ addr_info }) => addr_info.map(({ local }) => local)),
    )
  })

  test('routes of both families, which ip shows as well', async () => {
    const routes = await all(ns.routes.stream())
    expect(plain(routes)).toEqual(plain(await ns.routes.list()))
    const shown = [...(await ipRoutes(ns)), ...(await ipRoutes6(ns))]
    expect(routes.map(({ to, via, metric }) => [to, via, metric])).toEqual(
      shown.map(({ dst, gateway, metric = 0 }) => [dst, gateway, metric]),
    )
  })

  test('rules, which ip shows as well', async () => {
    const rules = await all(ns.rules.stream())
    expect(rules).toEqual(await ns.rules.list())
    const shown = [
      ...(await ip<{ priority: number }>(ns, ['-4', 'rule'])),
      ...(await ip<{ priority: number }>(ns, ['-6', 'rule'])),
    ]
    expect(rules.map(({ priority }) => priority).sort()).toEqual(shown.map(({ priority }) => priority).sort())
  })

  test('next hops, which ip shows as well', async () => {
    const nexthops = await all(ns.nexthops.stream())
    expect(nexthops).toEqual(await ns.nexthops.list())
    expect(nexthops.map(({ id }) => id)).toEqual((await ip<{ id: number }>(ns, ['nexthop'])).map(({ id }) => id))
  })

  test('neighbours, which ip shows as well', async () => {
    const neighbors = await all(ns.neighbors.stream())
    expect(neighbors.map(({ address }) => address)).toEqual((await ns.neighbors.list()).map(({ address }) => address))
    expect(neighbors.map(({ address, mac }) => [address, mac]).sort()).toEqual(
      (await ipNeighbors(ns)).map(({ dst, lladdr }) => [dst, lladdr]).sort(),
    )
  })
})

describe('a stream takes the filters of the list:', () => {
  const same = async <T>(stream: DumpStream<T>, list: Promise<T[]>, count: number) => {
    const entries = await all(stream)
    expect(plain(entries)).toEqual(plain(await list))
    expect(entries).toHaveLength(count)
  }

  test('kind, master and state of links', async () => {
    const names = async (stream: DumpStream<Link>) => (await all(stream)).map(({ name }) => name)
    expect(await names(ns.links.stream({ kind: 'veth' }))).toEqual(['eth0', 'eth1'])
    expect(await names(ns.links.stream({ kind: 'bridge', up: true }))).toEqual(['br0'])
    expect(await names(ns.links.stream({ up: false, kind: 'bridge' }))).toEqual([])
    expect(await names(ns.links.stream({ master: 'br0' }))).toEqual([])
  })

  test('link of addresses, also by its name and from the link itself', async () => {
    const filter = { family: 'inet', link: 'eth0' } as const
    await same(ns.addresses.stream(filter), ns.addresses.list(filter), 1)
    await same(eth0.addresses.stream({ family: 'inet' }), eth0.addresses.list({ family: 'inet' }), 1)
  })

  test('destination, table, protocol and link of routes', async () => {
    for (const [filter, count] of [
      [{ to: '10.9.0.0/16' }, 1],
      [{ table: 100 }, 1],
      [{ table: 4711 }, 0],
      [{ protocol: 'static' }, 2],
      [{ link: 'br0', family: 'inet' }, 1],
      [{ link: eth0, family: 'inet', protocol: 'static' }, 1],
    ] as const) {
      await same(ns.routes.stream(filter), ns.routes.list(filter), count)
    }
  })

  test('those of rules, next hops and neighbours', async () => {
    await same(ns.rules.stream({ table: 100, family: 'inet6' }), ns.rules.list({ table: 100, family: 'inet6' }), 1)
    await same(ns.nexthops.stream({ link: eth0 }), ns.nexthops.list({ link: eth0 }), 1)
    await same(ns.nexthops.stream({ protocol: 'static' }), ns.nexthops.list({ protocol: 'static' }), 1)
    const neighbors = await all(ns.neighbors.stream({ family: 'inet6', link: 'eth0', state: 'permanent' }))
    expect(neighbors.map(({ address }) => address)).toEqual(['fd00::9'])
  })
})

describe('a stream rejects the first next() with', () => {
  test('the error of a bad filter, and is over then', async () => {
    const stream = ns.routes.stream({ family: 'inet5' as 'inet' })
    expect(await failure(stream.next())).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('the error of a link that there is not', async () => {
    expect(await failure(ns.addresses.stream({ link: 'nope' }).next())).toMatchObject({ code: 'ENODEV' })
  })

  test("the kernel's own error", async () => {
    expect(await failure(ns.addresses.stream({ link: 0x7ffffff0 }).next())).toMatchObject({
      code: 'ENODEV',
      request: 'RTM_GETADDR',
      operation: expect.stringMatching(/^the addresses in namespace/),
    })
  })

  test('what is no limit, at once', () => {
    expect(() => ns.links.stream(null as unknown as object)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    )
  })
})
