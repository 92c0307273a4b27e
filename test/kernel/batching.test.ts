import { type Link, Namespace, VethPair } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { ipAddresses, ipLink, ipLinks, ipRoutes } from '../helpers/ip.js'
import { type Trip, trace } from '../helpers/wire.js'

const RTM_GETLINK = 18
const RTM_GETADDR = 22
const RTM_NEWROUTE = 24
const RTM_GETROUTE = 26
const RTM_GETNEIGH = 30
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_ACK = 4
const NLM_F_DUMP = 0x300

const asks = (type: number) => (trip: Trip) => trip.requests.some((message) => message.type === type)
const of = (type: number) => (message: { type: number }) => message.type === type

test('ten thousand routes are fewer than a hundred sends, and each has its own result', async () => {
  const { stdout, trips } = await trace('many-routes.mjs')
  const { refused, listed } = JSON.parse(stdout)
  expect(refused.map(({ i }: { i: number }) => i)).toEqual([999, 1999, 2999, 3999, 4999, 5999, 6999, 7999, 8999, 9999])
  for (const { i, code, message } of refused) {
    expect(code).toBe('ENETUNREACH')
    expect(message).toContain(`route to 10.${1 + (i >> 8)}.${i & 255}.0/24 in`)
  }
  expect(listed).toBe(10_000 - 10 + 1)

  const sends = trips.filter(asks(RTM_NEWROUTE))
  const requests = sends.flatMap((trip) => trip.requests)
  expect(requests.filter(of(RTM_NEWROUTE))).toHaveLength(10_000)
  expect(sends.length).toBeLessThan(100)
  // One look after each batch finds its errors, another one nothing: no waiting, no acknowledgement of success.
  expect(sends.reduce((sum, { receives }) => sum + receives, 0)).toBeLessThan(sends.length + 25)
  expect(requests.filter(({ flags }) => flags & NLM_F_ACK)).toEqual([])
  expect(sends.flatMap((trip) => trip.replies).filter(of(NLMSG_ERROR))).toHaveLength(10)
  // In the order in which they were made.
  const sequences = requests.map(({ sequence }) => sequence)
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
})

test('filters are applied by the kernel: what is not wanted does not come over the wire', async () => {
  const { stdout, trips } = await trace('filters.mjs')
  const types = [RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH]
  const dumps = trips.filter(({ requests }) =>
    requests.some(({ type, flags }) => types.includes(type) && (flags & NLM_F_DUMP) === NLM_F_DUMP),
  )
  const received = dumps.map(
    ({ replies }) => replies.filter(({ type }) => type !== NLMSG_DONE && type !== NLMSG_ERROR).length,
  )
  expect(JSON.parse(stdout)).toEqual([6, 1, 1, 1, 3, 1, 2, 1, 1, 1, 1])
  // A neighbour of multicast is told of and left out, as by ip.
  expect(received.slice(0, 9)).toEqual([6, 1, 1, 1, 3, 1, 2, 1, 1])
  expect(received).toHaveLength(11)
  expect(received[10]).toBeLessThan(4)
})

test('a pair and the routes over it are made in the same tick', async () => {
  using a = await Namespace.create()
  using b = await Namespace.create()
  const [pair] = await Promise.all([
    VethPair.create(
      { namespace: a, name: 'eth0', addresses: ['10.0.0.1/24'] },
      { namespace: b, name: 'eth0', addresses: ['10.0.0.2/24'] },
    ),
    a.routes.add({ to: 'default', via: '10.0.0.2' }),
    b.routes.add({ to: 'default', via: '10.0.0.1' }),
    b.routes.add({ to: '10.7.0.0/16', link: 'eth0' }),
  ])
  expect(pair.b.isUp).toBe(true)
  expect((await ipRoutes(a)).map(({ dst }) => dst)).toEqual(['default', '10.0.0.0/24'])
  expect((await ipRoutes(b)).map(({ dst }) => dst)).toEqual(['default', '10.0.0.0/24', '10.7.0.0/16'])
})

