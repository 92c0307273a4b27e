import { type Link, Namespace, type Nexthop, type ResilientOptions } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { ip } from '../helpers/ip.js'
import { kernelAtLeast } from '../helpers/kernel.js'

type Shown = Record<string, unknown>

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  const addresses = ['10.0.0.1/24', 'fd00::1/64']
  link = await ns.links.create({ kind: 'veth', name: 'eth0', addresses, peer: { name: 'eth1' } })
})
afterEach(() => ns.close())

const shown = (...args: string[]) => ip<Shown>(ns, ['nexthop', 'show', ...args])

/** A next hop in the words of `ip -j nexthop`. */
function asIp({ id, via, link: index, blackhole, fdb, group, resilient, scope, protocol, flags }: Nexthop): Shown {
  return {
    id,
    ...(group !== undefined && {
      group: group.map((member) => (member.weight === 1 ? { id: member.id } : { ...member })),
    }),
    ...(resilient !== undefined && {
      type: 'resilient',
      resilient_args: {
        buckets: resilient.buckets,
        idle_timer: resilient.idleTimer,
        unbalanced_timer: resilient.unbalancedTimer,
        unbalanced_time: resilient.unbalancedTime,
      },
    }),
    ...(via !== undefined && { gateway: via }),
    ...(index !== undefined && { dev: index === link.index ? 'eth0' : 'eth1' }),
    ...(scope !== 'global' && { scope }),
    ...(blackhole && { blackhole: null }),
    ...(protocol !== 'unspec' && { protocol }),
    flags,
    ...(fdb && { fdb: null }),
  }
}

const hasResilient = kernelAtLeast('5.13')

async function addAll(): Promise<void> {
  await ns.nexthops.add({ id: 1, via: '10.0.0.2', link })
  await ns.nexthops.add({ id: 2, via: '192.0.2.1', link: 'eth0', onlink: true, protocol: 'static' })
  await ns.nexthops.add({ id: 3, blackhole: true })
  await ns.nexthops.add({ id: 4, link: link.index })
  await ns.nexthops.add({ id: 5, via: 'fd00::2', link })
  await ns.nexthops.add({ id: 6, blackhole: true, family: 'inet6', protocol: 'bgp' })
  await ns.nexthops.add({ id: 7, link: 'eth1', family: 'inet6' })
  await ns.nexthops.add({ id: 8, via: '10.0.0.9', fdb: true })
  await ns.nexthops.add({ id: 10, group: [1, { id: 2, weight: 5 }] })
  const resilient = (options: ResilientOptions) => (hasResilient ? { resilient: options } : {})
  const timers = { buckets: 8, idleTimer: 60, unbalancedTimer: 300 }
  await ns.nexthops.add({ id: 11, group: [1, 4], ...resilient(timers) })
  await ns.nexthops.add({ id: 12, group: [5, { id: 7 }], ...resilient({ buckets: 32 }), protocol: 'static' })
  await ns.nexthops.add({ id: 13, group: [8], fdb: true })
}

test('next hops and groups of every kind are what ip shows', async () => {
  await addAll()
  const all = await ns.nexthops.list()
  expect(all.map(asIp)).toEqual(await shown())
  expect(all.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13])
  expect(all[1]).toMatchObject({ via: '192.0.2.1', link: link.index, flags: ['onlink'], protocol: 'static' })
  expect(all[5]).toMatchObject({ blackhole: true, family: 'inet6' })
  if (hasResilient) {
    expect(all[9]?.resilient).toMatchObject({ buckets: 8, idleTimer: 60, unbalancedTimer: 300 })
    expect(all[10]?.resilient).toMatchObject({ buckets: 32, idleTimer: 120, unbalancedTimer: 0 })
  } else {
    const error = await failure(ns.nexthops.add({ group: [1], resilient: { buckets: 8 } }))
    expect(error.message).toContain('needs Linux 5.13 or newer')
  }
})

