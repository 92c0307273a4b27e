import { type Link, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'
import { kernelAtLeast } from '../helpers/kernel.js'

interface Shown {
  local: string
  valid_life_time: number
  preferred_life_time: number
  metric?: number
  home?: boolean
  autojoin?: boolean
  mngtmpaddr?: boolean
  optimistic?: boolean
  deprecated?: boolean
  noprefixroute?: boolean
  protocol?: string
}

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'eth1' } })
})
afterEach(() => ns.close())

const shown = async (address: string) => {
  const [found] = await ip<{ addr_info: Shown[] }>(ns, ['-d', 'address', 'show', 'dev', 'eth0'])
  return found?.addr_info.find(({ local }) => local === address)
}
const ours = async (address: string) => (await link.addresses.list()).find((each) => each.address === address)
const forever = 0xffffffff

// Older kernels forget who made an address.
const protocol = (value: number | string) => (kernelAtLeast('5.18') ? { protocol: value } : {})

test('lifetimes of both families are what ip shows', async () => {
  await link.addresses.add([
    { address: '10.0.0.1/24', validLifetime: 1000, preferredLifetime: 500 },
    { address: '10.1.0.1/24', validLifetime: 1000 },
    { address: 'fd00::1/64', validLifetime: 1000, preferredLifetime: 0 },
    { address: 'fd01::1/64', preferredLifetime: 500 },
    'fd02::1/64',
  ])
  for (const [address, valid, preferred] of [
    ['10.0.0.1', 1000, 500],
    ['10.1.0.1', 1000, 1000],
    ['fd00::1', 1000, 0],
    ['fd01::1', forever, 500],
    ['fd02::1', forever, forever],
  ] as const) {
    const { validLifetime = forever, preferredLifetime = forever } = (await ours(address)) ?? {}
    const { valid_life_time = -1, preferred_life_time = -1 } = (await shown(address)) ?? {}
    // The clock goes on between the two.
    for (const [value, limit] of [
      [validLifetime, valid],
      [valid_life_time, valid],
      [preferredLifetime, preferred],
      [preferred_life_time, preferred],
    ] as const) {
      expect(value).toBeLessThanOrEqual(limit)
      expect(value).toBeGreaterThanOrEqual(limit === forever ? forever : Math.max(0, limit - 100))
    }
  }
  expect((await ours('fd00::1'))?.flags).toContain('deprecated')
  expect(await shown('fd00::1')).toMatchObject({ deprecated: true })
})

test('flags, metric and protocol are what ip shows', async () => {
  await link.addresses.add([
    { address: 'fd00::1/64', flags: ['homeaddress', 'noprefixroute'] },
    { address: 'fd01::1/64', flags: ['managetempaddr'], metric: 77, protocol: 200 },
    { address: '224.1.1.1', flags: ['mcautojoin'] },
    { address: '10.0.0.1/24', flags: ['noprefixroute'], metric: 5, protocol: 'kernelRa' },
  ])
  expect(await shown('fd00::1')).toMatchObject({ home: true, noprefixroute: true })
  expect(await shown('fd01::1')).toMatchObject({ mngtmpaddr: true })
  expect(await shown('224.1.1.1')).toMatchObject({ autojoin: true })
  expect(await shown('10.0.0.1')).toMatchObject({ noprefixroute: true, metric: 5 })
  expect((await ours('fd00::1'))?.flags).toEqual(expect.arrayContaining(['homeaddress', 'noprefixroute', 'nodad']))
  expect(await ours('fd01::1')).toMatchObject({ metric: 77, ...protocol(200) })
  expect((await ours('fd01::1'))?.flags).toContain('managetempaddr')
  expect((await ours('224.1.1.1'))?.flags).toContain('mcautojoin')
  expect(await ours('10.0.0.1')).toMatchObject({ metric: 5, ...protocol('kernelRa') })
  const { stdout } = await ns.execFile('cat', ['/proc/net/igmp'])
  expect(stdout).toContain('010101E0')
})

test('we show what ip sets', async () => {
  const add = (line: string) => ns.execFile('ip', ['address', 'add', ...line.split(' '), 'dev', 'eth0'])
  await add('10.0.0.1/24 valid_lft 1000 preferred_lft 500 metric 7')
  await add('fd00::1/64 home mngtmpaddr nodad valid_lft 1000 preferred_lft 0')
  expect(await ours('10.0.0.1')).toMatchObject({ metric: 7, validLifetime: expect.any(Number) })
  expect((await ours('fd00::1'))?.flags).toEqual(
    expect.arrayContaining(['homeaddress', 'managetempaddr', 'nodad', 'deprecated']),
  )
  // The kernel's own.
  expect(await ns.addresses.list({ link: 'lo', family: 'inet6' })).toMatchObject([
    { cidr: '::1/128', ...protocol('kernelLo') },
  ])
})

test('an address is changed in its place, or added', async () => {
  await link.addresses.add(['10.0.0.1/24', 'fd00::1/64'])
  await link.addresses.replace([
    { address: '10.0.0.1/24', validLifetime: 1000, metric: 9, protocol: 100 },
    { address: 'fd00::1/64', validLifetime: 1000, preferredLifetime: 0, flags: ['homeaddress'] },
    '10.1.0.1/24',
    'fd01::1/64',
  ])
  // Linux 6.1 leaves an address the protocol that it had, 6.12 does not.
  const changed = kernelAtLeast('6.12') ? protocol(100) : {}
  expect(await ours('10.0.0.1')).toMatchObject({ metric: 9, ...changed, validLifetime: expect.any(Number) })
  expect(await ours('fd00::1')).toMatchObject({ preferredLifetime: 0, validLifetime: expect.any(Number) })
  expect(await shown('fd00::1')).toMatchObject({ deprecated: true, home: true })
  expect(await shown('10.1.0.1')).toBeDefined()
  expect(await shown('fd01::1')).toBeDefined()
  const routes = (await ns.routes.list({ to: '10.0.0.0/24' })).map(({ metric }) => metric)
  expect(routes).toEqual([9])
  await link.addresses.replace(['10.0.0.1/24', 'fd00::1/64'])
  expect(await ours('10.0.0.1')).not.toHaveProperty('validLifetime')
  expect((await ours('fd00::1'))?.flags).not.toContain('deprecated')
})

test('an address goes away when its time is over', async () => {
  await link.addresses.add({ address: '10.0.0.1/24', validLifetime: 1 })
  await expect.poll(() => ours('10.0.0.1'), { timeout: 20_000 }).toBeUndefined()
})