test('the same holds for namespaces that were opened a moment ago, with no connection yet', async () => {
  using first = await Namespace.create()
  using second = await Namespace.create()
  using a = await Namespace.open(first.path())
  using b = await Namespace.open(second.path())
  await Promise.all([
    VethPair.create(
      { namespace: a, name: 'eth0', addresses: ['10.0.0.1/24'] },
      { namespace: b, name: 'eth0', addresses: ['10.0.0.2/24'] },
    ),
    a.routes.add({ to: 'default', via: '10.0.0.2' }),
    b.routes.add({ to: 'default', via: '10.0.0.1' }),
  ])
  expect((await ipRoutes(a)).map(({ dst }) => dst)).toEqual(['default', '10.0.0.0/24'])
  expect((await ipRoutes(b)).map(({ dst }) => dst)).toEqual(['default', '10.0.0.0/24'])
})

test('requests of one tick are carried out in the order in which they were made', async () => {
  using ns = await Namespace.create()
  const bridge = await ns.links.create({ kind: 'bridge', name: 'br0' })
  const [, b] = await Promise.all([
    ns.links.create({ kind: 'veth', name: 'a', master: bridge, peer: { name: 'b' } }),
    ns.links.get('b'),
  ])
  const results = await Promise.allSettled([
    b.addresses.add('10.0.0.1/24'),
    ns.routes.add({ to: '10.1.0.0/16', via: '10.0.0.2' }),
    ns.routes.add({ to: '10.1.0.0/16', via: '10.0.0.3' }),
    b.addresses.delete('10.0.0.1/24'),
    ns.routes.add({ to: '10.2.0.0/16', via: '10.0.0.2' }),
    b.addresses.add('10.0.0.9/24'),
    b.set({ mtu: 1300 }),
    b.set({ mtu: 1400 }),
    ns.neighbors.add({ address: '10.0.0.2', mac: '02:00:00:00:00:02', link: b }),
    ns.neighbors.delete({ address: '10.0.0.2', link: b }),
    bridge.delete(),
    ns.links.get('br0'),
  ])
  const ended = results.map((result) => (result.status === 'fulfilled' ? 'done' : result.reason.code))
  expect(ended).toEqual([
    'done',
    'done',
    'EEXIST',
    'done',
    'ENETUNREACH',
    'done',
    'done',
    'done',
    'done',
    'done',
    'done',
    'ENODEV',
  ])
  expect((await ipAddresses(ns, 'b')).map(({ local }) => local)).toEqual(['10.0.0.9'])
  expect((await ipLink(ns, 'b')).mtu).toBe(1400)
  expect(await ns.neighbors.list()).toEqual([])
})

test('so are those that name other links, which are looked up first', async () => {
  using ns = await Namespace.create()
  using other = await Namespace.create()
  await ns.links.create({ kind: 'bridge', name: 'br0' })
  await other.links.create({ kind: 'bridge', name: 'br0' })
  const results = await Promise.allSettled([
    ns.links.create({ kind: 'veth', name: 'a', master: 'br0', peer: { name: 'b' } }),
    ns.links.create({ kind: 'vxlan', name: 'vx0', id: 5, dev: 'a', master: 'br0', port: 4789 }),
    ns.links.get('vx0'),
    VethPair.create({ namespace: ns, name: 'c', master: 'br0' }, { namespace: other, name: 'd', master: 'br0' }),
    other.links.get('d'),
    ns.links.delete('a'),
    ns.links.create({ kind: 'veth', name: 'a', master: 'nobody', peer: { name: 'b' } }),
    ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } }),
    ns.links.delete('a'),
    ns.links.get('b'),
    other.links.get('br0'),
  ])
  const ended = results.map((result) => (result.status === 'fulfilled' ? 'done' : result.reason.code))
  const done = (count: number) => Array(count).fill('done')
  expect(ended).toEqual([...done(6), 'ENODEV', ...done(2), 'ENODEV', 'done'])
  // The vxlan has gone with the link beneath it.
  expect((await ipLinks(ns)).map(({ ifname, master }) => [ifname, master])).toEqual([
    ['lo', undefined],
    ['br0', undefined],
    ['c', 'br0'],
  ])
  expect((await ipLink(other, 'd')).master).toBe('br0')
})

