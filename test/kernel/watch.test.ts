// What ns.watch() tells of each kind of object, with ip as the source of the changes.
import { Namespace, type NetworkEvent, type NetworkWatch, type NetworkWatchOptions } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { about, Ledger, listed, subject, upTo, words } from '../helpers/events.js'

let ns: Namespace
let watch: NetworkWatch
const ip = (...args: string[]) => ns.execFile('ip', args)

beforeEach(async () => {
  ns = await Namespace.create()
  await ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'peer0')
  for (const name of ['eth0', 'peer0']) {
    await ns.sysctl.set(`net.ipv6.conf.${name}.addr_gen_mode`, 1)
    await ip('link', 'set', name, 'up')
  }
  await ip('address', 'add', '10.0.0.1/24', 'dev', 'eth0')
  await ip('address', 'add', 'fd00::1/64', 'dev', 'eth0', 'nodad')
})
afterEach(() => ns.close())

describe('it tells', () => {
  test('of links that come, change and go', async () => {
    watch = ns.watch({ links: true })
    await watch.ready
    await ip('link', 'add', 'br0', 'type', 'bridge')
    await ip('link', 'set', 'br0', 'mtu', '1400')
    await ip('link', 'set', 'br0', 'name', 'bridge')
    await ip('link', 'delete', 'bridge')
    // Of the others, the kernel tells late that they have a carrier.
    const all = await upTo(watch, 'delete link bridge')
    const events = all.filter((event) => about([event], 'br0', 'bridge').length > 0)
    expect(words(events[0] as NetworkEvent)).toBe('add link br0')
    expect(new Set(events.map(words))).toEqual(
      new Set(['add link br0', 'change link br0', 'change link bridge', 'delete link bridge']),
    )
    const added = events[0]
    const changed = events.filter((event) => words(event) === 'change link bridge').at(-1)
    if (added?.type !== 'link' || changed?.type !== 'link') throw new Error('these are links')
    expect([added.link.kind, added.link.mtu, changed.link.mtu]).toEqual(['bridge', 1500, 1400])
  })

  test('of a port that a bridge lets go: it changes, and is not gone', async () => {
    const bridge = await ns.links.create({ kind: 'bridge', name: 'br0' })
    watch = ns.watch({ links: true, neighbors: true })
    await watch.ready
    await ip('link', 'set', 'eth0', 'master', 'br0')
    await ip('link', 'set', 'eth0', 'nomaster')
    await ip('link', 'set', 'eth0', 'alias', 'last')
    await ip('link', 'delete', 'br0')
    const events = await upTo(watch, 'delete link br0')
    const masters = events.map((event) => event.type === 'link' && subject(event) === 'link eth0' && event.link.master)
    expect(masters).toContain(bridge.index)
    expect(new Set(about(events, 'eth0'))).toEqual(new Set(['change link eth0']))
    expect(about(events, 'neighbor')).toEqual([])
  })

  test('of a link that leaves for another namespace, and of one that arrives', async () => {
    using other = await Namespace.create()
    watch = ns.watch({ links: true })
    await using there = other.watch({ links: true })
    const link = await ns.links.get('peer0')
    await link.moveTo(other)
    expect((await upTo(watch, 'delete link peer0')).at(-1)?.event).toBe('delete')
    const arrival = (await upTo(there, 'add link peer0')).at(-1)
    // The object that comes with an event is one to work with.
    if (arrival?.type !== 'link') throw new Error('it is a link')
    await arrival.link.set({ mtu: 1300 })
    expect((await other.links.get('peer0')).mtu).toBe(1300)
  })

  test('of addresses that come, change and go', async () => {
    watch = ns.watch({ addresses: true })
    await watch.ready
    await ip('address', 'add', '10.9.0.1/24', 'dev', 'eth0', 'label', 'eth0:x')
    await ip('address', 'change', '10.9.0.1/24', 'dev', 'eth0', 'valid_lft', '1000', 'preferred_lft', '500')
    await ip('address', 'add', '10.9.0.1/16', 'dev', 'eth0')
    await ip('address', 'add', 'fd09::1/64', 'dev', 'eth0', 'nodad')
    // Told by a worker of the kernel, which may be slower than the next command.
    const first = await upTo(watch, 'add address fd09::1/64')
    await ip('address', 'change', 'fd09::1/64', 'dev', 'eth0', 'valid_lft', '1000', 'preferred_lft', '500')
    await ip('address', 'delete', 'fd09::1/64', 'dev', 'eth0')
    await ip('address', 'delete', '10.9.0.1/24', 'dev', 'eth0')
    const events = [...first, ...(await upTo(watch, 'delete address 10.9.0.1/24'))]
    // Without those of the others, which the kernel has yet to make good.
    expect(about(events, '10.9.', 'fd09:')).toEqual([
      'add address 10.9.0.1/24',
      'change address 10.9.0.1/24',
      'add address 10.9.0.1/16',
      'add address fd09::1/64',
      'change address fd09::1/64',
      'delete address fd09::1/64',
      'delete address 10.9.0.1/24',
    ])
    const [added, changed] = events.filter((event) => subject(event) === 'address 10.9.0.1/24')
    expect(added).toMatchObject({ address: { label: 'eth0:x', link: (await ns.links.get('eth0')).index } })
    expect(changed).toMatchObject({ address: { validLifetime: 1000, preferredLifetime: 500 } })
  })

  test('of an IPv6 address whose detection of duplicates ends: it changes', async () => {
    watch = ns.watch({ addresses: true })
    await watch.ready
    await ip('address', 'add', 'fd09::1/64', 'dev', 'eth0')
    const all = await upTo(watch, 'change address fd09::1/64')
    const events = all.filter((event) => subject(event) === 'address fd09::1/64')
    expect(events.map(words)).toEqual(['add address fd09::1/64', 'change address fd09::1/64'])
    expect(events[0]).toMatchObject({ address: { flags: expect.arrayContaining(['tentative']) } })
    expect(events[1]).toMatchObject({ address: { flags: ['permanent'] } })
  })

  test('of routes that come, are replaced and go, in all tables', async () => {
    watch = ns.watch({ routes: true })
    await watch.ready
    await ip('route', 'add', '10.1.0.0/16', 'via', '10.0.0.2')
    await ip('route', 'replace', '10.1.0.0/16', 'via', '10.0.0.3')
    await ip('route', 'append', '10.1.0.0/16', 'via', '10.0.0.4')
    await ip('route', 'add', '10.1.0.0/16', 'via', '10.0.0.5', 'table', '100')
    await ip('route', 'add', '10.2.0.0/16', 'nexthop', 'via', '10.0.0.2', 'nexthop', 'via', '10.0.0.3')
    await ip('route', 'delete', '10.2.0.0/16')
    await ip('-6', 'route', 'add', 'fd01::/64', 'via', 'fd00::2')
    await ip('-6', 'route', 'append', 'fd01::/64', 'via', 'fd00::3')
    await ip('-6', 'route', 'replace', 'fd01::/64', 'via', 'fd00::4')
    await ip('-6', 'route', 'delete', 'fd01::/64')
    const events = await upTo(watch, 'delete route fd01::/64 via fd00::4')
    // Without those that the kernel makes for addresses a moment later.
    expect(about(events, 'via 1', 'via f')).toEqual([
      'add route 10.1.0.0/16 via 10.0.0.2',
      'change route 10.1.0.0/16 via 10.0.0.3',
      'add route 10.1.0.0/16 via 10.0.0.4',
      'add route 10.1.0.0/16 via 10.0.0.5',
      'add route 10.2.0.0/16 via 10.0.0.2,10.0.0.3',
      'delete route 10.2.0.0/16 via 10.0.0.2,10.0.0.3',
      'add route fd01::/64 via fd00::2',
      'change route fd01::/64 via fd00::2,fd00::3',
      'change route fd01::/64 via fd00::4',
      'delete route fd01::/64 via fd00::4',
    ])
    const tables = events.map((event) => event.type === 'route' && subject(event).endsWith('.5') && event.route.table)
    expect(tables).toContain(100)
  })

  test('of neighbours that come, change and go', async () => {
    watch = ns.watch({ neighbors: true })
    await watch.ready
    await ip('neighbor', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0')
    await ip('neighbor', 'replace', '10.0.0.9', 'lladdr', '02:00:00:00:00:0a', 'dev', 'eth0')
    await ip('neighbor', 'add', 'fd00::9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0')
    await ip('neighbor', 'delete', '10.0.0.9', 'dev', 'eth0')
    const events = await upTo(watch, 'delete neighbor 10.0.0.9')
    expect(events.slice(0, 3)).toMatchObject([
      { event: 'add', neighbor: { address: '10.0.0.9', mac: '02:00:00:00:00:09', state: 'permanent' } },
      { event: 'change', neighbor: { address: '10.0.0.9', mac: '02:00:00:00:00:0a' } },
      { event: 'add', neighbor: { address: 'fd00::9', family: 'inet6' } },
    ])
  })

  test('of next hops that come, are replaced, lose members and go', async () => {
    await ip('nexthop', 'add', 'id', '7', 'blackhole')
    watch = ns.watch({ nexthops: true })
    await watch.ready
    await ip('nexthop', 'add', 'id', '1', 'via', '10.0.0.2', 'dev', 'eth0')
    await ip('nexthop', 'replace', 'id', '1', 'via', '10.0.0.3', 'dev', 'eth0')
    await ip('nexthop', 'replace', 'id', '2', 'via', 'fd00::2', 'dev', 'eth0')
    await ip('nexthop', 'replace', 'id', '7', 'via', '10.0.0.7', 'dev', 'eth0')
    await ip('nexthop', 'add', 'id', '10', 'group', '1/7,3')
    await ip('nexthop', 'delete', 'id', '7')
    await ip('nexthop', 'delete', 'id', '1')
    // The kernel does not say that one goes with its link.
    await ip('link', 'set', 'eth0', 'down')
    await ip('link', 'set', 'eth0', 'up')
    await ip('nexthop', 'add', 'id', '2', 'blackhole')
    const events = [...(await upTo(watch, 'add nexthop 2')), ...(await upTo(watch, 'add nexthop 2'))]
    expect(events.map(words)).toEqual([
      'add nexthop 1',
      'change nexthop 1',
      'add nexthop 2',
      'change nexthop 7',
      'add nexthop 10',
      'delete nexthop 7',
      'change nexthop 10',
      'delete nexthop 1',
      'delete nexthop 10',
      'add nexthop 2',
    ])
    expect(events[1]).toMatchObject({ nexthop: { id: 1, via: '10.0.0.3', family: 'inet' } })
  })

  test('of rules that come and go, those that differ in anything being others', async () => {
    watch = ns.watch({ rules: true })
    await watch.ready
    await ip('rule', 'add', 'from', '10.1.0.0/16', 'table', '100', 'priority', '500')
    await ip('rule', 'add', 'from', '10.1.0.0/16', 'table', '100', 'priority', '500', 'iif', 'none')
    await ip('-6', 'rule', 'add', 'fwmark', '7', 'tun_id', '77', 'priority', '600', 'goto', '700')
    await ip('rule', 'delete', 'priority', '500', 'iif', 'none')
    await ip('-6', 'rule', 'delete', 'priority', '600')
    const events = await upTo(watch, 'delete rule inet6 600')
    expect(events.map(words)).toEqual([
      'add rule inet 500',
      'add rule inet 500',
      'add rule inet6 600',
      'delete rule inet 500',
      'delete rule inet6 600',
    ])
    expect(events[0]).toMatchObject({ rule: { from: '10.1.0.0/16', table: 100 } })
    expect(events[2]).toMatchObject({ rule: { fwmark: 7, tunnelId: 77n, action: 'goto', flags: ['unresolved'] } })
    expect(events[3]).toMatchObject({ rule: { iif: 'none' } })
  })

  test('of a change to what was there before it began, that it is a change', async () => {
    await ip('neighbor', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0')
    watch = ns.watch()
    await watch.ready
    await ip('link', 'set', 'peer0', 'alias', 'changed')
    expect(about(await upTo(watch, 'change link peer0'), 'add link')).toEqual([])
    await ip('address', 'change', '10.0.0.1/24', 'dev', 'eth0', 'valid_lft', '1000', 'preferred_lft', '500')
    await ip('neighbor', 'replace', '10.0.0.9', 'lladdr', '02:00:00:00:00:0a', 'dev', 'eth0')
    const events = await upTo(watch, 'change neighbor 10.0.0.9')
    expect(events.map(words)).toContain('change address 10.0.0.1/24')
  })
})

describe('with a snapshot', () => {
  test('all there is comes first, as the lists have it, and then what changes', async () => {
    await ip('route', 'add', '10.1.0.0/16', 'via', '10.0.0.2')
    await ip('neighbor', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0')
    await ip('nexthop', 'add', 'id', '1', 'via', '10.0.0.2', 'dev', 'eth0')
    await ip('nexthop', 'add', 'id', '2', 'group', '1')
    await ip('rule', 'add', 'fwmark', '1', 'tun_id', '7', 'table', '100')
    await ip('rule', 'add', 'fwmark', '2', 'iif', 'none', 'table', '100')
    const lists = await listed(ns)
    watch = ns.watch({ snapshot: true })
    const ledger = new Ledger()
    const kinds: (string | undefined)[] = []
    while (ledger.entries.size < lists.size) {
      const { value } = await watch.next()
      ledger.take(value as NetworkEvent)
      kinds.push(value?.type)
    }
    expect(ledger.entries).toEqual(lists)
    expect([...new Set(kinds)]).toEqual(['link', 'address', 'neighbor', 'nexthop', 'route', 'rule'])
    await ip('link', 'set', 'eth0', 'mtu', '1400')
    for (const event of await upTo(watch, 'change link eth0')) ledger.take(event)
  })

  test('an event shows an object as the list does', async () => {
    await ip('route', 'add', '10.1.0.0/16', 'via', '10.0.0.2')
    watch = ns.watch({ snapshot: true, routes: true })
    const event = (await upTo(watch, 'add route 10.1.0.0/16 via 10.0.0.2')).at(-1)
    const [route] = await ns.routes.list({ to: '10.1.0.0/16' })
    expect(JSON.stringify(event)).toBe(JSON.stringify({ event: 'add', type: 'route', route }))
    expect(JSON.stringify(route)).toContain('10.1.0.0/16')
  })
})

const nothing = { links: false, addresses: false, routes: false, neighbors: false, nexthops: false, rules: false }

describe('it tells only of what is chosen', () => {
  test.each<[NetworkWatchOptions, string[]]>([
    [{ links: true }, ['link']],
    [{ links: true, routes: true }, ['link', 'route']],
    [{ links: false, routes: false, rules: false }, ['address', 'neighbor', 'nexthop']],
    [{ nexthops: true, rules: true }, ['nexthop', 'rule']],
    [{ neighbors: true, links: false }, ['neighbor']],
    [{}, ['link', 'address', 'neighbor', 'nexthop', 'route', 'rule']],
  ])('%o', async (options, types) => {
    watch = ns.watch({ ...options, snapshot: true })
    await ip('neighbor', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0')
    await ip('nexthop', 'add', 'id', '1', 'dev', 'eth0')
    await ip('address', 'add', '10.9.0.1/24', 'dev', 'eth0')
    await ip('link', 'set', 'eth0', 'mtu', '1400')
    const seen = new Set<string | undefined>()
    while (seen.size < types.length) seen.add((await watch.next()).value?.type)
    expect([...seen].sort()).toEqual([...types].sort())
  })

  test.each<[string, unknown, string]>([
    ['options that are null', null, 'ERR_INVALID_ARG_VALUE'],
    ['nothing at all', nothing, 'ERR_INVALID_ARG_VALUE'],
    ['what nobody knows', { link: true }, 'ERR_INVALID_ARG_VALUE'],
    ['links that are a string', { links: 'eth0' }, 'ERR_INVALID_ARG_VALUE'],
    ['a snapshot that is a number', { snapshot: 1 }, 'ERR_INVALID_ARG_VALUE'],
    ['a signal that is none', { signal: new AbortController() }, 'ERR_INVALID_ARG_VALUE'],
    ['a buffer of nothing', { receiveBuffer: 0 }, 'ERR_OUT_OF_RANGE'],
    ['a buffer that is too large', { receiveBuffer: 2 ** 30 }, 'ERR_OUT_OF_RANGE'],
  ])('and refuses %s', (_, options, code) => {
    expect(() => ns.watch(options as never)).toThrow(expect.objectContaining({ code }))
  })

  test('and refuses a namespace without a network stack', async () => {
    using uts = await Namespace.create({ types: ['uts'] })
    expect(() => uts.watch()).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_TYPE' }))
  })
})

test('events have words for everything', async () => {
  watch = ns.watch({ snapshot: true, links: true })
  const { value } = await watch.next()
  expect(subject(value as NetworkEvent)).toBe('link lo')
})
