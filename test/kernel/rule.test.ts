import { Namespace, type Rule, type RuleOptions } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'
import { isRoot } from '../helpers/user.js'

type Shown = Record<string, unknown>

let ns: Namespace
beforeEach(async () => {
  ns = await Namespace.create()
})
afterEach(() => ns.close())

const shown = async (six = false) =>
  (await ip<Shown>(ns, [six ? '-6' : '-4', 'rule'])).filter(({ priority }) => priority)
const ours = async (family: 'inet' | 'inet6' = 'inet') =>
  (await ns.rules.list({ family })).filter(({ priority }) => priority > 0)

/** A rule in the words of `ip -j rule`. */
function asIp(rule: Rule): Shown {
  const network = (name: string, text: string | undefined) => {
    const [address, length] = text?.split('/') ?? []
    return address === undefined
      ? {}
      : { [name]: address, ...(length !== undefined && { [`${name}len`]: Number(length) }) }
  }
  const hex = (value: number) => `0x${value.toString(16)}`
  const range = (name: string, value: { start: number; end: number } | undefined) => {
    if (value === undefined) return {}
    return value.start === value.end
      ? { [name]: value.start }
      : { [`${name}_start`]: value.start, [`${name}_end`]: value.end }
  }
  const { from, to, table, action, fwmark, fwmask, tos, uidRange, ipProto, iif, oif, protocol, goto, realms } = rule
  return {
    priority: rule.priority,
    ...(rule.invert && { not: null }),
    src: 'all',
    ...network('src', from),
    ...network('dst', to),
    ...(tos !== undefined && { tos: hex(tos) }),
    ...(fwmark !== undefined && { fwmark: hex(fwmark) }),
    ...(fwmask !== undefined && { fwmask: hex(fwmask) }),
    ...(iif !== undefined && { iif }),
    ...(rule.flags.includes('iifDetached') && { iif_detached: null }),
    ...(oif !== undefined && { oif }),
    ...(rule.flags.includes('oifDetached') && { oif_detached: null }),
    ...(uidRange !== undefined && { uid_start: uidRange.start, uid_end: uidRange.end }),
    ...(ipProto !== undefined && { ipproto: ipProto === 'icmpv6' ? 'ipv6-icmp' : ipProto }),
    ...range('sport', rule.sport),
    ...range('dport', rule.dport),
    ...(rule.tunnelId !== undefined && { tun_id: Number(rule.tunnelId) }),
    ...(rule.l3mdev === true && { l3mdev: null }),
    ...(realms !== undefined && { flow_from: String(realms.from), flow_to: String(realms.to) }),
    ...(table !== undefined && { table: String(table) }),
    ...(rule.suppressPrefixLength !== undefined && { suppress_prefixlen: rule.suppressPrefixLength }),
    ...(rule.suppressGroup !== undefined && { suppress_ifgroup: String(rule.suppressGroup) }),
    ...(goto !== undefined && { goto }),
    ...(rule.flags.includes('unresolved') && { unresolved: null }),
    ...(action === 'nop' && { nop: null }),
    ...(['blackhole', 'unreachable', 'prohibit'].includes(`${action}`) && { action }),
    // `ip` leaves these two out.
    ...(protocol !== 'unspec' && protocol !== 'kernel' && { protocol: String(protocol) }),
  }
}

const selectors: RuleOptions[] = [
  { from: '10.1.0.0/16', to: '10.2.0.1', table: 100, priority: 1 },
  { iif: 'lo', oif: 'eth7', priority: 2 },
  { fwmark: 1, priority: 3 },
  { fwmark: 0x10, fwmask: 0xff, table: 100_000, priority: 4 },
  { tos: 0x10, priority: 5 },
  { ipProto: 'tcp', sport: 80, dport: { start: 1000, end: 2000 }, priority: 6 },
  { dport: 443, protocol: 'static', priority: 7 },
  { suppressPrefixLength: 0, priority: 8 },
  { suppressGroup: 7, table: 'default', priority: 9 },
  { from: '10.3.0.0/16', invert: true, action: 'blackhole', priority: 10 },
  { from: '10.4.0.0/16', action: 'unreachable', priority: 11 },
  { from: '10.5.0.0/16', action: 'prohibit', priority: 12 },
  { from: '10.6.0.0/16', action: 'nop', priority: 13 },
  { goto: 20, priority: 14 },
  { l3mdev: true, priority: 15 },
  { tunnelId: 5n, priority: 16, protocol: 200 },
  { from: '10.7.0.0/16', realms: { from: 3, to: 4 }, priority: 17 },
]
const six: RuleOptions[] = [
  ...selectors.filter(({ from }) => from === undefined).map((rule): RuleOptions => ({ ...rule, family: 'inet6' })),
  { from: 'fd01::/64', to: 'fd02::1', table: 100, priority: 101 },
  { to: 'fd03::/16', ipProto: 'icmpv6', action: 'prohibit', priority: 102 },
]

