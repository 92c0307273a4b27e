// Streams of the tables that few ask for: they give what the lists give, with the same filters.
import { Bridge, type DumpStream, Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, expect, test } from 'vitest'

let ns: Namespace
let bridge: Bridge

beforeAll(async () => {
  ns = await Namespace.create()
  bridge = await Bridge.create({ namespace: ns, name: 'br0' })
  await ns.links.create({ kind: 'veth', name: 'p0', master: bridge, peer: { name: 'p1' } })
})
afterAll(() => ns.close())

/** Says that a stream gives the entries of a list: so many, or some. */
async function same<T extends object>(stream: DumpStream<T>, list: Promise<T[]>, count?: number): Promise<void> {
  const entries: T[] = []
  for await (const entry of stream) entries.push(entry)
  // Without the times in the kernel's own words, which go on.
  const lasting = (each: T) => ({ ...each, message: undefined })
  expect(entries.map(lasting)).toEqual((await list).map(lasting))
  expect(entries.length).toBe(count ?? Math.max(entries.length, 1))
}

test('forwarding tables', async () => {
  const mac = '02:00:00:00:00:0a'
  await bridge.fdb.add({ mac, link: 'p0' })
  await same(ns.fdb.stream(), ns.fdb.list())
  await same(ns.fdb.stream({ link: 'p0', mac }), bridge.fdb.list({ mac, link: 'p0' }))
  await same(bridge.fdb.stream({ state: 'static' }), ns.fdb.list({ bridge, state: 'static' }))
})

// A message has several of these.
test('multicast groups, one entry after the other', async () => {
  await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', state: 'permanent' })
  await bridge.mdb.add({ group: '239.1.1.2', link: 'p0', state: 'permanent' })
  await same(bridge.mdb.stream({ state: 'permanent' }), bridge.mdb.list({ state: 'permanent' }), 2)
  await same(
    bridge.mdb.stream({ link: 'p0', state: 'permanent' }),
    bridge.mdb.list({ link: 'p0', state: 'permanent' }),
    2,
  )
})

test('VLANs, one after the other', async () => {
  const vlans = { link: 'p0', id: '10-20' }
  const refusal = await bridge.vlans.add(vlans).catch((error: { code: string }) => error)
  if (refusal === undefined) {
    await same(ns.vlans.stream({ bridge, id: '12-14' }), bridge.vlans.list({ id: '12-14' }), 3)
    await same(bridge.vlans.stream(vlans), ns.vlans.list(vlans), 11)
  } else {
    // This kernel's bridges have none.
    expect(refusal.code).toBe('EOPNOTSUPP')
    await same(ns.vlans.stream(), ns.vlans.list(), 0)
  }
})

test('numbers of namespaces, settings, and parameters of neighbour tables', async () => {
  await ns.nsids.set(ns, 7)
  await same(ns.nsids.stream(), ns.nsids.list(), 1)
  await same(ns.netconf.stream({ link: 'all' }), ns.netconf.list({ link: 'all' }), 2)
  await same(ns.netconf.stream({ family: 'inet', link: 'p0' }), ns.netconf.list({ family: 'inet', link: 'p0' }), 1)
  const ofLink = { family: 'inet', link: 'p0' } as const
  await same(ns.neighbors.tables.stream(ofLink), ns.neighbors.tables.list(ofLink), 1)
})
