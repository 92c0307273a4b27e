// Forwarding entries of a vxlan say where its packets are sent.
import { Bridge, type FdbEntry, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { quiet, bridge as run, type ShownFdb, shown } from '../helpers/bridge.js'

let ns: Namespace
beforeEach(async () => {
  ns = await Namespace.create(quiet)
  await ns.links.create({ kind: 'vxlan', name: 'vx0', id: 42, port: 4789 })
  await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'eth1' } })
})
afterEach(() => ns.close())

const everything = '00:00:00:00:00:00'
const mac = '02:00:00:00:00:09'

async function asBridge(entries: FdbEntry[]): Promise<Omit<ShownFdb, 'ifname'>[]> {
  const names = new Map((await ns.links.list()).map(({ index, name }) => [index, name]))
  // What it filters by, bridge leaves out: the link.
  return entries.map(({ mac: address, dst, port, vni, srcVni, via, nexthop, flags, state }) => ({
    mac: address,
    ...(dst !== undefined && { dst }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
    ...(srcVni !== undefined && { src_vni: srcVni }),
    ...(via !== undefined && { viaIf: names.get(via) as string }),
    ...(nexthop !== undefined && { nhid: nexthop }),
    flags: ['self', ...flags.map((flag) => (flag === 'extLearned' ? 'extern_learn' : `${flag}`))],
    state: state === 'dynamic' ? '' : String(state),
  }))
}

test('destinations with ports, VNIs and links are what bridge shows', async () => {
  await ns.fdb.add({ mac, link: 'vx0', dst: '127.0.0.9' })
  await ns.fdb.add({ mac: '02:00:00:00:00:0a', link: 'vx0', dst: '127.0.0.9', port: 8472, vni: 7, via: 'eth0' })
  await ns.fdb.add({ mac: '02:00:00:00:00:0b', link: 'vx0', dst: '127.0.0.9', state: 'dynamic', flags: ['extLearned'] })
  await ns.fdb.append({ mac: everything, link: 'vx0', dst: '127.0.0.9' })
  await ns.fdb.append({ mac: everything, link: 'vx0', dst: '127.0.0.10', vni: 43 })
  const entries = await ns.fdb.list({ link: 'vx0' })
  const byText = (list: Omit<ShownFdb, 'ifname'>[]) =>
    list.map((entry) => JSON.stringify(entry, Object.keys(entry).sort())).sort()
  expect(byText(await asBridge(entries))).toEqual(byText(await shown<ShownFdb>(ns, 'fdb', 'show', 'dev', 'vx0')))
  expect(entries.filter((entry) => entry.mac === everything)).toMatchObject([
    { dst: '127.0.0.9', self: true, master: false, state: 'permanent' },
    { dst: '127.0.0.10', vni: 43 },
  ])
})

test('we show what bridge adds, and one of several destinations is deleted by itself', async () => {
  await run(ns, `fdb append ${everything} dev vx0 dst 127.0.0.9 port 999 vni 5 via eth1`)
  await run(ns, `fdb append ${everything} dev vx0 dst 127.0.0.10`)
  const [first, second] = await ns.fdb.list({ mac: everything })
  const { index } = await ns.links.get('eth1')
  expect(first).toMatchObject({ dst: '127.0.0.9', port: 999, vni: 5, via: index })
  expect(second).toMatchObject({ dst: '127.0.0.10' })
  await ns.fdb.delete(first as FdbEntry)
  expect(await shown(ns, 'fdb', 'show', 'dev', 'vx0')).toMatchObject([{ dst: '127.0.0.10' }])
  await ns.fdb.replace({ mac, link: 'vx0', dst: '127.0.0.11' })
  await ns.fdb.replace({ mac, link: 'vx0', dst: '127.0.0.12' })
  expect(await ns.fdb.get({ mac, link: 'vx0' })).toMatchObject({ dst: '127.0.0.12' })
  await ns.fdb.flush({ link: 'vx0', state: 'permanent' })
  expect(await shown(ns, 'fdb', 'show', 'dev', 'vx0')).toEqual([])
})

test('an entry can be over a next hop object, and for one of several VNIs', async () => {
  await ns.nexthops.add({ id: 1, via: '127.0.0.9', fdb: true })
  await ns.nexthops.add({ id: 10, group: [1], fdb: true })
  await ns.fdb.add({ mac, link: 'vx0', nexthop: 10 })
  expect(await shown(ns, 'fdb', 'show', 'dev', 'vx0')).toMatchObject([{ mac, nhid: 10 }])
  await ns.links.create({ kind: 'vxlan', name: 'vx1', port: 4790, collectMetadata: 1 })
  await ns.fdb.add({ mac, link: 'vx1', dst: '127.0.0.9', srcVni: 100, vni: 200 })
  expect(await shown(ns, 'fdb', 'show', 'dev', 'vx1')).toMatchObject([
    { mac, dst: '127.0.0.9', src_vni: 100, vni: 200 },
  ])
  const entries = await ns.fdb.list({ mac })
  expect(entries).toMatchObject([{ nexthop: 10 }, { srcVni: 100, vni: 200 }])
  for (const entry of entries) await ns.fdb.delete(entry)
  expect(await ns.fdb.list({ mac })).toEqual([])
})

test('a vxlan that is the port of a bridge has a table of its own, which the flush of the bridge leaves alone', async () => {
  const bridge = await Bridge.create({ namespace: ns, name: 'br0', vlanDefaultPvid: 0 })
  const link = await ns.links.get('vx0')
  await bridge.attach(link)
  await bridge.fdb.add({ mac, link, flags: ['extLearned'] })
  await ns.fdb.add({ mac, link, dst: '127.0.0.9', state: 'dynamic' })
  const entries = await bridge.fdb.list({ mac })
  expect(entries.map(({ master, dst }) => [master, dst])).toEqual([
    [true, undefined],
    [false, '127.0.0.9'],
  ])
  await bridge.fdb.flush()
  expect(await ns.fdb.list({ mac })).toMatchObject([{ self: true, dst: '127.0.0.9' }])
  await ns.fdb.flush({ link })
  expect(await ns.fdb.list({ mac })).toEqual([])
})

test('a destination of the other family is refused', async () => {
  await expect(ns.fdb.add({ mac, link: 'vx0', dst: 'fd00::1' })).rejects.toMatchObject({ code: 'EAFNOSUPPORT' })
})

test('only what is for many stations has several destinations', async () => {
  await expect(ns.fdb.append({ mac, link: 'vx0', dst: '127.0.0.9' })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_VALUE',
  })
  const group = '01:00:5e:01:01:01'
  await ns.fdb.append({ mac: group, link: 'vx0', dst: '127.0.0.9' })
  await ns.fdb.append({ mac: group, link: 'vx0', dst: '127.0.0.10' })
  expect(await shown(ns, 'fdb', 'show', 'dev', 'vx0')).toMatchObject([
    { mac: group, dst: '127.0.0.9' },
    { mac: group, dst: '127.0.0.10' },
  ])
})
