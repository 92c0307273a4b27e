import { Bridge, type Link, type MdbEntry, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { quiet, bridge as run, type ShownMdb, type ShownMdbEntry, shown } from '../helpers/bridge.js'
import { failure } from '../helpers/child.js'

let ns: Namespace
let bridge: Bridge
let p0: Link
beforeEach(async () => {
  ns = await Namespace.create(quiet)
  // Sources count, and are told, with these versions of the protocols.
  bridge = await Bridge.create({ namespace: ns, name: 'br0', mcastIgmpVersion: 3, mcastMldVersion: 2 })
  p0 = await ns.links.create({ kind: 'veth', name: 'p0', master: bridge, peer: { name: 'p1' } })
  await ns.links.create({ kind: 'veth', name: 'q0', master: bridge, peer: { name: 'q1' } })
})
afterEach(() => ns.close())

const wrong = (value: unknown) => value as never

async function theirs(): Promise<ShownMdb> {
  const [all] = await shown<ShownMdb>(ns, 'mdb')
  return all ?? { mdb: [], router: {} }
}

/** Entries in the words of `bridge -j mdb`. */
async function asBridge(entries: MdbEntry[]): Promise<object[]> {
  const names = new Map((await ns.links.list()).map(({ index, name }) => [index, name]))
  return entries.map(({ group, link, state, flags, source, filterMode, protocol, sources }) => ({
    dev: 'br0',
    port: names.get(link),
    grp: group,
    state: state === 'temporary' ? 'temp' : state,
    flags,
    ...(source !== undefined && { src: source }),
    ...(filterMode !== undefined && { filter_mode: filterMode }),
    ...(protocol !== undefined && { protocol }),
    ...(sources !== undefined && { source_list: sources.map(({ address }) => address) }),
  }))
}

const comparable = ({ mdb }: ShownMdb) =>
  mdb.map(({ source_list, ...entry }: ShownMdbEntry & { index?: number; timer?: string }) => {
    const { index: _, timer: __, ...rest } = entry
    return source_list === undefined ? rest : { ...rest, source_list: source_list.map(({ address }) => address) }
  })

// Linux 6.3 brought them; before, it says which attribute it does not know.
async function takesSources(): Promise<boolean> {
  const group = { group: 'ff15::99', link: 'p0' }
  const error = await bridge.mdb
    .add({ ...group, filterMode: 'include', sources: ['fd00::1'] })
    .catch((reason) => reason)
  if (error === undefined) await bridge.mdb.flush()
  else expect(error).toMatchObject({ code: 'EINVAL', attribute: expect.stringMatching(/^attrs\./) })
  return error === undefined
}

test('groups of every family, of ports and of the bridge itself are what bridge shows', async () => {
  await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', state: 'permanent' })
  await bridge.mdb.add({ group: '239.1.1.1', link: 'q0' })
  await bridge.mdb.add({ group: 'ff15::1', link: p0, source: 'fd00::1', state: 'permanent' })
  await bridge.mdb.add({ group: 'ff15::2', link: p0.index })
  await bridge.mdb.add({ group: '239.1.1.2' })
  const entries = await bridge.mdb.list()
  expect(await asBridge(entries)).toEqual(comparable(await theirs()))
  const find = (group: string) => entries.filter((entry) => entry.group === group)
  expect(find('239.1.1.1')).toHaveLength(2)
  expect(find('ff15::1')).toMatchObject([{ link: p0.index, source: 'fd00::1', state: 'permanent', timer: 0 }])
  expect(find('ff15::2')).toMatchObject([{ link: p0.index, state: 'temporary' }])
  const [own] = find('239.1.1.2')
  expect(own).toMatchObject({ link: bridge.index, state: 'temporary' })
  // In seconds: 260 by default.
  expect(own?.timer).toBeGreaterThan(200)
  expect(own?.timer).toBeLessThanOrEqual(260)
})

test('a group can be an Ethernet address, and is permanent', async () => {
  const error = await bridge.mdb.add({ group: '01:02:03:04:05:06', link: 'p0' }).catch((reason: unknown) => reason)
  // Linux 5.11 brought them.
  if (error !== undefined) return expect(error).toMatchObject({ code: 'EINVAL', request: 'RTM_NEWMDB' })
  await run(ns, 'mdb add dev br0 port q0 grp 01:02:03:04:05:06 permanent')
  const entries = await bridge.mdb.list()
  expect(entries.map(({ group, state }) => [group, state])).toEqual([
    ['01:02:03:04:05:06', 'permanent'],
    ['01:02:03:04:05:06', 'permanent'],
  ])
  expect(await asBridge(entries)).toEqual(comparable(await theirs()))
  await expect(bridge.mdb.add({ group: '01:02:03:04:05:07', link: 'p0', state: 'temporary' })).rejects.toMatchObject({
    code: 'EINVAL',
  })
  await bridge.mdb.flush()
  expect((await theirs()).mdb).toEqual([])
})

test('we show what bridge adds', async () => {
  await run(ns, 'mdb add dev br0 port p0 grp 239.1.1.1 permanent')
  await run(ns, 'mdb add dev br0 port q0 grp ff15::1 src fd00::1 temp')
  const entries = await bridge.mdb.list()
  expect(entries.map(({ group, link, state, source }) => [group, link === p0.index, state, source]).sort()).toEqual([
    ['239.1.1.1', true, 'permanent', undefined],
    ['ff15::1', false, 'temporary', 'fd00::1'],
  ])
})

test('lists of sources are included or excluded, and replaced', async () => {
  if (!(await takesSources())) return
  const sources = ['10.0.0.1', '10.0.0.2']
  await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', filterMode: 'include', sources, protocol: 'bgp' })
  const star = async () => (await bridge.mdb.list({ link: 'p0' })).find((entry) => entry.source === undefined)
  expect(await star()).toMatchObject({ filterMode: 'include', protocol: 'bgp' })
  expect((await star())?.sources?.map(({ address }) => address).sort()).toEqual(sources)
  expect((await bridge.mdb.list()).map(({ source }) => source).sort()).toEqual([...sources, undefined])
  expect(await asBridge(await bridge.mdb.list())).toEqual(comparable(await theirs()))
  await bridge.mdb.replace({ group: '239.1.1.1', link: 'p0', sources: ['10.0.0.3'], state: 'permanent' })
  expect(await star()).toMatchObject({ filterMode: 'exclude', state: 'permanent', protocol: 'static' })
  expect((await star())?.sources?.map(({ address }) => address)).toEqual(['10.0.0.3'])
  expect(await bridge.mdb.list()).toContainEqual(expect.objectContaining({ source: '10.0.0.3', flags: ['blocked'] }))
  expect(await asBridge(await bridge.mdb.list())).toEqual(comparable(await theirs()))
  await bridge.mdb.flush()
  expect((await theirs()).mdb).toEqual([])
})

test('entries are listed by link and state, and of one bridge', async () => {
  const other = await Bridge.create({ namespace: ns, name: 'br1' })
  await other.mdb.add({ group: '239.9.9.9' })
  await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', state: 'permanent' })
  await bridge.mdb.add({ group: '239.1.1.2', link: 'q0' })
  const groups = async (filter?: Parameters<typeof bridge.mdb.list>[0]) =>
    (await bridge.mdb.list(filter)).map(({ group }) => group).sort()
  expect(await groups()).toEqual(['239.1.1.1', '239.1.1.2'])
  expect(await groups({ link: 'q0' })).toEqual(['239.1.1.2'])
  expect(await groups({ link: bridge })).toEqual([])
  expect(await groups({ state: 'permanent' })).toEqual(['239.1.1.1'])
  expect(await groups({ vlan: 5 })).toEqual([])
  expect((await other.mdb.list()).map(({ group }) => group)).toEqual(['239.9.9.9'])
})

test('what a list gives can be given back, to be deleted, and a flush takes what the filter selects', async () => {
  await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', source: '10.0.0.1', state: 'permanent' })
  await bridge.mdb.add({ group: 'ff15::1', link: 'p0' })
  await bridge.mdb.add({ group: '239.1.1.2' })
  for (const entry of await bridge.mdb.list()) await bridge.mdb.delete(entry)
  expect((await theirs()).mdb).toEqual([])
  await bridge.mdb.add({ group: '239.1.1.1', link: 'p0' })
  await bridge.mdb.add({ group: '239.1.1.1', link: 'q0' })
  await bridge.mdb.flush({ link: 'p0' })
  expect((await theirs()).mdb).toMatchObject([{ port: 'q0' }])
  await bridge.mdb.flush()
  expect((await theirs()).mdb).toEqual([])
})

test('two thousand groups are added in one tick and listed', async () => {
  const groups = Array.from({ length: 2000 }, (_, i) => `239.1.${i >> 8}.${i & 255}`)
  await Promise.all(groups.map((group) => bridge.mdb.add({ group, link: p0, state: 'permanent' })))
  expect((await bridge.mdb.list()).map(({ group }) => group).sort()).toEqual(groups.sort())
  await bridge.mdb.flush()
  expect(await bridge.mdb.list()).toEqual([])
})

test('ports with a multicast router are told', async () => {
  expect(await bridge.mdb.routers()).toEqual([])
  await bridge.setPort('p0', { mcastRouter: 2 })
  await run(ns, 'link set dev q0 mcast_router 2')
  const routers = await bridge.mdb.routers()
  const q0 = await ns.links.get('q0')
  expect([...routers].sort((a, b) => a.link - b.link)).toEqual([
    { link: p0.index, type: 'perm', timer: 0 },
    { link: q0.index, type: 'perm', timer: 0 },
  ])
  const [all] = await shown<ShownMdb>(ns, '-s', 'mdb')
  expect(all?.router.br0?.map(({ port, type }) => [port, type]).sort()).toEqual([
    ['p0', 'permanent'],
    ['q0', 'permanent'],
  ])
})

describe('what the kernel refuses it refuses with words about it', () => {
  test.each<[string, string, () => Promise<unknown>, string]>([
    [
      'a group that is there',
      'EEXIST',
      () => bridge.mdb.add({ group: '239.1.1.1', link: 'p0' }),
      "239.1.1.1 of link 'p0'",
    ],
    ['to delete one that is not', 'EINVAL', () => bridge.mdb.delete({ group: '239.1.1.2', link: 'p0' }), 'RTM_DELMDB'],
    [
      'an address of one station',
      'EINVAL',
      () => bridge.mdb.add({ group: '10.0.0.1', link: 'p0' }),
      "10.0.0.1 of link 'p0'",
    ],
    [
      'a group of every link',
      'EINVAL',
      () => bridge.mdb.add({ group: '224.0.0.1', link: 'p0' }),
      "224.0.0.1 of link 'p0'",
    ],
    ['a link that is not', 'ENODEV', () => bridge.mdb.add({ group: '239.1.1.2', link: 'nobody' }), "'nobody'"],
    ['a link that is no port', 'EINVAL', () => bridge.mdb.add({ group: '239.1.1.2', link: 'p1' }), "link 'p1'"],
    [
      'a permanent group of its own',
      'EINVAL',
      () => bridge.mdb.add({ group: '239.1.1.2', state: 'permanent' }),
      "'br0'",
    ],
  ])('%s is %s', async (_, code, call, words) => {
    await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', state: 'permanent' })
    const error = await failure(call())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(words)
    expect((await theirs()).mdb).toMatchObject([{ grp: '239.1.1.1', port: 'p0', state: 'permanent' }])
  })

  test('groups of a bridge that does not snoop, or is down, are refused, and a flush says why it cannot', async () => {
    await bridge.mdb.add({ group: '239.1.1.1', link: 'p0', state: 'permanent' })
    await bridge.down()
    const refusal = { code: 'EINVAL', name: 'NetlinkError' }
    await expect(bridge.mdb.add({ group: '239.1.1.2', link: 'p0' })).rejects.toMatchObject(refusal)
    await expect(bridge.mdb.flush()).rejects.toMatchObject(refusal)
    await bridge.set({ up: true, mcastSnooping: 0 })
    await expect(bridge.mdb.add({ group: '239.1.1.2', link: 'p0' })).rejects.toMatchObject({ code: 'EINVAL' })
  })
})

describe('what could be no entry is refused before the kernel is asked', () => {
  const group = '239.1.1.1'
  test.each<[string, () => Promise<unknown>, string, string?]>([
    ['null', () => bridge.mdb.add(wrong(null)), "'entry'"],
    ['no group', () => bridge.mdb.add(wrong({ link: 'p0' })), "'group'"],
    ['a group that is a name', () => bridge.mdb.add({ group: 'all' }), "'group'"],
    ['a source that is none', () => bridge.mdb.add({ group, source: 'there' }), 'there'],
    ['sources that are a string', () => bridge.mdb.add({ group, sources: wrong('10.0.0.1') }), "'sources'"],
    ['a filter mode that is none', () => bridge.mdb.add({ group, filterMode: wrong('only') }), "'filterMode'"],
    ['a state that is none', () => bridge.mdb.add({ group, state: wrong('temp') }), "'state'"],
    ['VLAN 0', () => bridge.mdb.add({ group, vlan: 0 }), "'vlan'", 'ERR_OUT_OF_RANGE'],
    ['a link that is none', () => bridge.mdb.add({ group, link: wrong({}) }), "'link'"],
    ['an option that nobody knows', () => bridge.mdb.add(wrong({ group, port: 'p0' })), "'entry.port'"],
    ['one of a filter', () => bridge.mdb.list(wrong({ port: 'p0' })), "'filter.port'"],
  ])('%s', async (_, call, words, code = 'ERR_INVALID_ARG_VALUE') => {
    const error = await failure(call())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(words)
  })
})
