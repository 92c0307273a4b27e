// The tutorial of `ip netns add blue`, step by step, against `ip`.
import { type Link, Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { ipAddresses, ipLink, ipLinks, ipNeighbors } from '../helpers/ip.js'
import { useNetnsDirectory } from '../helpers/netns-directory.js'
import { isRoot } from '../helpers/user.js'

interface Walk {
  /** Where the pair is made: the host, or what stands in for it. */
  host: Namespace
  blue: Namespace
  green: Namespace
}

const names = async (ns: Namespace) => (await ns.links.list()).map(({ name }) => name)
const ipNames = async (ns: Namespace) => (await ipLinks(ns)).map(({ ifname }) => ifname)

async function expectNeighbor(ns: Namespace, link: Link, peer: Link, address: string): Promise<void> {
  const neighbors = await ns.neighbors.list({ link, family: 'inet' })
  expect(neighbors).toMatchObject([{ address, mac: peer.mac, link: link.index, family: 'inet' }])
  expect(await ipNeighbors(ns, 'dev', link.name)).toEqual(
    expect.arrayContaining([expect.objectContaining({ dst: address, lladdr: peer.mac })]),
  )
}

/** From `ip link add` to the ARP tables; the links are gone with their namespaces. */
async function walk({ host, blue, green }: Walk): Promise<void> {
  // The host sees its own links, blue only its own.
  expect(await names(host)).toEqual(await ipNames(host))
  expect(await names(blue)).toEqual(['lo'])
  expect(await ipNames(blue)).toEqual(['lo'])

  // ip link add lnveth0 type veth peer name lnveth1
  const veth0 = await host.links.create({
    kind: 'veth',
    name: 'lnveth0',
    up: false,
    peer: { name: 'lnveth1', up: false },
  })
  try {
    const veth1 = await host.links.get('lnveth1')
    expect(veth0.kind).toBe('veth')
    expect([veth0.parent, veth1.parent]).toEqual([veth1.index, veth0.index])
    expect(await names(host)).toEqual(expect.arrayContaining(['lnveth0', 'lnveth1']))
    expect(await ipNames(host)).toEqual(expect.arrayContaining(['lnveth0', 'lnveth1']))
    expect((await ipLink(host, 'lnveth0')).linkinfo?.info_kind).toBe('veth')

    // ip link set lnveth1 netns blue; ip link set lnveth0 netns green
    await veth1.moveTo(blue)
    expect(await names(host)).not.toContain('lnveth1')
    expect(await ipNames(host)).not.toContain('lnveth1')
    expect(await ipNames(blue)).toEqual(['lo', 'lnveth1'])
    await veth0.moveTo(green)
    expect(await ipNames(host)).not.toContain('lnveth0')
    expect(await names(green)).toEqual(['lo', 'lnveth0'])

    // ip -n blue addr add 192.168.10.1/24 dev lnveth1, and the peer
    await veth1.addresses.add('192.168.10.1/24')
    await veth0.addresses.add('192.168.10.2/24')
    expect(await ipAddresses(blue, 'lnveth1')).toMatchObject([
      { local: '192.168.10.1', prefixlen: 24, scope: 'global' },
    ])
    expect(await ipAddresses(green, 'lnveth0')).toMatchObject([
      { local: '192.168.10.2', prefixlen: 24, scope: 'global' },
    ])

    // ip -n blue link set lnveth1 up, and the peer
    await veth1.up()
    await veth0.up()
    expect((await ipLink(blue, 'lnveth1')).operstate).toBe('UP')
    expect((await ipLink(green, 'lnveth0')).operstate).toBe('UP')

    // ip netns exec blue ping 192.168.10.2, and across
    const ping = await blue.execFile('ping', ['-c1', '-W5', '192.168.10.2'])
    expect(ping.stdout).toContain('1 received')
    const across = await green.execFile('ping', ['-c1', '-W5', '192.168.10.1'])
    expect(across.stdout).toContain('1 received')

    // ip netns exec blue arp
    await expectNeighbor(blue, veth1, veth0, '192.168.10.2')
    await expectNeighbor(green, veth0, veth1, '192.168.10.1')
  } catch (error) {
    await veth0.delete()
    throw error
  }
}

test('a veth pair made in one namespace and moved into two others joins them', async () => {
  using host = await Namespace.create()
  using blue = await Namespace.create()
  using green = await Namespace.create()
  await walk({ host, blue, green })
})

test('addresses without a prefix length reach each other over routes on the link', async () => {
  using host = await Namespace.create()
  using blue = await Namespace.create()
  const link = await host.links.create({
    kind: 'veth',
    name: 'veth0',
    addresses: ['192.168.10.2'],
    peer: { name: 'veth1', namespace: blue },
  })
  const peer = await blue.links.get('veth1')
  await peer.addresses.add('192.168.10.1')
  expect(await ipAddresses(blue, 'veth1')).toMatchObject([{ local: '192.168.10.1', prefixlen: 32 }])
  await host.routes.add({ to: '192.168.10.1', link })
  await blue.routes.add({ to: '192.168.10.2', link: peer })
  expect((await blue.execFile('ping', ['-c1', '-W5', '192.168.10.2'])).stdout).toContain('1 received')
})

if (isRoot) {
  useNetnsDirectory()

  test('the same on the host, with names that ip netns lists and takes away', async () => {
    const host = Namespace.current()
    const before = await ipNames(host)
    using blue = await Namespace.create({ name: 'lnblue' })
    try {
      using green = await Namespace.create({ name: 'lngreen' })
      try {
        const { stdout } = await host.execFile('ip', ['netns', 'list'])
        expect(stdout).toMatch(/^lnblue\b/m)
        expect(stdout).toMatch(/^lngreen\b/m)
        expect((await Namespace.list()).map(({ name }) => name)).toEqual(expect.arrayContaining(['lnblue', 'lngreen']))
        await walk({ host, blue, green })
        const shown = await host.execFile('ip', ['-n', 'lnblue', '-j', 'link'])
        expect(JSON.parse(shown.stdout)).toMatchObject([{ ifname: 'lo' }, { ifname: 'lnveth1' }])
      } finally {
        await Namespace.delete('lngreen')
      }
    } finally {
      await Namespace.delete('lnblue')
    }
    const { stdout } = await host.execFile('ip', ['netns', 'list'])
    expect(stdout).not.toMatch(/^ln(blue|green)\b/m)
    blue.close()
    await expect.poll(() => ipNames(host)).toEqual(before)
  })
} else {
  test('an ordinary user is told why the host and its names are not theirs to change', async () => {
    await expect(Namespace.create({ name: 'lnblue' })).rejects.toMatchObject({
      code: 'EPERM',
      syscall: 'mount',
      path: '/run/netns/lnblue',
      message: expect.stringMatching(/creating namespace 'lnblue'.*Only root can pin.*path\(\)/),
    })
    await expect(Namespace.delete('lnblue')).rejects.toMatchObject({ code: 'EPERM' })
    using blue = await Namespace.create()
    await expect(blue.pin('lnblue')).rejects.toMatchObject({ code: 'EPERM' })
    const host = Namespace.current()
    expect(await names(host)).toEqual(await ipNames(host))
    await expect(host.links.create({ kind: 'veth', name: 'lnveth0' })).rejects.toMatchObject({
      code: 'EPERM',
      message: expect.stringContaining('make a Namespace and use it instead'),
    })
    await expect(
      blue.links.create({ kind: 'veth', name: 'lnveth0', peer: { name: 'lnveth1', namespace: host } }),
    ).rejects.toMatchObject({
      code: 'EPERM',
      message: expect.stringContaining('both namespaces must be made by this process'),
    })
    expect(await names(blue)).toEqual(['lo'])
    const link = await blue.links.create({ kind: 'veth', name: 'lnveth0', peer: { name: 'lnveth1' } })
    await expect(link.moveTo(host)).rejects.toMatchObject({ code: 'EPERM' })
    expect(await names(blue)).toEqual(expect.arrayContaining(['lnveth0', 'lnveth1']))
  })
}
