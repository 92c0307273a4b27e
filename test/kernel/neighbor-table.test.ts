// The parameters of the neighbour tables, with `ip ntable` as the oracle.
import { existsSync } from 'node:fs'
import { type Link, Namespace, type NeighborTable } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'eth1' } })
})
afterEach(() => ns.close())

type Words = Record<string, string>

// The words of `ip ntable` are pairs of a name and a number, one paragraph for a table; what changes by itself is left out.
async function shown(...args: string[]): Promise<Words[]> {
  const { stdout } = await ns.execFile('ip', ['ntable', 'show', ...args])
  return stdout
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => {
      const [family, name, ...pairs] = paragraph.trim().split(/\s+/)
      const words: Words = { family: family ?? '', name: name ?? '' }
      for (let i = 0; i + 1 < pairs.length; i += 2) words[pairs[i] as string] = pairs[i + 1] as string
      const { refcnt: _, reachable: __, ...rest } = words
      return rest
    })
}

async function inItsWords(table: NeighborTable): Promise<Words> {
  const dev = table.link === undefined ? undefined : (await ns.links.get(table.link)).name
  const words = {
    family: table.family,
    name: table.name,
    dev,
    thresh1: table.thresh1,
    thresh2: table.thresh2,
    thresh3: table.thresh3,
    gc_int: table.gcInterval,
    base_reachable: table.baseReachableTime,
    retrans: table.retransTime,
    gc_stale: table.gcStaletime,
    delay_probe: table.delayProbeTime,
    queue: table.queueLen,
    app_probes: table.appProbes,
    ucast_probes: table.ucastProbes,
    mcast_probes: table.mcastProbes,
    anycast_delay: table.anycastDelay,
    proxy_delay: table.proxyDelay,
    proxy_queue: table.proxyQlen,
    locktime: table.locktime,
  }
  return Object.fromEntries(
    Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

test('all of them are what ip shows', async () => {
  const tables = await ns.neighbors.tables.list()
  expect(await Promise.all(tables.map(inItsWords))).toEqual(await shown())
  expect(tables.filter(({ link: of }) => of === undefined).map(({ name }) => name)).toEqual([
    'arp_cache',
    'ndisc_cache',
  ])
  const [arp] = tables
  expect(arp).toMatchObject({ family: 'inet', thresh3: expect.any(Number), stats: { lookups: expect.any(Number) } })
  const half = (arp?.baseReachableTime ?? 0) / 2
  expect(arp?.reachableTime).toBeGreaterThanOrEqual(half - 10)
  expect(arp?.reachableTime).toBeLessThanOrEqual(3 * half + 10)
})

test('what a table has for a link is changed, as ip shows then, and that of others is not', async () => {
  const { tables } = ns.neighbors
  const changes = {
    baseReachableTime: 20_000,
    retransTime: 500,
    gcStaletime: 90_000,
    delayProbeTime: 2000,
    queueLen: 50,
    appProbes: 1,
    ucastProbes: 5,
    mcastProbes: 6,
    mcastReprobes: 2,
    anycastDelay: 300,
    proxyDelay: 400,
    proxyQlen: 32,
    locktime: 700,
  }
  await tables.set({ family: 'inet', link, ...changes })
  const [arp, none] = await tables.list({ family: 'inet', link: 'eth0' })
  expect([arp, none]).toEqual([expect.objectContaining({ ...changes, link: link.index, name: 'arp_cache' }), undefined])
  expect([await inItsWords(arp as NeighborTable)]).toEqual(await shown('dev', 'eth0', 'name', 'arp_cache'))
  expect(await tables.list({ family: 'inet6', link })).not.toContainEqual(expect.objectContaining({ retransTime: 500 }))
  await tables.set({ family: 'inet6', link: 'eth0', retransTime: 300, queueLenbytes: 10_000 })
  const ndp = async () => (await tables.list({ family: 'inet6', link: link.index }))[0]
  expect(await ndp()).toMatchObject({ retransTime: 300, queueLenbytes: 10_000 })
  // Linux 6.0.
  if ((await ndp())?.intervalProbeTimeMs !== undefined) {
    await tables.set({ family: 'inet6', link, intervalProbeTimeMs: 3000 })
    expect(await ndp()).toMatchObject({ retransTime: 300, intervalProbeTimeMs: 3000 })
  }
  expect((await shown('dev', 'eth1')).map(({ retrans }) => retrans)).toEqual(['1000', '1000'])
})

test('what ip changes is told', async () => {
  await ns.execFile('ip', 'ntable change name ndisc_cache dev eth1 base_reachable 40000 locktime 900'.split(' '))
  const [ndp] = await ns.neighbors.tables.list({ family: 'inet6', link: 'eth1' })
  expect(ndp).toMatchObject({ name: 'ndisc_cache', baseReachableTime: 40_000, locktime: 900 })
})

test('the limits and defaults are those of the first namespace of the machine, and out of reach elsewhere', async () => {
  const { tables } = ns.neighbors
  for (const changes of [{ thresh1: 100 }, { gcInterval: 1000 }, { retransTime: 10 }]) {
    await expect(tables.set({ family: 'inet', ...changes })).rejects.toMatchObject({
      code: 'ENOENT',
      request: 'RTM_SETNEIGHTBL',
      message: expect.stringContaining('belong to the first network namespace'),
    })
  }
  const host = Namespace.current().neighbors.tables
  const [before] = await host.list({ family: 'inet' })
  const { thresh1 = 0, gcInterval = 0, locktime = 0 } = before ?? {}
  // As it is already: the host's stay as they are.
  const same = host.set({ family: 'inet', thresh1, gcInterval, locktime })
  // Only there are the defaults settings, too.
  const isFirst = existsSync('/proc/sys/net/ipv4/neigh/default')
  if (isRoot && isFirst) await same
  else await expect(same).rejects.toMatchObject({ code: isRoot ? 'ENOENT' : 'EPERM' })
  expect((await host.list({ family: 'inet' }))[0]).toMatchObject({ thresh1, gcInterval, locktime })
})

test('what is not there, and what no table can have, is refused', async () => {
  const { tables } = ns.neighbors
  const invalid = { code: 'ERR_INVALID_ARG_VALUE' }
  await expect(tables.set({ family: 'inet', link: 'none', retransTime: 1 })).rejects.toMatchObject({ code: 'ENODEV' })
  await expect(tables.set({ family: 'inet', name: 'none', link, retransTime: 1 })).rejects.toMatchObject({
    code: 'ENOENT',
    message: expect.stringContaining('table none'),
  })
  await expect(tables.set({ family: 'inet', link, retransTime: -1 })).rejects.toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
  })
  for (const wrong of [
    null,
    { link, retransTime: 1 },
    { family: 'inet', link },
    { family: 'inet', link, thresh1: 5 },
    { family: 'inet', link, retransTime: '5' },
    { family: 'inet', link, reachableTime: 5 },
    { family: 'inet', name: 5, link, retransTime: 5 },
    { family: 'inet', link: {}, retransTime: 5 },
  ])
    await expect(tables.set(wrong as never)).rejects.toMatchObject(invalid)
  for (const wrong of [null, { family: 4 }, { dev: 'eth0' }, { link: {} }])
    await expect(tables.list(wrong as never)).rejects.toMatchObject(invalid)
})
