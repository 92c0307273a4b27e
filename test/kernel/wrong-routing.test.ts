// What cannot be of a route, rule, next hop, neighbour or address is refused before the kernel is asked.
import { type Link, Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'

let ns: Namespace
let link: Link
beforeAll(async () => {
  ns = await Namespace.create()
  link = await ns.links.get('lo')
})
afterAll(() => ns.close())

const invalid = 'ERR_INVALID_ARG_VALUE'
const range = 'ERR_OUT_OF_RANGE'
const wrong = (value: unknown) => value as never

async function refused(call: () => Promise<unknown>, argument: string, code: string): Promise<void> {
  const error = await failure(call())
  expect(error).toMatchObject({ code })
  expect(error).not.toHaveProperty('syscall')
  expect(error.message).toContain(argument)
}

type Cases = [label: string, options: object, argument: string, code: string][]

const routes: Cases = [
  ['hops that are no list', { hops: 7 }, "'hops'", invalid],
  ['no hops', { hops: [] }, "'hops'", invalid],
  ['a hop that is null', { hops: [null] }, "'hops.0'", invalid],
  ['a hop that leads nowhere', { hops: [{ weight: 1 }] }, "'hops.0'", invalid],
  ['a weight of 0', { hops: [{ link: 1, weight: 0 }] }, "'hops.0.weight'", range],
  ['a weight of 257', { hops: [{ link: 1, weight: 257 }] }, "'hops.0.weight'", range],
  ['an onlink that is a number', { hops: [{ link: 1, onlink: 1 }] }, "'hops.0.onlink'", invalid],
  ['a hop with a bad link', { hops: [{ link: 'a/b' }] }, "'link'", invalid],
  ['a hop with a bad gateway', { hops: [{ via: '10.0.0' }] }, '10.0.0', invalid],
  ['hops beside a gateway', { hops: [{ link: 1 }], via: '10.0.0.1' }, "'via'", invalid],
  ['hops beside a link', { hops: [{ link: 1 }], link: 1 }, "'link'", invalid],
  ['hops beside a next hop', { hops: [{ link: 1 }], nexthop: 1 }, "'nexthop'", invalid],
  ['a next hop beside a gateway', { nexthop: 1, via: '10.0.0.1' }, "'via'", invalid],
  ['a next hop of 0', { nexthop: 0 }, "'nexthop'", range],
  ['an onlink that is a string', { link: 1, onlink: 'yes' }, "'onlink'", invalid],
  ['an IPv4 preference', { link: 1, pref: 'high' }, "'pref'", invalid],
  ['an IPv4 expiry', { link: 1, expires: 5 }, "'expires'", invalid],
  ['an IPv6 type of service', { to: 'fd00::/64', link: 1, tos: 16 }, "'tos'", invalid],
  ['a type of service of 256', { link: 1, tos: 256 }, "'tos'", range],
  ['an expiry of 0', { to: 'fd00::/64', link: 1, expires: 0 }, "'expires'", range],
  ['an unknown preference', { to: 'fd00::/64', link: 1, pref: 'best' }, 'pref', invalid],
  ['an unknown type', { link: 1, type: 'wormhole' }, 'type', invalid],
  ['a hop limit of 256', { link: 1, hoplimit: 256 }, "'hoplimit'", range],
  ['a round trip time that the kernel cannot hold', { link: 1, rtt: 600_000_000 }, "'rtt'", range],
  ['a window that is a string', { link: 1, window: '5' }, "'window'", invalid],
  ['a quickack that is a number', { link: 1, quickack: 1 }, "'quickack'", invalid],
  ['unknown features', { link: 1, features: ['warp'] }, 'features', invalid],
  ['a congestion control that is a number', { link: 1, congctl: 1 }, "'congctl'", invalid],
  ['a lock that is a string', { link: 1, lock: 'mtu' }, "'lock'", invalid],
  ['an unknown lock', { link: 1, lock: ['speed'] }, "'lock'", invalid],
]

const queries: Cases = [
  ['null', wrong(null), "'query'", invalid],
  ['a source of the other family', { source: 'fd00::1' }, "'source'", invalid],
  ['a mark of -1', { mark: -1 }, "'mark'", range],
  ['a type of service of 256', { tos: 256 }, "'tos'", range],
  ['a source port of 0', { sport: 0 }, "'sport'", range],
  ['a destination port of 65536', { dport: 65_536 }, "'dport'", range],
  ['a user that is a name', { uid: 'root' }, "'uid'", invalid],
  ['an unknown protocol', { ipProto: 'smoke' }, 'ipProto', invalid],
  ['a match that is a string', { fibMatch: 'yes' }, "'fibMatch'", invalid],
  ['a bad link', { iif: '' }, "'link'", invalid],
]

const rules: Cases = [
  ['null', wrong(null), "'rule'", invalid],
  ['a bad source', { from: '10.0.0.1/33' }, '33', invalid],
  ['addresses of two families', { from: '10.0.0.1', to: 'fd00::1' }, "'to'", invalid],
  ['an address of another family', { from: '10.0.0.1', family: 'inet6' }, "'from'", invalid],
  ['an unknown family', { family: 'ipx' }, "'family'", invalid],
  ['a link name that none has', { iif: 'a/b' }, "'iif'", invalid],
  ['a link that is an index', { oif: 1 }, "'oif'", invalid],
  ['a mark of -1', { fwmark: -1 }, "'fwmark'", range],
  ['a mask without a mark', { fwmask: 1 }, "'fwmask'", invalid],
  ['a code point of 64', { dscp: 64 }, "'dscp'", range],
  ['a type of service of 256', { tos: 256 }, "'tos'", range],
  ['ports backwards', { sport: { start: 5, end: 4 } }, "'sport.end'", range],
  ['a port of 65536', { dport: 65_536 }, "'dport.start'", range],
  ['a port that is a string', { dport: '80' }, "'dport'", invalid],
  ['users backwards', { uidRange: { start: 5, end: 4 } }, "'uidRange.end'", range],
  ['a tunnel that is a number', { tunnelId: 5 }, "'tunnelId'", invalid],
  ['an l3mdev that is a number', { l3mdev: 1 }, "'l3mdev'", invalid],
  ['an invert that is a string', { invert: 'no' }, "'invert'", invalid],
  ['a priority of 2^32', { priority: 2 ** 32 }, "'priority'", range],
  ['an unknown action', { action: 'dance' }, 'action', invalid],
  ['a goto without a target', { action: 'goto' }, "'goto'", invalid],
  ['a target without goto', { action: 'blackhole', goto: 5 }, "'goto'", invalid],
  ['a table of 0', { table: 0 }, "'table'", range],
  ['realms of IPv6', { family: 'inet6', realms: { from: 1, to: 2 } }, "'realms'", invalid],
  ['a realm of 65536', { realms: { from: 65_536, to: 2 } }, "'realms.from'", range],
  ['a suppressed length of 129', { suppressPrefixLength: 129 }, "'suppressPrefixLength'", range],
  ['an unknown protocol', { protocol: 'semaphore' }, 'protocol', invalid],
]

const nexthops: Cases = [
  ['null', wrong(null), "'nexthop'", invalid],
  ['nothing', {}, "'nexthop'", invalid],
  ['a number of 0', { id: 0, blackhole: true }, "'id'", range],
  ['a bad gateway', { via: '10.0.0' }, '10.0.0', invalid],
  ['a blackhole with a gateway', { blackhole: true, via: '10.0.0.1' }, "'blackhole'", invalid],
  ['a blackhole that is a number', { blackhole: 1 }, "'blackhole'", invalid],
  ['a group that is no list', { group: 5 }, "'group'", invalid],
  ['a group of nobody', { group: [] }, "'group'", invalid],
  ['a group with a gateway', { group: [1], via: '10.0.0.1' }, "'via'", invalid],
  ['a group with a link', { group: [1], link: 1 }, "'link'", invalid],
  ['a group that is a blackhole', { group: [1], blackhole: true }, "'blackhole'", invalid],
  ['a member of number 0', { group: [0] }, "'group.0.id'", range],
  ['a member that is a string', { group: ['1'] }, "'group.0'", invalid],
  ['a weight of 0', { group: [{ id: 1, weight: 0 }] }, "'group.0.weight'", range],
  ['a weight of 65536', { group: [{ id: 1, weight: 65_536 }] }, "'group.0.weight'", range],
  ['a single one that is resilient', { via: '10.0.0.1', resilient: { buckets: 5 } }, "'resilient'", invalid],
  ['no buckets', { group: [1], resilient: {} }, "'resilient.buckets'", invalid],
  ['a timer that is a string', { group: [1], resilient: { buckets: 1, idleTimer: '1' } }, 'idleTimer', invalid],
]

const neighbors: Cases = [
  ['null', wrong(null), "'neighbor'", invalid],
  ['an entry without a MAC', { mac: undefined }, "'mac'", invalid],
  ['a MAC of two octets', { mac: '02:00' }, "'mac'", invalid],
  ['a proxy with a MAC', { flags: ['proxy'] }, "'mac'", invalid],
  ['an unknown flag', { flags: ['friendly'] }, "'flags'", invalid],
  ['flags that are a string', { flags: 'proxy' }, "'flags'", invalid],
  ['an unknown state', { state: 'asleep' }, 'state', invalid],
  ['an unknown protocol', { protocol: 'semaphore' }, 'protocol', invalid],
]

const addresses: Cases = [
  ['an IPv4 address with a flag of IPv6', { address: '10.0.0.1', flags: ['homeaddress'] }, "'flags'", invalid],
  ['an unknown flag', { flags: ['shiny'] }, "'flags'", invalid],
  ['flags that are a string', { flags: 'nodad' }, "'flags'", invalid],
  ['a lifetime of 0', { validLifetime: 0 }, "'validLifetime'", range],
  ['a lifetime that is a string', { validLifetime: '5' }, "'validLifetime'", invalid],
  ['preferred longer than valid', { validLifetime: 5, preferredLifetime: 6 }, "'preferredLifetime'", range],
  ['a protocol of 256', { protocol: 256 }, 'proto', range],
]

describe('what no route has is refused', () => {
  test.each(routes)('%s', (_, options, argument, code) =>
    refused(() => ns.routes.add(wrong({ to: '10.9.0.0/16', ...options })), argument, code),
  )
})

describe('what no packet has is refused', () => {
  test.each(queries)('%s', (_, options, argument, code) =>
    refused(() => ns.routes.get('10.0.0.1', wrong(options)), argument, code),
  )
})

describe('what no rule has is refused', () => {
  test.each(rules)('%s', (_, options, argument, code) => refused(() => ns.rules.add(wrong(options)), argument, code))
})

describe('what no next hop has is refused', () => {
  test.each(nexthops)('%s', (_, options, argument, code) =>
    refused(() => ns.nexthops.add(wrong(options)), argument, code),
  )
  test('a number that is none, when it is read or deleted', async () => {
    await refused(() => ns.nexthops.get(0), "'id'", range)
    await refused(() => ns.nexthops.delete(wrong('1')), "'id'", invalid)
    await refused(() => ns.nexthops.replace(wrong({ blackhole: true })), "'id'", invalid)
  })
})

describe('what no neighbour has is refused', () => {
  test.each(neighbors)('%s', (_, options, argument, code) =>
    refused(
      () =>
        ns.neighbors.add(
          wrong(options === null ? null : { address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 1, ...options }),
        ),
      argument,
      code,
    ),
  )
})

describe('what no address has is refused', () => {
  test.each(addresses)('%s', (_, options, argument, code) =>
    refused(() => link.addresses.add(wrong({ address: 'fd00::1/64', ...options })), argument, code),
  )
})

describe('filters that are none are refused', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['rules', () => ns.rules.list(wrong(null)), "'filter'"],
    ['rules of an unknown family', () => ns.rules.list(wrong({ family: 4 })), "'family'"],
    ['rules to flush', () => ns.rules.flush(wrong(7)), "'filter'"],
    ['rules by what nobody knows', () => ns.rules.list(wrong({ from: '10.0.0.0/8' })), "'filter.from'"],
    ['rules to be flushed by that', () => ns.rules.flush(wrong({ from: '10.0.0.0/8' })), "'filter.from'"],
    ['a rule with what nobody knows', () => ns.rules.add(wrong({ mark: 7 })), "'rule.mark'"],
    ['a next hop with that', () => ns.nexthops.add(wrong({ link: 'lo', dev: 'lo' })), "'nexthop.dev'"],
    ['next hops by that', () => ns.nexthops.list(wrong({ id: 7 })), "'filter.id'"],
    ['next hops', () => ns.nexthops.list(wrong(null)), "'filter'"],
    ['groups that are a string', () => ns.nexthops.list(wrong({ groups: 'yes' })), "'groups'"],
    ['a signal that is none', () => ns.nexthops.list(wrong({ signal: {} })), "'signal'"],
    ['neighbours', () => ns.neighbors.flush(wrong(null)), "'filter'"],
    ['proxies that are a string', () => ns.neighbors.list(wrong({ proxy: 'yes' })), "'proxy'"],
    ['a time limit that is a string', () => ns.rules.list(wrong({ timeout: '5' })), "'timeout'"],
  ])('%s', (_, call, argument) => refused(call, argument, invalid))
})
