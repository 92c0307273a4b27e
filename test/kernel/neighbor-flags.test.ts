import { type Link, Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'
import { kernelAtLeast } from '../helpers/kernel.js'

interface Shown {
  dst: string
  dev: string
  lladdr?: string
  state?: string[]
  protocol?: string
  router?: null
  proxy?: null
  managed?: null
  extern_learn?: null
}

const hasManaged = kernelAtLeast('5.16')

let ns: Namespace
let other: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  other = await Namespace.create()
  const pair = await VethPair.create(
    { namespace: ns, name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] },
    { namespace: other, name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64'] },
  )
  link = pair.a
})
afterEach(() => {
  ns.close()
  other.close()
})

const shown = (...args: string[]) => ip<Shown>(ns, ['neigh', 'show', ...args])
const mac = '02:00:00:00:00:09'
const addresses = async (filter?: Parameters<typeof ns.neighbors.list>[0]) =>
  (await ns.neighbors.list(filter)).map(({ address }) => address).sort()

test('flags, states and protocols of both families are what ip shows', async () => {
  await ns.neighbors.add({ address: '10.0.0.9', mac, link, flags: ['router'], protocol: 'static' })
  await ns.neighbors.add({
    address: '10.0.0.10',
    mac,
    link,
    flags: ['extLearned'],
    state: 'reachable',
    protocol: 'bgp',
  })
  await ns.neighbors.add({ address: 'fd00::9', mac, link, flags: ['router', 'extLearned'], state: 'stale' })
  await ns.neighbors.add({ address: '10.0.0.11', mac, link, state: 'noarp' })
  const all = await shown()
  const find = (dst: string) => all.find((entry) => entry.dst === dst)
  expect(find('10.0.0.9')).toMatchObject({ router: null, state: ['PERMANENT'], protocol: 'static' })
  expect(find('10.0.0.10')).toMatchObject({ extern_learn: null, state: ['REACHABLE'], protocol: 'bgp' })
  expect(find('fd00::9')).toMatchObject({ router: null, extern_learn: null, state: ['STALE'] })
  const listed = await ns.neighbors.list({ link })
  const ours = (address: string) => listed.find((entry) => entry.address === address)
  expect(ours('10.0.0.9')).toMatchObject({ flags: ['router'], state: 'permanent', protocol: 'static' })
  expect(ours('10.0.0.10')).toMatchObject({ flags: ['extLearned'], state: 'reachable', protocol: 'bgp' })
  expect(ours('fd00::9')).toMatchObject({ state: 'stale' })
  expect([...(ours('fd00::9')?.flags ?? [])].sort()).toEqual(['extLearned', 'router'])
  expect(ours('10.0.0.11')).toBeUndefined()
  expect(await addresses({ state: 'noarp', family: 'inet' })).toContain('10.0.0.11')
  expect(await addresses({ state: 'stale' })).toEqual(['fd00::9'])
  expect(await addresses({ protocol: 'bgp' })).toEqual(['10.0.0.10'])
})

test('we show the flags that ip sets', async () => {
  const add = (line: string) => ns.execFile('ip', ['neigh', 'add', ...line.split(' '), 'dev', 'eth0'])
  await add(`10.0.0.9 lladdr ${mac} extern_learn protocol static`)
  if (hasManaged) await add('10.0.0.2 managed')
  await add('proxy 10.0.0.7')
  await add('proxy fd00::7 protocol static')
  const listed = await ns.neighbors.list({ family: 'inet' })
  expect(listed.find(({ address }) => address === '10.0.0.9')).toMatchObject({
    flags: ['extLearned'],
    protocol: 'static',
  })
  if (hasManaged) expect(listed.find(({ address }) => address === '10.0.0.2')?.flags).toContain('managed')
  expect(await ns.neighbors.list({ proxy: true })).toMatchObject([
    { address: '10.0.0.7', flags: ['proxy'], link: link.index, state: 0 },
    { address: 'fd00::7', flags: ['proxy'], link: link.index, protocol: 'static' },
  ])
})

