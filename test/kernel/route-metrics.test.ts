import { type Link, Namespace, type RouteMetrics } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'

type Shown = Record<string, unknown>

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  const addresses = ['10.0.0.1/24', 'fd00::1/64']
  link = await ns.links.create({ kind: 'veth', name: 'eth0', addresses, peer: { name: 'peer0' } })
})
afterEach(() => ns.close())

const metrics: RouteMetrics = {
  mtu: 1300,
  advmss: 1200,
  window: 1000,
  rtt: 100,
  rttvar: 20,
  ssthresh: 10,
  cwnd: 12,
  reordering: 5,
  hoplimit: 9,
  initcwnd: 6,
  initrwnd: 7,
  rtoMin: 50,
  quickack: true,
  fastopenNoCookie: true,
  features: ['ecn'],
  congctl: 'reno',
  lock: ['mtu', 'cwnd', 'congctl'],
}
const inIpsWords = {
  mtu: 1300,
  window: 1000,
  rtt: 100,
  rttvar: 20,
  ssthresh: 10,
  cwnd: 12,
  advmss: 1200,
  reordering: 5,
  hoplimit: 9,
  initcwnd: 6,
  ecn: null,
  rto_min: 50,
  initrwnd: 7,
  quickack: 1,
  congestion: 'reno',
  fastopen_no_cookie: 1,
}

const route = async (to: string) => {
  const [found] = await ns.routes.list({ to })
  return found
}

test('all metrics of routes of both families are what ip shows, locks included', async () => {
  await ns.routes.add([
    { to: '10.1.0.0/16', via: '10.0.0.2', ...metrics },
    { to: 'fd01::/64', via: 'fd00::2', ...metrics },
  ])
  for (const [to, flag] of [
    ['10.1.0.0/16', '-4'],
    ['fd01::/64', '-6'],
  ] as const) {
    const shown = await ip<Shown>(ns, [flag, 'route', 'show', to])
    expect(shown).toMatchObject([{ metrics: [inIpsWords] }])
    expect(await route(to)).toMatchObject({ ...metrics, lock: ['mtu', 'cwnd', 'rtoMin', 'congctl'] })
    const { stdout } = await ns.execFile('ip', [flag, 'route', 'show', to])
    expect(stdout).toContain('mtu lock 1300')
    expect(stdout).toContain('cwnd lock 12')
    expect(stdout).toContain('rto_min lock 50ms')
    expect(stdout).toContain('congctl lock reno')
    expect(stdout.match(/lock/g)).toHaveLength(4)
  }
})

test('we show the metrics that ip sets', async () => {
  const line =
    'mtu lock 1300 advmss 1200 window 1000 rtt 100ms rttvar 20ms ssthresh 10 cwnd lock 12 reordering 5 hoplimit 9 ' +
    'initcwnd 6 initrwnd 7 rto_min 50ms quickack 1 features ecn congctl lock reno fastopen_no_cookie 1'
  await ns.execFile('ip', ['route', 'add', '10.1.0.0/16', 'via', '10.0.0.2', ...line.split(' ')])
  await ns.execFile('ip', ['-6', 'route', 'add', 'fd01::/64', 'via', 'fd00::2', ...line.split(' ')])
  const lock = ['mtu', 'cwnd', 'rtoMin', 'congctl']
  expect(await route('10.1.0.0/16')).toMatchObject({ ...metrics, lock })
  expect(await route('fd01::/64')).toMatchObject({ ...metrics, lock })
  await ns.routes.add({ to: '10.2.0.0/16', link })
  const plain = await route('10.2.0.0/16')
  for (const name of Object.keys(metrics)) expect(plain).not.toHaveProperty(name)
})

test('a congestion control that there is not is refused', async () => {
  const options = { to: '10.1.0.0/16', via: '10.0.0.2', congctl: 'none-such' }
  await expect(ns.routes.add(options)).rejects.toMatchObject({ code: 'EINVAL', request: 'RTM_NEWROUTE' })
})

test('preference and expiry of IPv6 routes, and the type of service of IPv4 ones, are what ip shows', async () => {
  await ns.routes.add([
    { to: 'fd01::/64', via: 'fd00::2', pref: 'high' },
    { to: 'fd02::/64', via: 'fd00::2', pref: 'low', expires: 1000 },
    { to: '10.1.0.0/16', via: '10.0.0.2', tos: 0x10 },
    { to: '10.1.0.0/16', via: '10.0.0.3' },
  ])
  const [first, second] = await Promise.all(
    ['fd01::/64', 'fd02::/64'].map((to) => ip<Shown>(ns, ['-6', 'route', 'show', to])),
  )
  expect(first).toMatchObject([{ pref: 'high' }])
  expect(second).toMatchObject([{ pref: 'low', expires: expect.any(Number) }])
  expect(await route('fd01::/64')).toMatchObject({ pref: 'high' })
  expect(await route('fd01::/64')).not.toHaveProperty('expires')
  const expires = (await route('fd02::/64'))?.expires
  expect(expires).toBeGreaterThan(900)
  expect(expires).toBeLessThanOrEqual(1000)
  expect(await ip<Shown>(ns, ['route', 'show', '10.1.0.0/16'])).toMatchObject([
    { tos: '0x10', gateway: '10.0.0.2' },
    { gateway: '10.0.0.3' },
  ])
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toMatchObject([{ tos: 0x10 }, { via: '10.0.0.3' }])
  await ns.routes.delete({ to: '10.1.0.0/16', tos: 0x10 })
  expect(await ns.routes.list({ to: '10.1.0.0/16' })).toMatchObject([{ via: '10.0.0.3' }])
  await ns.execFile('ip', ['-6', 'route', 'add', 'fd03::/64', 'via', 'fd00::2', 'expires', '500', 'pref', 'low'])
  expect(await route('fd03::/64')).toMatchObject({ pref: 'low', expires: expect.any(Number) })
})
