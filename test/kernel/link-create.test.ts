import { Bridge, Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ipAddresses, ipLink, ipLinks } from '../helpers/ip.js'

let ns: Namespace
let other: Namespace
beforeEach(async () => {
  ns = await Namespace.create()
  other = await Namespace.create()
})
afterEach(() => {
  ns.close()
  other.close()
})

const names = async (where: Namespace) => (await where.links.list()).map(({ name }) => name)

test('a pair takes all options at either end', async () => {
  await Bridge.create({ namespace: ns, name: 'br0' })
  const bridge = await Bridge.create({ namespace: other, name: 'br1' })
  const pair = await VethPair.create(
    {
      namespace: ns,
      name: 'one',
      mac: '02:00:00:00:00:01',
      mtu: 1400,
      txQueues: 2,
      rxQueues: 3,
      master: 'br0',
      group: 5,
      txQueueLength: 50,
    },
    {
      namespace: other,
      name: 'two',
      mac: '02:00:00:00:00:02',
      mtu: 9000,
      up: false,
      txQueues: 4,
      rxQueues: 1,
      master: bridge,
      group: 6,
      txQueueLength: 60,
      addresses: ['10.0.0.2/24', 'fd00::2/64'],
    },
  )
  expect(pair.a).toMatchObject({
    name: 'one',
    kind: 'veth',
    mac: '02:00:00:00:00:01',
    mtu: 1400,
    isUp: true,
    group: 5,
    txQueueLength: 50,
  })
  expect(pair.b).toMatchObject({
    name: 'two',
    mac: '02:00:00:00:00:02',
    mtu: 9000,
    isUp: false,
    group: 6,
    master: bridge.index,
  })
  expect(pair.a.parent).toBe(pair.b.index)
  expect(await ipLink(ns, 'one')).toMatchObject({
    ifindex: pair.a.index,
    address: '02:00:00:00:00:01',
    mtu: 1400,
    num_tx_queues: 2,
    num_rx_queues: 3,
    master: 'br0',
    group: '5',
    txqlen: 50,
    link_index: pair.b.index,
  })
  expect(await ipLink(other, 'two')).toMatchObject({
    mtu: 9000,
    num_tx_queues: 4,
    num_rx_queues: 1,
    master: 'br1',
    group: '6',
    txqlen: 60,
  })
  expect(await ipAddresses(other, 'two')).toMatchObject([
    { local: '10.0.0.2', prefixlen: 24 },
    { local: 'fd00::2', prefixlen: 64 },
  ])
})

test('without options a pair has names that are free, one queue and is up', async () => {
  const pairs = await Promise.all([1, 2, 3].map(() => VethPair.create({ namespace: ns }, { namespace: ns })))
  const links = pairs.flatMap(({ a, b }) => [a, b])
  expect(links.map(({ name }) => name).sort()).toEqual(['veth0', 'veth1', 'veth2', 'veth3', 'veth4', 'veth5'])
  for (const link of await ipLinks(ns, 'type', 'veth')) {
    expect(link).toMatchObject({ num_tx_queues: 1, num_rx_queues: 1, operstate: 'UP' })
  }
})

test('a bridge has the options of its kind, and links become its ports and stop being so', async () => {
  const bridge = await Bridge.create({
    namespace: ns,
    name: 'br0',
    stpState: 1,
    forwardDelay: 400,
    ageingTime: 1000,
    groupFwdMask: 8,
    priority: 4096,
    addresses: ['10.0.0.1/24'],
  })
  expect(bridge).toBeInstanceOf(Bridge)
  expect((await ipLink(ns, 'br0')).linkinfo?.info_data).toMatchObject({
    stp_state: 1,
    forward_delay: 400,
    ageing_time: 1000,
    group_fwd_mask: '0x8',
    priority: 4096,
  })
  const port = await ns.links.create({
    kind: 'veth',
    name: 'port0',
    peer: { namespace: other, name: 'eth0', addresses: ['10.0.0.2/24'] },
  })
  await bridge.attach(port)
  expect(port.master).toBe(bridge.index)
  expect((await ipLink(ns, 'port0')).master).toBe('br0')
  expect((await ns.links.list({ master: bridge })).map(({ name }) => name)).toEqual(['port0'])
  await bridge.detach(port)
  expect(port.master).toBe(undefined)
  expect((await ipLink(ns, 'port0')).master).toBe(undefined)
  const stranger = await other.links.get('eth0')
  await expect(bridge.attach(stranger)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
})

test('links of a kind without a format of its own can be made, and a kind that the kernel lacks is refused in its words', async () => {
  const ifb = await ns.links.create({ kind: 'ifb', name: 'ifb9', up: false })
  expect(ifb.kind).toBe('ifb')
  expect((await ipLink(ns, 'ifb9')).linkinfo?.info_kind).toBe('ifb')
  await expect(ns.links.create({ kind: 'nothing', name: 'x' })).rejects.toMatchObject({
    code: 'EOPNOTSUPP',
    request: 'RTM_NEWLINK',
    kernelMessage: 'Unknown device type',
  })
})

test('a creation that is given up, at whatever moment, leaves no link', async () => {
  const ends = [
    { namespace: ns, name: 'a' },
    { namespace: other, name: 'b', addresses: ['10.0.0.1/24'] },
  ] as const
  for (const wait of [0, 1, 30]) {
    const controller = new AbortController()
    const creating = VethPair.create(...ends, { signal: controller.signal })
    // With the last one the kernel is through with it, but nobody has heard so yet.
    for (const end = performance.now() + wait; performance.now() < end; );
    controller.abort(new Error('enough'))
    await expect(creating).rejects.toThrow('enough')
    expect([await names(ns), await names(other)]).toEqual([['lo'], ['lo']])
  }
  const pair = await VethPair.create(...ends, { timeout: 10_000 })
  expect(pair.a.isUp).toBe(true)
})