test('rules with every selector and action are what ip shows', async () => {
  await ns.rules.add([...selectors, ...six])
  const four = await ours()
  expect(four.map(asIp)).toEqual(await shown())
  expect(four).toHaveLength(selectors.length + 2)
  const others = await ours('inet6')
  expect(others.map(asIp)).toEqual(await shown(true))
  expect(others).toHaveLength(six.length + 1)
  expect(four[0]).toMatchObject({
    from: '10.1.0.0/16',
    to: '10.2.0.1',
    table: 100,
    action: 'lookup',
    protocol: 'unspec',
  })
  expect(four[3]).toMatchObject({ fwmark: 0x10, fwmask: 0xff, table: 100_000 })
  expect(four[5]).toMatchObject({ sport: { start: 80, end: 80 }, dport: { start: 1000, end: 2000 } })
  expect(four[13]).toMatchObject({ action: 'goto', goto: 20, flags: ['unresolved'] })
})

test('we show what ip adds', async () => {
  const add = (line: string) => ns.execFile('ip', line.split(' '))
  await add(
    'rule add not from 10.1.0.0/16 to 10.2.0.0/16 iif lo oif eth7 fwmark 1/0xf tos 0x10 ipproto udp sport 5 priority 9',
  )
  await add(
    'rule add dport 80-90 suppress_prefixlength 8 suppress_ifgroup 5 table 77 protocol static priority 10 realms 3/4',
  )
  await add('-6 rule add from fd00::/64 tun_id 5 priority 11')
  await add('rule add l3mdev')
  expect(await ours()).toMatchObject([
    { priority: 8, l3mdev: true, action: 'lookup' },
    {
      priority: 9,
      invert: true,
      from: '10.1.0.0/16',
      to: '10.2.0.0/16',
      iif: 'lo',
      oif: 'eth7',
      fwmark: 1,
      fwmask: 15,
      tos: 16,
      ipProto: 'udp',
      sport: { start: 5, end: 5 },
      table: 'main',
      flags: ['invert', 'oifDetached'],
    },
    {
      priority: 10,
      dport: { start: 80, end: 90 },
      suppressPrefixLength: 8,
      suppressGroup: 5,
      table: 77,
      protocol: 'static',
      realms: { from: 3, to: 4 },
    },
    { priority: 32766, table: 'main' },
    { priority: 32767, table: 'default' },
  ])
  const [rule] = await ours('inet6')
  expect(rule).toMatchObject({ from: 'fd00::/64', tunnelId: 5n })
  expect((await ours()).map(asIp)).toEqual(await shown())
  expect((await ours('inet6')).map(asIp)).toEqual(await shown(true))
})

test('rules are listed by family, priority, table, action and protocol, and read in order', async () => {
  await ns.rules.add([
    { from: '10.1.0.0/16', table: 100, protocol: 'static', priority: 30 },
    { from: '10.2.0.0/16', table: 100, priority: 20 },
    { from: 'fd00::/16', action: 'prohibit', protocol: 'static', priority: 20 },
  ])
  const froms = async (filter: Parameters<typeof ns.rules.list>[0]) =>
    (await ns.rules.list(filter)).map(({ from }) => from)
  expect(await froms({ table: 100 })).toEqual(['10.2.0.0/16', '10.1.0.0/16'])
  expect((await froms({ protocol: 'static' })).sort()).toEqual(['10.1.0.0/16', 'fd00::/16'])
  expect(await froms({ protocol: 'static', family: 'inet6' })).toEqual(['fd00::/16'])
  expect((await froms({ priority: 20 })).sort()).toEqual(['10.2.0.0/16', 'fd00::/16'])
  expect(await froms({ action: 'prohibit' })).toEqual(['fd00::/16'])
  expect(
    (await ns.rules.list())
      .filter(({ table }) => table === 'local')
      .map(({ family }) => family)
      .sort(),
  ).toEqual(['inet', 'inet6'])
})

test('what is given selects the rule that is deleted', async () => {
  await ns.rules.add([...selectors, ...six])
  await ns.rules.delete({ priority: 1 })
  await ns.rules.delete([{ from: '10.4.0.0/16' }, { fwmark: 1 }, { family: 'inet6', fwmark: 1 }, { to: 'fd03::/16' }])
  const left = (await ours()).map(({ priority }) => priority)
  expect(left.slice(0, 5)).toEqual([2, 4, 5, 6, 7])
  expect(left).not.toContain(11)
  // A rule as it was listed.
  for (const rule of await ns.rules.list({ protocol: 'unspec' })) await ns.rules.delete(rule)
  expect((await ours()).map(({ priority }) => priority)).toEqual([7, 16, 32766, 32767])
  expect((await ours('inet6')).map(({ priority }) => priority)).toEqual([7, 16, 32766])
  await expect(ns.rules.delete({ priority: 1 })).rejects.toMatchObject({
    code: 'ENOENT',
    request: 'RTM_DELRULE',
    message: expect.stringContaining('IPv4 rule 1'),
  })
})