test('we show what ip adds', async () => {
  const add = (line: string) => ns.execFile('ip', ['nexthop', 'add', ...line.split(' ')])
  await add('id 1 via 10.0.0.2 dev eth0 proto static')
  await add('id 2 via fd00::2 dev eth0 onlink')
  await add('id 3 blackhole')
  await add('id 4 via 10.0.0.9 fdb')
  expect(await ns.nexthops.list()).toMatchObject([
    { id: 1, via: '10.0.0.2', link: link.index, family: 'inet', scope: 'link', protocol: 'static', blackhole: false },
    { id: 2, via: 'fd00::2', family: 'inet6', flags: ['onlink'] },
    { id: 3, blackhole: true, fdb: false },
    { id: 4, via: '10.0.0.9', fdb: true },
  ])
})

test('groups of ip have their weights here', async () => {
  await ns.nexthops.add({ id: 1, via: '10.0.0.2', link })
  await ns.nexthops.add({ id: 2, via: '10.0.0.3', link })
  await ns.execFile('ip', ['nexthop', 'add', 'id', '10', 'group', '1,7/2,254'])
  if (hasResilient)
    await ns.execFile(
      'ip',
      'nexthop add id 11 group 1/2 type resilient buckets 4 idle_timer 5 unbalanced_timer 6'.split(' '),
    )
  expect((await ns.nexthops.get(10)).group).toEqual([
    { id: 1, weight: 7 },
    { id: 2, weight: 254 },
  ])
  if (hasResilient)
    expect(await ns.nexthops.get(11)).toMatchObject({ resilient: { buckets: 4, idleTimer: 5, unbalancedTimer: 6 } })
})

test('without a number the kernel chooses one, which comes back', async () => {
  const ids = await Promise.all(['10.0.0.2', '10.0.0.3', 'fd00::2'].map((via) => ns.nexthops.add({ via, link })))
  expect(new Set(ids).size).toBe(3)
  for (const [i, via] of ['10.0.0.2', '10.0.0.3', 'fd00::2'].entries())
    expect(await ns.nexthops.get(ids[i] as number)).toMatchObject({ id: ids[i], via, link: link.index })
  const group = await ns.nexthops.add({ group: ids.slice(0, 2) })
  expect((await ns.nexthops.get(group)).group).toEqual(ids.slice(0, 2).map((id) => ({ id, weight: 1 })))
})

test('a thousand of them are added in one tick, and each is told its number', async () => {
  const adds = Array.from({ length: 1000 }, (_, i) =>
    ns.nexthops.add({ via: `10.0.0.${2 + (i % 250)}`, link }).then((id) => ({ id, via: `10.0.0.${2 + (i % 250)}` })),
  )
  const added = await Promise.all(adds)
  const listed = (await ns.nexthops.list()).map(({ id, via }) => ({ id, via }))
  expect(added.sort((a, b) => a.id - b.id)).toEqual(listed)
  await ns.nexthops.flush()
  expect(await ns.nexthops.list()).toEqual([])
})

test('next hops are listed by family, link, master, kind and protocol', async () => {
  const bridge = await ns.links.create({ kind: 'bridge', name: 'br0' })
  await (await ns.links.get('eth1')).set({ master: bridge })
  await addAll()
  const ids = async (filter: Parameters<typeof ns.nexthops.list>[0]) =>
    (await ns.nexthops.list(filter)).map(({ id }) => id)
  const theirs = async (...args: string[]) => (await shown(...args)).map(({ id }) => id)
  expect(await ids({ family: 'inet6' })).toEqual([5, 6, 7])
  expect(await ids({ link: 'eth0' })).toEqual(await theirs('dev', 'eth0'))
  expect(await ids({ link })).toEqual([1, 2, 4, 5])
  expect(await ids({ master: 'br0' })).toEqual([7])
  expect(await ids({ groups: true })).toEqual([10, 11, 12, 13])
  expect(await ids({ fdb: true })).toEqual(await theirs('fdb'))
  expect(await ids({ protocol: 'static' })).toEqual([2, 12])
})