test('so is a change of a link that names its new master', async () => {
  using ns = await Namespace.create()
  const link = await ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } })
  const [bridge, set, seen, refused, , after] = await Promise.allSettled([
    ns.links.create({ kind: 'bridge', name: 'br0' }),
    link.set({ master: 'br0', mtu: 1400 }),
    ns.links.get('a'),
    link.set({ master: 'nobody', mtu: 1300 }),
    ns.links.delete('br0'),
    ns.links.get('a'),
  ])
  if (bridge.status !== 'fulfilled' || seen.status !== 'fulfilled' || after.status !== 'fulfilled')
    throw new Error('no link')
  expect(set.status).toBe('fulfilled')
  expect([seen.value.master, seen.value.mtu]).toEqual([bridge.value.index, 1400])
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ENODEV' } })
  expect([after.value.master, after.value.mtu]).toEqual([undefined, 1400])
  expect(await ipLink(ns, 'a')).toMatchObject({ mtu: 1400 })
})

test('a request that is refused or given up does not disturb the others of its batch', async () => {
  using ns = await Namespace.create()
  const link = await ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } })
  const controller = new AbortController()
  const results = Promise.allSettled([
    link.addresses.add('10.0.0.1/24'),
    link.addresses.add('10.0.0.2/24', { signal: controller.signal }),
    link.addresses.add('10.0.0.1/24'),
    link.addresses.add('not an address'),
    link.addresses.add('10.0.0.3/24', { signal: AbortSignal.abort(new Error('never')) }),
    link.addresses.add('10.0.0.4/24', { timeout: 10_000 }),
  ])
  // Before it was sent.
  controller.abort(new Error('enough'))
  const ended = (await results).map((result) =>
    result.status === 'fulfilled' ? 'done' : (result.reason.code ?? result.reason.message),
  )
  expect(ended).toEqual(['done', 'enough', 'EEXIST', 'ERR_INVALID_ARG_VALUE', 'never', 'done'])
  expect((await ipAddresses(ns, 'a')).map(({ local }) => local)).toEqual(['10.0.0.1', '10.0.0.4'])
})

test('dumps of one tick each get their own answer', async () => {
  using ns = await Namespace.create()
  const link = await ns.links.create({ kind: 'veth', name: 'a', addresses: ['10.0.0.1/24'], peer: { name: 'b' } })
  const [links, addresses, routes, again, one] = await Promise.all([
    ns.links.list(),
    ns.addresses.list({ link, family: 'inet' }),
    ns.routes.list({ family: 'inet' }),
    ns.links.list({ kind: 'veth' }),
    ns.links.get('b'),
  ])
  expect(links.map(({ name }) => name).sort()).toEqual(['a', 'b', 'lo'])
  expect(addresses.map(({ cidr }) => cidr)).toEqual(['10.0.0.1/24'])
  expect(routes.map(({ to }) => to)).toEqual(['10.0.0.0/24'])
  expect(again).toHaveLength(2)
  expect(one.name).toBe('b')
})

test('requests of one tick on two namespaces each get their own answer', async () => {
  using blue = await Namespace.create()
  using red = await Namespace.create()
  const pair = await VethPair.create({ namespace: blue, name: 'a' }, { namespace: red, name: 'b' })
  const add = (end: Link, address: string) => end.addresses.add(address)
  const results = await Promise.allSettled([
    add(pair.a, '10.0.0.1/24'),
    add(pair.b, '10.0.0.2/24'),
    add(pair.a, '10.0.0.1/24'),
    add(pair.b, '10.0.1.2/24'),
    blue.links.get('none'),
    red.links.get('b'),
    blue.links.get('a'),
    add(pair.b, '10.0.0.2/24'),
  ])
  const ended = results.map((result) =>
    result.status === 'fulfilled' ? ((result.value as Link | undefined)?.name ?? 'done') : result.reason.code,
  )
  expect(ended).toEqual(['done', 'done', 'EEXIST', 'done', 'ENODEV', 'b', 'a', 'EEXIST'])
})

test('a list given up in the tick it was asked for holds up nothing', async () => {
  using ns = await Namespace.create()
  const controller = new AbortController()
  const listing = ns.links.list({ signal: controller.signal })
  const link = ns.links.get('lo', { timeout: 5000 })
  controller.abort(new Error('enough'))
  await expect(listing).rejects.toThrow('enough')
  expect((await link).name).toBe('lo')
  expect(await ns.links.list()).toHaveLength(1)
})