test('a flush takes away what the filter selects, or all but the lookup in the local table', async () => {
  await ns.rules.add([...selectors, ...six])
  await ns.rules.flush({ protocol: 'unspec' })
  expect((await ours()).map(({ priority }) => priority)).toEqual([7, 16, 32766, 32767])
  await ns.rules.flush()
  expect(await ip<Shown>(ns, ['rule'])).toEqual([{ priority: 0, src: 'all', table: 'local' }])
  expect(await ip<Shown>(ns, ['-6', 'rule'])).toEqual([{ priority: 0, src: 'all', table: 'local' }])
})

test('a rule decides which table a packet is looked up in', async () => {
  await ns.links.create({ kind: 'veth', name: 'eth0', addresses: ['10.0.0.1/24'], peer: { name: 'eth1' } })
  await ns.routes.add([
    { to: 'default', via: '10.0.0.2' },
    { to: 'default', via: '10.0.0.3', table: 100 },
  ])
  await ns.rules.add([
    { fwmark: 5, table: 100 },
    { to: '10.8.0.0/16', action: 'prohibit' },
    { ipProto: 'udp', dport: 53, table: 100 },
  ])
  expect(await ns.routes.get('192.0.2.1')).toMatchObject({ via: '10.0.0.2', table: 'main' })
  expect(await ns.routes.get('192.0.2.1', { mark: 5 })).toMatchObject({ via: '10.0.0.3', table: 100 })
  expect(await ns.routes.get('192.0.2.1', { ipProto: 'udp', dport: 53 })).toMatchObject({ via: '10.0.0.3' })
  expect(await ns.routes.get('192.0.2.1', { ipProto: 'tcp', dport: 53 })).toMatchObject({ via: '10.0.0.2' })
  await expect(ns.routes.get('10.8.0.1')).rejects.toMatchObject({ code: 'EACCES' })
})

test('a refused rule says which; of an array, the others are added', async () => {
  await ns.rules.add({ from: '10.1.0.0/16', table: 100, priority: 5 })
  const array = [
    { from: '10.1.0.0/16', table: 100, priority: 5 },
    { from: '10.2.0.0/16', table: 100, priority: 6 },
  ]
  await expect(ns.rules.add(array)).rejects.toMatchObject({
    code: 'EEXIST',
    request: 'RTM_NEWRULE',
    message: expect.stringContaining('IPv4 rule 5 from 10.1.0.0/16 in namespace'),
  })
  expect((await ours()).map(({ priority }) => priority)).toEqual([5, 6, 32766, 32767])
  // Backwards.
  await expect(ns.rules.add({ goto: 3, priority: 7 })).rejects.toMatchObject({ code: 'EINVAL' })
})

// A process in a user namespace of ours sees the user who made it as its root.
const me = process.geteuid?.() ?? 0

test('rules by user are shown, and obeyed', async () => {
  await ns.links.create({ kind: 'veth', name: 'eth0', addresses: ['10.0.0.1/24'], peer: { name: 'eth1' } })
  await ns.routes.add([
    { to: 'default', via: '10.0.0.2' },
    { to: 'default', via: '10.0.0.3', table: 100 },
  ])
  await ns.execFile('ip', 'rule add uidrange 0-0 table 100 priority 9'.split(' '))
  expect(await ns.rules.list({ priority: 9 })).toMatchObject([{ uidRange: { start: me, end: me } }])
  expect(await ns.routes.get('192.0.2.1', { uid: me })).toMatchObject({ via: '10.0.0.3' })
  expect(await ns.routes.get('192.0.2.1', { uid: me + 1 })).toMatchObject({ via: '10.0.0.2' })
})

if (isRoot) {
  test('rules by user are what ip shows', async () => {
    await ns.rules.add([
      { uidRange: { start: 5, end: 10 }, priority: 1 },
      { uidRange: 7, family: 'inet6', priority: 2 },
    ])
    expect((await ours()).map(asIp)).toEqual(await shown())
    expect((await ours('inet6')).map(asIp)).toEqual(await shown(true))
    await ns.rules.delete({ uidRange: { start: 5, end: 10 } })
    await ns.rules.flush({ priority: 2 })
    expect(await ns.rules.list({ table: 'main' })).toHaveLength(2)
  })
} else {
  test('rules by user are for a process inside to make, and the error says so', async () => {
    await expect(ns.rules.add({ uidRange: me })).rejects.toMatchObject({
      code: 'EPERM',
      kernelMessage: 'No permission to set uid',
      message: expect.stringContaining('by execFile'),
    })
  })
}