test('proxy entries are apart from the others, and deleted as such', async () => {
  await ns.neighbors.add({ address: '10.0.0.7', link, flags: ['proxy'] })
  await ns.neighbors.add({ address: 'fd00::7', link: 'eth0', flags: ['proxy'] })
  await ns.neighbors.add({ address: '10.0.0.7', link, mac })
  expect(await shown('proxy')).toMatchObject([
    { dst: '10.0.0.7', dev: 'eth0', proxy: null },
    { dst: 'fd00::7', dev: 'eth0', proxy: null },
  ])
  expect(await addresses({ proxy: true })).toEqual(['10.0.0.7', 'fd00::7'])
  expect(await addresses({ proxy: true, family: 'inet6', link: 'eth0' })).toEqual(['fd00::7'])
  expect(await addresses({ proxy: true, link: 'lo' })).toEqual([])
  expect(await addresses()).toEqual(['10.0.0.7'])
  await ns.neighbors.delete({ address: '10.0.0.7', link })
  expect(await addresses({ proxy: true })).toEqual(['10.0.0.7', 'fd00::7'])
  await ns.neighbors.delete({ address: '10.0.0.7', link, flags: ['proxy'] })
  expect(await addresses({ proxy: true })).toEqual(['fd00::7'])
  await ns.neighbors.flush({ proxy: true })
  expect(await shown('proxy')).toEqual([])
  await expect(ns.neighbors.delete({ address: 'fd00::7', link, flags: ['proxy'] })).rejects.toMatchObject({
    code: 'ENOENT',
  })
})

test('a managed neighbour is resolved without a packet being sent to it', async () => {
  const adding = ns.neighbors.add({ address: '10.0.0.2', link, flags: ['managed'] })
  const entry = async () => (await ns.neighbors.list({ family: 'inet' })).find(({ address }) => address === '10.0.0.2')
  if (!hasManaged) {
    // Older kernels pass over the flag.
    await Promise.allSettled([adding])
    expect((await entry())?.flags ?? []).not.toContain('managed')
    return
  }
  await adding
  await expect.poll(async () => (await entry())?.state, { timeout: 10_000 }).toBe('reachable')
  expect(await entry()).toMatchObject({ flags: ['managed'] })
  expect(await shown('10.0.0.2')).toMatchObject([{ managed: null }])
})

test('an entry is replaced in its place, or added', async () => {
  await ns.neighbors.replace({ address: '10.0.0.9', mac, link })
  await ns.neighbors.replace({ address: '10.0.0.9', mac: '02:00:00:00:00:0a', link, state: 'stale', flags: ['router'] })
  expect(await shown('10.0.0.9')).toMatchObject([{ lladdr: '02:00:00:00:00:0a', state: ['STALE'] }])
  expect(await ns.neighbors.list()).toMatchObject([{ address: '10.0.0.9', mac: '02:00:00:00:00:0a', state: 'stale' }])
})

test('a flush takes away what the filter selects, and permanent entries only when asked for them', async () => {
  await ns.links.create({ kind: 'bridge', name: 'br0' })
  const add = (address: string, state: 'stale' | 'permanent', on = 'eth0') =>
    ns.neighbors.add({ address, mac, link: on, state })
  await add('10.0.0.9', 'stale')
  await add('10.0.0.10', 'permanent')
  await add('fd00::9', 'stale')
  await add('10.1.0.9', 'stale', 'br0')
  await ns.neighbors.flush({ link: 'br0' })
  expect(await addresses()).toEqual(['10.0.0.10', '10.0.0.9', 'fd00::9'])
  await ns.neighbors.flush({ family: 'inet6' })
  expect(await addresses()).toEqual(['10.0.0.10', '10.0.0.9'])
  await ns.neighbors.flush()
  expect(await addresses()).toEqual(['10.0.0.10'])
  await ns.neighbors.flush({ state: 'permanent' })
  expect(await shown()).toEqual([])
})
