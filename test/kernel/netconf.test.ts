// The settings that decide on forwarding, with `ip netconf` as the oracle.
import { type Link, Namespace, type Netconf } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'eth1' } })
})
afterEach(() => ns.close())

type Shown = Record<string, unknown>

/** The same in the words of ip, for what ip knows of. */
async function inItsWords({ family, link: of, ...each }: Netconf): Promise<Shown> {
  const name = typeof of === 'number' ? (await ns.links.get(of)).name : of
  return {
    family,
    interface: name,
    forwarding: each.forwarding,
    ...(each.rpFilter !== undefined && { rp_filter: each.rpFilter }),
    mc_forwarding: each.mcForwarding,
    proxy_neigh: each.proxyNeigh,
    ignore_routes_with_linkdown: each.ignoreRoutesWithLinkdown,
  }
}

const known = (shown: Shown) => Object.fromEntries(Object.entries(shown).filter(([name]) => name !== 'bc_forwarding'))
const words = async (list: Netconf[]) => Promise.all(list.map(inItsWords))

test('all of them are what ip shows', async () => {
  await ns.sysctl.set('net.ipv4.conf.eth0.forwarding', 1)
  await ns.sysctl.set('net.ipv4.conf.all.rp_filter', 2)
  await ns.sysctl.set('net.ipv4.conf.eth1.rp_filter', 1)
  await ns.sysctl.set('net.ipv4.conf.eth1.proxy_arp', 1)
  await ns.sysctl.set('net.ipv4.conf.eth1.bc_forwarding', 1)
  await ns.sysctl.set('net.ipv6.conf.eth0.ignore_routes_with_linkdown', 1)
  const list = await ns.netconf.list()
  expect(await words(list)).toEqual((await ip<Shown>(ns, ['netconf'])).map(known))
  expect(list.map(({ family, link: of }) => `${family} ${of}`)).toContain(`inet6 ${link.index}`)
  const of = (family: string, which: unknown) => list.find((each) => each.family === family && each.link === which)
  expect(of('inet', link.index)).toMatchObject({ forwarding: true, rpFilter: 'off', bcForwarding: false })
  expect(of('inet', 'all')).toMatchObject({ forwarding: false, rpFilter: 'loose' })
  const { index } = await ns.links.get('eth1')
  expect(of('inet', index)).toMatchObject({ bcForwarding: true, proxyNeigh: true, rpFilter: 'strict' })
  expect(of('inet6', link.index)).toMatchObject({ forwarding: false, ignoreRoutesWithLinkdown: true })
  expect(of('inet6', 'all')?.rpFilter).toBe(undefined)
})

test('of one link, of all, of new ones, and of one family', async () => {
  await ns.sysctl.set('net.ipv6.conf.eth0.forwarding', 1)
  for (const each of ['eth0', link, link.index]) {
    expect(await ns.netconf.get({ family: 'inet6', link: each })).toMatchObject({
      family: 'inet6',
      link: link.index,
      forwarding: true,
    })
  }
  expect(await ns.netconf.get({ family: 'inet', link: 'default' })).toMatchObject({ link: 'default', rpFilter: 'off' })
  const all = (await ip<Shown>(ns, ['netconf'])).filter((each) => each.family === 'inet' && each.interface === 'all')
  expect(await words([await ns.netconf.get({ family: 'inet', link: 'all' })])).toEqual(all.map(known))
  const two = await ns.netconf.list({ link: 'eth0' })
  expect(two.map(({ family, link: of }) => [family, of])).toEqual([
    ['inet', link.index],
    ['inet6', link.index],
  ])
  expect((await ns.netconf.list({ family: 'inet', link: 'all' })).map(({ link: of }) => of)).toEqual(['all'])
})

test('of MPLS where the kernel has it, and of nothing else where it lacks it', async () => {
  const mpls = await ns.netconf.list({ family: 'mpls' })
  const get = ns.netconf.get({ family: 'mpls', link: 'eth0' })
  if (mpls.length === 0) await expect(get).rejects.toMatchObject({ code: 'EOPNOTSUPP' })
  else expect(await get).toMatchObject({ family: 'mpls', link: link.index, input: false })
  expect(mpls.every(({ family }) => family === 'mpls')).toBe(true)
})

test('what is not there, and what is no family or link, is refused', async () => {
  const invalid = { code: 'ERR_INVALID_ARG_VALUE' }
  await expect(ns.netconf.get({ family: 'inet', link: 'none' })).rejects.toMatchObject({ code: 'ENODEV' })
  await expect(ns.netconf.get({ family: 'inet', link: 0x7fffffff })).rejects.toMatchObject({
    code: expect.stringMatching(/^(ENODEV|EINVAL)$/),
    request: 'RTM_GETNETCONF',
  })
  for (const wrong of [
    null,
    {},
    { family: 'inet' },
    { family: 4, link: 'all' },
    { family: 'inet', link: 'all', dev: 1 },
  ])
    await expect(ns.netconf.get(wrong as never)).rejects.toMatchObject(invalid)
  for (const wrong of [null, { family: 'ip' }, { dev: 'eth0' }, { link: {} }])
    await expect(ns.netconf.list(wrong as never)).rejects.toMatchObject(invalid)
})
