// What links of all kinds have: read as ip shows it, changed as ip shows then.
import { fileURLToPath } from 'node:url'
import { type Link, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type IpLink, ipLink } from '../helpers/ip.js'
import { isRoot } from '../helpers/user.js'

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'far' } })
})
afterEach(() => ns.close())

type Shown = IpLink & Record<string, unknown>
const shown = async (name = 'eth0') => (await ipLink(ns, name)) as Shown
const ip = (command: string) => ns.execFile('ip', command.split(' '))
const refused = (promise: Promise<unknown>, code: string) => expect(promise).rejects.toMatchObject({ code })

/** The same in the words of ip. */
const inItsWords = (each: Link): Record<string, unknown> => ({
  promiscuity: each.promiscuity,
  allmulti: each.allmulti,
  txqlen: each.txQueueLength,
  gso_max_size: each.gsoMaxSize,
  gso_max_segs: each.gsoMaxSegs,
  gro_max_size: each.groMaxSize,
  tso_max_size: each.tsoMaxSize,
  tso_max_segs: each.tsoMaxSegs,
  min_mtu: each.minMtu,
  max_mtu: each.maxMtu,
  num_tx_queues: each.txQueues,
  num_rx_queues: each.rxQueues,
  address: each.mac,
  broadcast: each.broadcast,
  permaddr: each.permanentMac,
  qdisc: each.qdisc,
  operstate: String(each.operState).toUpperCase(),
  linkmode: String(each.linkMode).toUpperCase(),
  inet6_addr_gen_mode: each.addrGenMode,
})

test('all of it is read as ip shows it', async () => {
  await ip('link set eth0 promisc on allmulticast on txqueuelen 77 gso_max_size 4000 gso_max_segs 50')
  await ip('link set far down')
  await link.refresh()
  const seen = await shown()
  const ours = inItsWords(link)
  for (const [name, value] of Object.entries(ours)) {
    // An older kernel tells less.
    if (value !== undefined || seen[name] !== undefined) expect(value, name).toBe(seen[name] ?? 0)
  }
  expect(ours).toMatchObject({ promiscuity: 1, txqlen: 77, gso_max_size: 4000, gso_max_segs: 50, max_mtu: 65_535 })
  expect([link.hasCarrier, link.permanentMac, link.xdp, link.protoDown]).toEqual([false, undefined, undefined, false])
  const before = link.carrierChanges
  await (await ns.links.get('far')).up()
  await link.refresh()
  expect([link.hasCarrier, link.carrierChanges]).toEqual([true, before + 1])
})

test('counters have 64 bits, as ip shows them', async () => {
  await link.addresses.add('10.0.0.1/24')
  await ns.execFile('ping', ['-c', '1', '-W', '0.2', '10.0.0.2']).catch(() => {})
  // Only what we send ourselves moves them, and the far end sends nothing more once it is down.
  await (await ns.links.get('far')).down()
  const { rx, tx } = (await shown()).stats64 as unknown as Record<'rx' | 'tx', Record<string, number>>
  const { stats } = await link.refresh()
  expect(stats?.txPackets).toBeGreaterThan(0)
  expect(stats).toMatchObject({
    rxPackets: rx?.packets,
    rxBytes: rx?.bytes,
    rxErrors: rx?.errors,
    rxDropped: rx?.dropped,
    multicast: rx?.multicast,
    txPackets: tx?.packets,
    txBytes: tx?.bytes,
    txErrors: tx?.errors,
    collisions: tx?.collisions,
  })
})

