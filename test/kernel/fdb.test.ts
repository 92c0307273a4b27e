import { Bridge, type FdbEntry, type Link, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { quiet, bridge as run, type ShownFdb, shown } from '../helpers/bridge.js'
import { failure } from '../helpers/child.js'

let ns: Namespace
let bridge: Bridge
let p0: Link
beforeEach(async () => {
  ns = await Namespace.create(quiet)
  bridge = await Bridge.create({ namespace: ns, name: 'br0', ...withoutVlans })
  p0 = await ns.links.create({ kind: 'veth', name: 'p0', master: bridge, peer: { name: 'p1' } })
  await ns.links.create({ kind: 'veth', name: 'q0', master: bridge, peer: { name: 'q1' } })
})
afterEach(() => ns.close())

const mac = '02:00:00:00:00:09'
// An entry without a VLAN is also one of each VLAN that the port has: there is one by default.
const withoutVlans = { vlanDefaultPvid: 0 }
const wrong = (value: unknown) => value as never
const flagWords: Record<string, string> = { extLearned: 'extern_learn' }

/** Entries in the words of `bridge -j fdb`. */
async function asBridge(entries: FdbEntry[]): Promise<ShownFdb[]> {
  const names = new Map((await ns.links.list()).map(({ index, name }) => [index, name]))
  return entries.map((entry) => ({
    mac: entry.mac,
    ifname: names.get(entry.link) ?? '',
    flags: [
      ...(entry.bridge === undefined ? ['self'] : []),
      ...entry.flags.map((flag) => flagWords[flag] ?? `${flag}`),
    ],
    state: entry.state === 'dynamic' ? '' : String(entry.state),
    ...(entry.bridge !== undefined && { master: names.get(entry.bridge) as string }),
  }))
}

const find = async (address: string, ...args: string[]) =>
  (await shown<ShownFdb>(ns, 'fdb', 'show', ...args)).filter((entry) => entry.mac === address)

test('entries of every state and flag are what bridge shows', async () => {
  await bridge.fdb.add({ mac: '02:00:00:00:00:01', link: 'p0', flags: ['sticky'] })
  await bridge.fdb.add({ mac: '02:00:00:00:00:02', link: p0, state: 'dynamic' })
  await bridge.fdb.add({ mac: '02:00:00:00:00:03', link: p0.index, state: 'permanent' })
  await bridge.fdb.add({ mac: '02:00:00:00:00:04', link: 'q0', flags: ['extLearned'] })
  await bridge.fdb.add({ mac: '02:00:00:00:00:05' })
  await ns.fdb.add({ mac: '02:00:00:00:00:06', link: 'p0' })
  await ns.fdb.add({ mac: '02:00:00:00:00:07', link: 'p0', master: true, state: 'static' })
  const entries = await ns.fdb.list()
  expect(await asBridge(entries)).toEqual(await shown<ShownFdb>(ns, 'fdb'))
  const state = (address: string) => entries.find((entry) => entry.mac === address)
  expect(state('02:00:00:00:00:01')).toMatchObject({
    state: 'static',
    flags: ['sticky'],
    master: true,
    self: false,
    bridge: bridge.index,
  })
  expect(state('02:00:00:00:00:02')).toMatchObject({ state: 'dynamic', link: p0.index })
  expect(state('02:00:00:00:00:03')).toMatchObject({ state: 'permanent' })
  expect(state('02:00:00:00:00:04')).toMatchObject({ flags: ['extLearned'] })
  expect(state('02:00:00:00:00:05')).toMatchObject({
    state: 'permanent',
    self: true,
    master: false,
    link: bridge.index,
  })
  expect(state('02:00:00:00:00:06')).toMatchObject({ self: true, master: false })
  expect(await find('02:00:00:00:00:07')).toMatchObject([{ ifname: 'p0', master: 'br0', state: 'static' }])
})

test('we show what bridge adds', async () => {
  await run(ns, `fdb add ${mac} dev p0 master static sticky`)
  await run(ns, 'fdb add 02:00:00:00:00:0a dev q0 master dynamic extern_learn')
  await run(ns, 'fdb add 02:00:00:00:00:0b dev br0 self permanent')
  await run(ns, 'fdb add 02:00:00:00:00:0c dev p1 self')
  expect(await bridge.fdb.get(mac)).toMatchObject({ link: p0.index, state: 'static', flags: ['sticky'], master: true })
  expect(await bridge.fdb.get('02:00:00:00:00:0a')).toMatchObject({ state: 'dynamic', flags: ['extLearned'] })
  expect(await bridge.fdb.list({ mac: '02:00:00:00:00:0B' })).toMatchObject([{ link: bridge.index, self: true }])
  expect(await ns.fdb.list({ mac: '02:00:00:00:00:0c' })).toMatchObject([{ self: true, state: 'permanent' }])
})

test('an address is learned from what a station sends', async () => {
  using leaf = await Namespace.create(quiet)
  const port = await ns.links.create({
    kind: 'veth',
    name: 'r0',
    master: bridge,
    peer: { namespace: leaf, name: 'eth0', mac: '02:00:00:00:00:77', addresses: ['10.0.0.2/24'] },
  })
  await bridge.addresses.add('10.0.0.1/24')
  await leaf.execFile('ping', ['-c', '1', '10.0.0.1'])
  expect(await bridge.fdb.get('02:00:00:00:00:77')).toMatchObject({ link: port.index, state: 'dynamic' })
  expect(await find('02:00:00:00:00:77')).toMatchObject([{ ifname: 'r0', state: '' }])
  await bridge.setPort(port, { learning: false })
  await bridge.fdb.flush({ link: port, state: 'dynamic' })
  await leaf.execFile('ping', ['-c', '1', '10.0.0.1'])
  expect(await find('02:00:00:00:00:77')).toEqual([])
})

test('an entry is replaced in its place, or added, and moves to another port', async () => {
  await bridge.fdb.replace({ mac, link: 'p0' })
  await bridge.fdb.replace({ mac, link: 'q0', state: 'dynamic' })
  expect(await find(mac)).toMatchObject([{ ifname: 'q0', state: '' }])
  await ns.fdb.replace({ mac, link: 'p0', master: true, state: 'static' })
  expect(await find(mac)).toMatchObject([{ ifname: 'p0', state: 'static' }])
})

test('entries are listed by link, bridge, address and state', async () => {
  const other = await Bridge.create({ namespace: ns, name: 'br1', ...withoutVlans })
  const r0 = await ns.links.create({ kind: 'veth', name: 'r0', master: other, peer: { name: 'r1' } })
  await bridge.fdb.add({ mac, link: 'p0' })
  await bridge.fdb.add({ mac: '02:00:00:00:00:0a', link: 'q0', state: 'dynamic' })
  await other.fdb.add({ mac, link: 'r0' })
  expect(await ns.fdb.list({ mac })).toMatchObject([{ link: p0.index }, { link: r0.index }])
  expect(await bridge.fdb.list({ mac })).toMatchObject([{ link: p0.index, bridge: bridge.index }])
  expect(await ns.fdb.list({ bridge: 'br1', state: 'static' })).toMatchObject([{ mac, link: r0.index }])
  expect(await ns.fdb.list({ state: 'dynamic' })).toMatchObject([{ mac: '02:00:00:00:00:0a' }])
  const ofLink = await ns.fdb.list({ link: 'p0' })
  const theirs = await shown<ShownFdb>(ns, 'fdb', 'show', 'brport', 'p0')
  // What it filters by, bridge leaves out.
  expect(await asBridge(ofLink)).toEqual(theirs.map((entry) => ({ ...entry, ifname: 'p0' })))
  expect(await asBridge(await bridge.fdb.list())).toEqual(await shown<ShownFdb>(ns, 'fdb', 'show', 'br', 'br0'))
})

test('what a list gives can be given back, to be deleted', async () => {
  await bridge.fdb.add({ mac, link: 'p0' })
  await bridge.fdb
    .add({ mac })
    .then(() => expect.unreachable('there is one already'))
    .catch((error: unknown) => expect(error).toMatchObject({ code: 'EEXIST' }))
  await bridge.fdb.add({ mac: '02:00:00:00:00:0a' })
  await ns.fdb.add({ mac, link: 'p0', self: true })
  await ns.fdb.add({ mac, link: 'q1' })
  for (const address of [mac, '02:00:00:00:00:0a'])
    for (const entry of await ns.fdb.list({ mac: address })) await ns.fdb.delete(entry)
  expect([await find(mac), await find('02:00:00:00:00:0a')]).toEqual([[], []])
  await bridge.fdb.add({ mac, link: 'p0' })
  for (const entry of await bridge.fdb.list({ mac })) await bridge.fdb.delete(entry)
  expect(await find(mac)).toEqual([])
})

test('a flush takes away what the filter selects, permanent entries only when asked for them, and no address of a link', async () => {
  await bridge.fdb.add({ mac, link: 'p0' })
  await bridge.fdb.add({ mac: '02:00:00:00:00:0a', link: 'p0', state: 'dynamic' })
  await bridge.fdb.add({ mac: '02:00:00:00:00:0b', link: 'q0', state: 'dynamic' })
  await bridge.fdb.add({ mac: '02:00:00:00:00:0c', link: 'q0', state: 'permanent' })
  await ns.fdb.add({ mac: '02:00:00:00:00:0d', link: 'q0' })
  const left = async () =>
    (await ns.fdb.list()).map((entry) => entry.mac).filter((each) => each.startsWith('02:00:00:00'))
  await bridge.fdb.flush({ link: 'p0', state: 'dynamic' })
  expect((await left()).sort()).toEqual([mac, '02:00:00:00:00:0b', '02:00:00:00:00:0c', '02:00:00:00:00:0d'])
  await bridge.fdb.flush()
  expect((await left()).sort()).toEqual(['02:00:00:00:00:0c', '02:00:00:00:00:0d'])
  await ns.fdb.flush({ link: 'q0', state: 'permanent' })
  expect(await left()).toEqual(['02:00:00:00:00:0d'])
})

test('a thousand entries are added in one tick, listed and flushed', async () => {
  const macs = Array.from(
    { length: 1000 },
    (_, i) => `02:00:00:01:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
  )
  await Promise.all(macs.map((each) => bridge.fdb.add({ mac: each, link: p0 })))
  const listed = (await bridge.fdb.list({ state: 'static' })).map((entry) => entry.mac)
  expect(listed.sort()).toEqual(macs)
  await bridge.fdb.flush()
  expect(await bridge.fdb.list({ state: 'static' })).toEqual([])
})

describe('what the kernel refuses it refuses with words about it', () => {
  test.each<[string, string, () => Promise<unknown>, string]>([
    [
      'an entry that is there',
      'EEXIST',
      () => bridge.fdb.add({ mac, link: 'p0' }),
      `RTM_NEWNEIGH forwarding entry ${mac} of link 'p0'`,
    ],
    [
      'to delete one that is not',
      'ENOENT',
      () => bridge.fdb.delete({ mac: '02:00:00:00:00:0f', link: 'p0' }),
      'RTM_DELNEIGH',
    ],
    ['to find one that is not', 'ENOENT', () => bridge.fdb.get('02:00:00:00:00:0f'), 'RTM_GETNEIGH'],
    ['a link that is not', 'ENODEV', () => ns.fdb.add({ mac, link: 4711 }), 'link 4711'],
    ['a name that is not', 'ENODEV', () => ns.fdb.add({ mac, link: 'nobody' }), "link 'nobody'"],
    [
      'a master where there is none',
      'EOPNOTSUPP',
      () => ns.fdb.add({ mac, link: 'p1', master: true }),
      'must be the port of a bridge',
    ],
  ])('%s is %s', async (_, code, call, words) => {
    await bridge.fdb.add({ mac, link: 'p0' })
    const error = await failure(call())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(words)
  })
})

describe('what could be no entry is refused before the kernel is asked', () => {
  const range = 'ERR_OUT_OF_RANGE'
  test.each<[string, () => Promise<unknown>, string, string?]>([
    ['null', () => ns.fdb.add(wrong(null)), "'entry'"],
    ['a string', () => bridge.fdb.add(wrong('02')), "'entry.0'"],
    ['no address', () => bridge.fdb.add(wrong({ link: 'p0' })), "'mac'"],
    ['half an address', () => bridge.fdb.add({ mac: '02:00:00', link: 'p0' }), "'mac'"],
    ['VLAN 0', () => bridge.fdb.add({ mac, link: 'p0', vlan: 0 }), "'vlan'", range],
    ['VLAN 4095', () => bridge.fdb.list({ vlan: 4095 }), "'vlan'", range],
    ['a state that is none', () => bridge.fdb.add({ mac, link: 'p0', state: wrong('stale') }), "'state'"],
    ['a flag that is read only', () => bridge.fdb.add({ mac, link: 'p0', flags: ['offloaded'] }), "'flags'"],
    ['flags that are a string', () => bridge.fdb.add({ mac, link: 'p0', flags: wrong('sticky') }), "'flags'"],
    ['no table', () => ns.fdb.add({ mac, link: 'p0', self: false }), "'self'"],
    ['a master that is a name', () => ns.fdb.add({ mac, link: 'p0', master: wrong('br0') }), "'master'"],
    ['a VNI of 25 bits', () => ns.fdb.add({ mac, link: 'p0', vni: 1 << 24 }), "'vni'", range],
    ['port 65,536', () => ns.fdb.add({ mac, link: 'p0', port: 65_536 }), "'port'", range],
    ['a destination that is none', () => ns.fdb.add({ mac, link: 'p0', dst: 'there' }), 'there'],
    ['an option that nobody knows', () => ns.fdb.add(wrong({ mac, dev: 'p0' })), "'entry.dev'"],
    ['one of a filter', () => ns.fdb.list(wrong({ dev: 'p0' })), "'filter.dev'"],
    ['a filter that is null', () => bridge.fdb.flush(wrong(null)), "'filter'"],
    ['one of get', () => bridge.fdb.get(mac, wrong({ vid: 5 })), "'options.vid'"],
  ])('%s', async (_, call, words, code = 'ERR_INVALID_ARG_VALUE') => {
    const error = await failure(call())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(words)
  })
})
