// Every kind of link against `ip -d link`: what we make it shows. A kernel without the kind says which option it lacks.
import { type Link, type LinkOptions, Namespace, NetlinkError } from 'linux-namespaces'
import { linkData, slaveData } from 'linux-namespaces/netlink'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type IpLink, ipLink } from '../helpers/ip.js'
import { kernelAtLeast } from '../helpers/kernel.js'
import { linkKindCases } from '../helpers/link-kinds.js'

let ns: Namespace
let base: Link
beforeEach(async () => {
  ns = await Namespace.create()
  base = await ns.links.create({ kind: 'veth', name: 'base', peer: { name: 'far' } })
})
afterEach(() => ns.close())

/** Makes the link; undefined where this kernel has no such kind, which the error must explain. */
async function createIfKnown(options: LinkOptions, option: string): Promise<Link | undefined> {
  try {
    return await ns.links.create(options)
  } catch (error) {
    expect(error).toBeInstanceOf(NetlinkError)
    expect(error).toMatchObject({
      code: 'EOPNOTSUPP',
      request: 'RTM_NEWLINK',
      message: expect.stringContaining(`no links of kind '${options.kind}': it is built without ${option}`),
    })
    // Other links may be there: modules for tunnels bring some into every namespace.
    expect((await ns.links.list()).map(({ name }) => name)).not.toContain(options.name)
    return undefined
  }
}

/** The formats know what Linux 7.3 knows; what a newer kernel tells beside is kept as bytes. */
function expectKnown(unknown: { data: Uint8Array }[] = []): void {
  if (!kernelAtLeast('7.4')) expect(unknown).toEqual([])
  for (const { data } of unknown) expect(data).toBeInstanceOf(Uint8Array)
}

// A VLAN's mask, and what the kernel tells in another form.
const requestOnly = new Set(['vlan.flags', 'macsec.port', 'macvlan.macaddrMode', 'hsr.multicastSpec', 'hsr.version'])

describe('ip shows what we make, and it decodes to what was asked for', () => {
  test.each(linkKindCases)('%s', async (_, option, options, shown) => {
    const link = await createIfKnown({ ...options, name: 'made', up: false } as LinkOptions, option)
    if (link === undefined) return
    const { linkinfo } = await ipLink(ns, 'made')
    expect(linkinfo).toMatchObject({ info_kind: options.kind, info_data: shown })
    const data = linkData(link.message, options.kind)
    const own = Object.entries(options).filter(
      ([name]) => name !== 'kind' && name !== 'link' && !requestOnly.has(`${options.kind}.${name}`),
    )
    const indexes: Record<string, number> = { base: base.index, far: (await ns.links.get('far')).index }
    for (const [name, value] of own) {
      const asked = typeof value === 'string' ? (indexes[value] ?? value) : value
      // Tunnels over IPv6 have flags of the kernel's own beside.
      const told = name === 'flags' ? expect.arrayContaining(asked as unknown[]) : asked
      expect(data, name).toMatchObject({ [name]: told })
    }
    expectKnown(data?.unknown)
    if ('link' in options) expect(link.parent).toBe(base.index)
  })
})

describe('kinds that have nothing to be told', () => {
  test.each([
    ['dummy', 'CONFIG_DUMMY'],
    ['ifb', 'CONFIG_IFB'],
    ['nlmon', 'CONFIG_NLMON'],
    ['team', 'CONFIG_NET_TEAM'],
    ['vcan', 'CONFIG_CAN_VCAN'],
    ['wireguard', 'CONFIG_WIREGUARD'],
  ] as const)('%s', async (kind, option) => {
    const link = await createIfKnown({ kind, name: 'made' }, option)
    if (link === undefined) return
    expect(link).toMatchObject({ kind, name: 'made', isUp: true })
    expect((await ipLink(ns, 'made')).linkinfo?.info_kind).toBe(kind)
  })
})

describe('kinds that are two links', () => {
  test.each([
    ['netkit', { kind: 'netkit', mode: 'l3', policy: 'blackhole' }, 'CONFIG_NETKIT, of Linux 6.7'],
    ['vxcan', { kind: 'vxcan' }, 'CONFIG_CAN_VXCAN'],
    ['veth', { kind: 'veth' }, 'CONFIG_VETH'],
  ] as const)('%s', async (_, options, option) => {
    const other = await Namespace.create()
    try {
      const made: LinkOptions = { ...options, name: 'one', peer: { namespace: other, name: 'two', alias: 'far end' } }
      const link = await createIfKnown(made, option)
      if (link === undefined) return
      const peer = await other.links.get('two')
      expect(peer).toMatchObject({ kind: options.kind, index: link.parent, isUp: true, alias: 'far end' })
      expect(linkData(link.message, 'netkit') ?? {}).toMatchObject('mode' in options ? { mode: 'l3' } : {})
    } finally {
      other.close()
    }
  })
})

describe('ports of masters', () => {
  type Port = { linkinfo?: NonNullable<IpLink['linkinfo']> & { info_slave_kind?: string; info_slave_data?: object } }

  test.each([
    [
      'bond',
      'CONFIG_BONDING',
      { kind: 'bond', mode: 'activeBackup', miimon: 100 },
      { state: 'ACTIVE', mii_status: 'UP' },
    ],
    ['vrf', 'CONFIG_NET_VRF', { kind: 'vrf', table: 10 }, { table: 10 }],
    ['bridge', 'CONFIG_BRIDGE', { kind: 'bridge' }, { state: 'forwarding', learning: true }],
  ] as const)('of kind %s say what they are to it', async (kind, option, options, shown) => {
    const master = await createIfKnown({ ...options, name: 'made' }, option)
    if (master === undefined) return
    // A bond takes only links that are down.
    await base.down()
    await base.set({ master: 'made' })
    await base.up()
    expect(((await ipLink(ns, 'base')) as Port).linkinfo).toMatchObject({
      info_slave_kind: kind,
      info_slave_data: shown,
    })
    await base.refresh()
    expect(base.message.linkinfo?.slaveKind).toBe(kind)
    const wanted = { bond: { state: 'active', miiStatus: 'up' }, vrf: { table: 10 }, bridge: { state: 'forwarding' } }
    expect(slaveData(base.message, kind)).toMatchObject(wanted[kind])
    expectKnown(slaveData(base.message, kind)?.unknown)
  })
})
