import { type Link, Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ipNeighbors } from '../helpers/ip.js'

let ns: Namespace
let other: Namespace
let link: Link
let far: Link
beforeEach(async () => {
  ns = await Namespace.create()
  other = await Namespace.create()
  const pair = await VethPair.create(
    { namespace: ns, name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] },
    { namespace: other, name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64'] },
  )
  link = pair.a
  far = pair.b
})
afterEach(() => {
  ns.close()
  other.close()
})

const ours = async (filter?: Parameters<typeof ns.neighbors.list>[0]) =>
  (await ns.neighbors.list(filter)).map(({ address, mac, state }) => `${address} ${mac} ${state}`).sort()
const shown = async (...args: string[]) =>
  (await ipNeighbors(ns, ...args))
    .map(({ dst, lladdr, state }) => `${dst} ${lladdr} ${state.join().toLowerCase()}`)
    .sort()

test('entries of both families are what ip shows', async () => {
  await ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
  await ns.neighbors.add({ address: 'fd00::9', mac: '02:00:00:00:00:0a', link })
  await ns.neighbors.add({ address: '10.0.0.10', mac: '02:00:00:00:00:0b', link: link.index, state: 'stale' })
  expect(await ours()).toEqual(await shown())
  expect(await ours()).toEqual([
    '10.0.0.10 02:00:00:00:00:0b stale',
    '10.0.0.9 02:00:00:00:00:09 permanent',
    'fd00::9 02:00:00:00:00:0a permanent',
  ])
  const [entry] = await ns.neighbors.list({ family: 'inet6' })
  expect(entry).toMatchObject({
    address: 'fd00::9',
    family: 'inet6',
    link: link.index,
    mac: '02:00:00:00:00:0a',
    flags: [],
  })
})

test('we show what ip adds and what the kernel learns', async () => {
  await ns.execFile('ip', [
    'neigh',
    'add',
    '10.0.0.9',
    'lladdr',
    '02:00:00:00:00:09',
    'dev',
    'eth0',
    'nud',
    'permanent',
    'router',
  ])
  expect(await ours()).toEqual(['10.0.0.9 02:00:00:00:00:09 permanent'])
  expect((await ns.neighbors.list())[0]?.flags).toEqual(['router'])
  await ns.execFile('ping', ['-c1', '-W5', '10.0.0.2'])
  await ns.execFile('ping', ['-c1', '-W5', 'fd00::2'])
  const learned = await ns.neighbors.list()
  for (const address of ['10.0.0.2', 'fd00::2']) {
    const entry = learned.find((each) => each.address === address)
    expect(entry).toMatchObject({ mac: far.mac, link: link.index })
    expect(['reachable', 'stale', 'delay', 'probe']).toContain(entry?.state)
  }
})

test('entries are listed by link and family', async () => {
  const bridge = await ns.links.create({ kind: 'bridge', name: 'br0' })
  await ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link })
  await ns.neighbors.add({ address: '10.1.0.9', mac: '02:00:00:00:00:19', link: bridge })
  await ns.neighbors.add({ address: 'fd01::9', mac: '02:00:00:00:00:1a', link: bridge })
  const addresses = async (filter: Parameters<typeof ns.neighbors.list>[0]) =>
    (await ns.neighbors.list(filter)).map(({ address }) => address)
  expect(await addresses({ link: 'br0' })).toEqual(['10.1.0.9', 'fd01::9'])
  expect(await addresses({ link: bridge.index, family: 'inet6' })).toEqual(['fd01::9'])
  expect(await addresses({ link, family: 'inet' })).toEqual(['10.0.0.9'])
  expect((await addresses({ family: 'inet' })).sort()).toEqual(['10.0.0.9', '10.1.0.9'])
  expect(await ours({ link: 'br0' })).toEqual(await shown('dev', 'br0').catch(() => []))
})

test('an entry is deleted, and what is there or is not is refused', async () => {
  await ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link })
  await expect(ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:0a', link })).rejects.toMatchObject({
    code: 'EEXIST',
    request: 'RTM_NEWNEIGH',
    message: expect.stringContaining('neighbor 10.0.0.9'),
  })
  await ns.neighbors.delete({ address: '10.0.0.9', link: 'eth0' })
  expect(await shown()).toEqual([])
  await expect(ns.neighbors.delete({ address: '10.0.0.9', link })).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'none' })).rejects.toMatchObject(
    { code: 'ENODEV' },
  )
  await expect(ns.neighbors.add({ address: '10.0.0.9', mac: '02:00', link })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_VALUE',
  })
})

test('a permanent entry is used for packets', async () => {
  // A wrong one: nobody answers.
  await ns.neighbors.add({ address: '10.0.0.2', mac: '02:00:00:00:00:99', link })
  await expect(ns.execFile('ping', ['-c1', '-W1', '10.0.0.2'])).rejects.toMatchObject({ code: 1 })
  await ns.neighbors.delete({ address: '10.0.0.2', link })
  await ns.neighbors.add({ address: '10.0.0.2', mac: far.mac ?? '', link })
  expect((await ns.execFile('ping', ['-c1', '-W5', '10.0.0.2'])).stdout).toContain('1 received')
})