test('routes of both families follow the next hop that they use', async () => {
  await addAll()
  await ns.routes.add([
    { to: '10.1.0.0/16', nexthop: 1 },
    { to: '10.2.0.0/16', nexthop: 10 },
    // IPv4 over IPv6 neighbours.
    { to: '10.3.0.0/16', nexthop: 5 },
    { to: '10.4.0.0/16', nexthop: 3 },
    { to: 'fd01::/64', nexthop: 5 },
    { to: 'default', nexthop: 12, family: 'inet6' },
  ])
  const four = await ip<Shown>(ns, ['route'])
  const nhid = (dst: string) => four.find((route) => route.dst === dst)?.nhid
  expect(['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'].map(nhid)).toEqual([1, 10, 5])
  const routes = await ns.routes.list()
  const route = (to: string) => routes.find((each) => each.to === to)
  expect(route('10.1.0.0/16')).toMatchObject({ nexthop: 1, via: '10.0.0.2', link: link.index })
  expect(route('10.2.0.0/16')).toMatchObject({ nexthop: 10, hops: [{ via: '10.0.0.2', weight: 1 }, { weight: 5 }] })
  expect(route('10.3.0.0/16')).toMatchObject({ nexthop: 5, via: 'fd00::2' })
  expect(route('fd01::/64')).toMatchObject({ nexthop: 5, via: 'fd00::2' })
  expect(route('default')).toMatchObject({ nexthop: 12, family: 'inet6' })
  await ns.nexthops.replace({ id: 1, via: '10.0.0.77', link })
  expect((await ns.routes.list({ to: '10.1.0.0/16' }))[0]).toMatchObject({ via: '10.0.0.77' })
  await ns.nexthops.replace({ id: 10, group: [2] })
  expect((await ns.nexthops.get(10)).group).toEqual([{ id: 2, weight: 1 }])
  await ns.nexthops.replace({ id: 99, blackhole: true })
  expect(await ns.nexthops.get(99)).toMatchObject({ blackhole: true })
  await ns.routes.delete({ to: '10.1.0.0/16', nexthop: 1 })
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toEqual([])
  await ns.routes.flush({ protocol: 'boot' })
  expect((await ns.routes.list({ protocol: 'boot' })).map(({ to }) => to)).toEqual([])
})

test('a deleted next hop leaves its groups, and takes its routes along', async () => {
  await addAll()
  await ns.routes.add({ to: '10.1.0.0/16', nexthop: 1 })
  await ns.nexthops.delete(1)
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toEqual([])
  expect((await ns.nexthops.get(10)).group).toEqual([{ id: 2, weight: 5 }])
  await ns.nexthops.delete(8)
  await expect(ns.nexthops.get(13)).rejects.toMatchObject({ code: 'ENOENT' })
  await ns.nexthops.flush({ protocol: 'static' })
  expect((await shown()).map(({ id }) => id)).not.toEqual(expect.arrayContaining([2, 12]))
  await ns.nexthops.flush()
  expect(await shown()).toEqual([])
})

test('a refused next hop says which, and why in the words of the kernel', async () => {
  await ns.nexthops.add({ id: 1, via: '10.0.0.2', link })
  await expect(ns.nexthops.add({ id: 1, via: '10.0.0.3', link })).rejects.toMatchObject({
    code: 'EEXIST',
    request: 'RTM_NEWNEXTHOP',
    message: expect.stringContaining('next hop 1 in namespace'),
  })
  await expect(ns.nexthops.add({ id: 2, group: [7] })).rejects.toMatchObject({
    code: 'EINVAL',
    kernelMessage: 'Invalid nexthop id',
  })
  await expect(ns.nexthops.add({ via: '192.0.2.1', link })).rejects.toMatchObject({ name: 'NetlinkError' })
  await expect(ns.nexthops.add({ via: '10.0.0.2', link: 'none' })).rejects.toMatchObject({ code: 'ENODEV' })
  await expect(ns.nexthops.delete(7)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(ns.routes.add({ to: '10.1.0.0/16', nexthop: 7 })).rejects.toMatchObject({
    code: 'EINVAL',
    kernelMessage: 'Nexthop id does not exist',
  })
})