describe('changes that ip shows', () => {
  test('sizes of segments, when a link is made and afterwards', async () => {
    const made = await ns.links.create({ kind: 'bridge', name: 'br0', gsoMaxSize: 3000, gsoMaxSegs: 5 })
    expect([made.gsoMaxSize, made.gsoMaxSegs]).toEqual([3000, 5])
    expect(await shown('br0')).toMatchObject({ gso_max_size: 3000, gso_max_segs: 5 })
    await link.set({ gsoMaxSize: 2000, gsoMaxSegs: 7 })
    expect(await shown()).toMatchObject({ gso_max_size: 2000, gso_max_segs: 7 })
    if (link.groMaxSize !== undefined) {
      await link.set({ groMaxSize: 5000 })
      expect(await shown()).toMatchObject({ gro_max_size: 5000 })
    }
    if (link.groIpv4MaxSize !== undefined) {
      await link.set({ gsoIpv4MaxSize: 1500, groIpv4MaxSize: 1600 })
      expect(link).toMatchObject({ gsoMaxSize: 2000, groMaxSize: 5000, gsoIpv4MaxSize: 1500, groIpv4MaxSize: 1600 })
    }
    await refused(link.set({ gsoMaxSize: 0x7fffffff }), 'EINVAL')
    await refused(link.set({ gsoMaxSegs: 65_536 }), 'ERR_OUT_OF_RANGE')
    await refused(link.set({ gsoMaxSize: 0 }), 'ERR_OUT_OF_RANGE')
  })

  test('the broadcast address, when a link is made and afterwards', async () => {
    const broadcast = '02:ff:ff:ff:ff:ff'
    const made = await ns.links.create({ kind: 'bridge', name: 'br0', broadcast })
    expect(made.broadcast).toBe(broadcast)
    await link.set({ broadcast })
    expect([(await shown()).broadcast, link.broadcast]).toEqual([broadcast, broadcast])
    await refused(link.set({ broadcast: 'ff' }), 'ERR_INVALID_ARG_VALUE')
  })

  test('the operational state and what becomes of it', async () => {
    await link.set({ operState: 'dormant', linkMode: 'dormant' })
    expect([link.operState, link.linkMode]).toEqual(['dormant', 'dormant'])
    expect(await shown()).toMatchObject({ operstate: 'DORMANT', linkmode: 'DORMANT' })
    await link.set({ operState: 'up', linkMode: 'default' })
    expect(await shown()).toMatchObject({ operstate: 'UP', linkmode: 'DEFAULT' })
    await ip('link set eth0 state dormant')
    expect((await link.refresh()).operState).toBe('dormant')
    for (const wrong of ['down', 6]) await refused(link.set({ operState: wrong as never }), 'ERR_INVALID_ARG_VALUE')
    await refused(link.set({ linkMode: 'none' as never }), 'ERR_INVALID_ARG_VALUE')
  })

  test('that its protocol keeps it down, and why', async () => {
    const upper = await ns.links.create({ kind: 'macvlan', name: 'mv', link, up: false })
    await upper.set({ protoDown: true, protoDownReason: { mask: 0b1011, value: 0b1001 } })
    expect([upper.protoDown, upper.message.protoDownReason]).toEqual([true, { value: 0b1001 }])
    expect(await shown('mv')).toMatchObject({ proto_down: true, proto_down_reason: ['0', '3'] })
    await refused(upper.set({ protoDown: false }), 'EBUSY')
    await upper.set({ protoDownReason: { value: 0 } })
    await upper.set({ protoDown: false })
    expect((await shown('mv')).proto_down).toBe(undefined)
    await refused(link.set({ protoDown: true }), 'EOPNOTSUPP')
    await refused(upper.set({ protoDown: 1 as never }), 'ERR_INVALID_ARG_VALUE')
    await refused(upper.set({ protoDownReason: 1 as never }), 'ERR_INVALID_ARG_VALUE')
  })

  test('the carrier, of links that have none of their own', async () => {
    await refused(link.set({ carrier: false }), 'EOPNOTSUPP')
    await refused(link.set({ carrier: 'off' as never }), 'ERR_INVALID_ARG_VALUE')
    const dummy = await ns.links.create({ kind: 'dummy', name: 'd' }).catch((error: Error) => error)
    if (dummy instanceof Error) {
      expect(dummy.message).toContain('CONFIG_DUMMY')
      return
    }
    await dummy.set({ carrier: false })
    expect([dummy.hasCarrier, (await shown('d')).flags.includes('NO-CARRIER')]).toEqual([false, true])
    await dummy.set({ carrier: true })
    expect(dummy.hasCarrier).toBe(true)
  })

  test('how it makes its IPv6 address', async () => {
    const bridge = await ns.links.create({ kind: 'bridge', name: 'br0', up: false })
    expect(bridge.addrGenMode).toBe('eui64')
    await bridge.set({ addrGenMode: 'none' })
    expect([bridge.addrGenMode, (await shown('br0')).inet6_addr_gen_mode]).toEqual(['none', 'none'])
    await bridge.up()
    expect(await bridge.addresses.list()).toEqual([])
    await refused(bridge.set({ addrGenMode: 1 as never }), 'ERR_INVALID_ARG_VALUE')
  })
})

test('an XDP program on it is told, with its mode and number', async () => {
  const attach = ns.execFile('python3', [
    fileURLToPath(new URL('../programs/attach-xdp.py', import.meta.url)),
    String(link.index),
  ])
  if (!isRoot) {
    // Such programs are loaded by root alone.
    await expect(attach).rejects.toMatchObject({ stderr: expect.stringMatching(/^bpf: /) })
    expect((await link.refresh()).xdp).toBe(undefined)
    return
  }
  await attach
  const { xdp } = await link.refresh()
  expect(xdp).toEqual({ mode: 'skb', programId: expect.any(Number) })
  expect((await shown()).xdp).toMatchObject({ attached: [{ mode: 2, prog: { id: xdp?.programId } }] })
})
