import { Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { cabled } from '../helpers/sockets.js'

let blue: Namespace
let red: Namespace

beforeEach(async () => {
  ;({ blue, red } = await cabled())
})

afterEach(() => {
  blue.close()
  red.close()
})

/** What ping(8) says of one reply. */
async function program(ns: Namespace, ...args: string[]): Promise<{ bytes: number; ttl: number; time: number }> {
  const { stdout } = await ns.execFile('ping', ['-n', '-c', '1', ...args])
  const [, bytes, ttl, time] = /^(\d+) bytes from .* ttl=(\d+) time=([\d.]+) ms$/m.exec(stdout) ?? []
  return { bytes: Number(bytes), ttl: Number(ttl), time: Number(time) }
}

describe('a ping', () => {
  for (const address of ['10.0.0.1', 'fd00::1', 'fe80::1%eth0', '127.0.0.1', '::1']) {
    test(`of ${address} gives what ping(8) gives`, async () => {
      const { rttMs, ...rest } = await red.ping(address)
      const { bytes, ttl, time } = await program(red, address)
      expect(rest).toMatchObject({ address, bytes, ttl, sequence: 1, sent: 1 })
      expect(rest.replies).toEqual([{ rttMs, bytes, ttl, sequence: 1 }])
      expect(rttMs).toBeGreaterThan(0)
      expect(time).toBeGreaterThan(0)
    })
  }

  test('is as long, comes from where, and as often as asked for', async () => {
    const link = await red.links.get('eth0')
    await link.addresses.add('10.0.0.22/24')
    const result = await red.ping('10.0.0.1', { count: 4, interval: 5, size: 2000, source: '10.0.0.22' })
    expect(result).toMatchObject({ bytes: 2008, sequence: 4, sent: 4 })
    expect(result.replies.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    const sum = result.replies.reduce((sum, { rttMs }) => sum + rttMs, 0)
    expect(result.rttMs).toBeCloseTo(sum / 4, 9)
    expect((await red.ping('10.0.0.1', { size: 0 })).bytes).toBe(8)
    expect((await blue.neighbors.list()).map(({ address }) => address)).toContain('10.0.0.22')
  })

  test('takes a name, and a caller that is busy for the time of the kernel', async () => {
    const pending = red.ping('localhost')
    const busyUntil = performance.now() + 200
    setImmediate(() => {
      while (performance.now() < busyUntil);
    })
    expect(await pending).toMatchObject({ address: expect.stringMatching(/^(127\.|::1)/), bytes: 64 })
  })

  test('of many requests without an interval gets all replies', async () => {
    const result = await red.ping('10.0.0.1', { count: 1000, interval: 0 })
    expect(result.replies.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
  })

  test('of many at once gives each its own reply', async () => {
    const pings = Array.from({ length: 40 }, (_, i) => red.ping(i % 2 ? '10.0.0.1' : 'fd00::1', { size: i }))
    const results = await Promise.all(pings)
    expect(results.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 40 }, (_, i) => i + 8))
  })

  test('needs no privilege where the namespace lets its group', async () => {
    const script = `
      import { Namespace } from 'linux-namespaces'
      const ns = Namespace.current()
      for (const address of ['10.0.0.1', 'fd00::1']) {
        const { ttl, bytes, rttMs } = await ns.ping(address)
        console.log(ttl, bytes, rttMs > 0)
      }
      console.log((await ns.ping('10.0.0.99').catch((error) => error)).code)`
    const run = () =>
      red.execFile('setpriv', ['--bounding-set=-all', process.execPath, '--input-type=module', '-e', script])
    expect((await failure(run())).stderr).toMatch(/EACCES.*net\.ipv4\.ping_group_range/)
    await red.sysctl.set('net.ipv4.ping_group_range', '0 0')
    expect((await run()).stdout).toBe('64 64 true\n64 64 true\nEHOSTUNREACH\n')
  })
})

describe('a ping without a reply', () => {
  test('tells that there is no route, and that nobody answers', async () => {
    for (const address of ['192.0.2.1', '2001:db8::1'])
      expect(await failure(red.ping(address))).toMatchObject({ name: 'SystemError', code: 'ENETUNREACH' })
    for (const address of ['10.0.0.99', 'fd00::99'])
      expect(await failure(red.ping(address)), address).toMatchObject({
        code: 'EHOSTUNREACH',
        message: expect.stringContaining(`pinging ${address} in namespace net:[${red.inode()}]`),
      })
  })

  test('tells what a router says', async () => {
    await using green = await Namespace.create()
    await VethPair.create(
      { namespace: blue, name: 'eth1', addresses: ['10.1.0.1/24', 'fd01::1/64'] },
      { namespace: green, name: 'eth0', addresses: ['10.1.0.2/24', 'fd01::2/64'] },
    )
    await blue.sysctl.set('net.ipv4.ip_forward', 1)
    await blue.sysctl.set('net.ipv6.conf.all.forwarding', 1)
    await Promise.all([
      red.routes.add([
        { to: 'default', via: '10.0.0.1' },
        { to: 'default', via: 'fd00::1' },
      ]),
      green.routes.add([
        { to: 'default', via: '10.1.0.1' },
        { to: 'default', via: 'fd01::1' },
      ]),
    ])
    expect(await red.ping('10.1.0.2')).toMatchObject({ ttl: 63 })
    expect(await red.ping('fd01::2')).toMatchObject({ ttl: 63 })
    expect(await failure(red.ping('10.1.0.2', { ttl: 1 }))).toMatchObject({
      code: 'EHOSTUNREACH',
      message: expect.stringContaining('10.0.0.1 says so, ICMP type 11 code 0'),
    })
    expect(await failure(red.ping('fd01::2', { ttl: 1 }))).toMatchObject({
      message: expect.stringContaining('fd00::1 says so, ICMP type 3 code 0'),
    })
    await blue.routes.add({ to: '10.2.0.0/16', type: 'prohibit' })
    expect(await failure(red.ping('10.2.0.1'))).toMatchObject({
      code: 'EHOSTUNREACH',
      message: expect.stringContaining('10.0.0.1 says so, ICMP type 3 code 13'),
    })
  })

  test('ends with its time limit and its signal', async () => {
    await red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
    expect(await failure(red.ping('10.0.0.9', { timeout: 30, count: 3, interval: 1 }))).toMatchObject({
      code: 'ETIMEDOUT',
    })
    const reason = new Error('enough')
    const controller = new AbortController()
    const pending = failure(red.ping('10.0.0.9', { signal: controller.signal }))
    setTimeout(() => controller.abort(reason), 30)
    expect(await pending).toBe(reason)
    expect(await failure(red.ping('10.0.0.1', { signal: controller.signal }))).toBe(reason)
  })

  test('is refused for options that make no sense', async () => {
    for (const options of [{ cuont: 1 } as never, { source: 'here' }, null as never])
      expect(await failure(red.ping('10.0.0.1', options))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    for (const options of [{ count: 0 }, { size: 65_508 }, { ttl: 256 }, { timeout: 0 }, { interval: -1 }])
      expect(await failure(red.ping('10.0.0.1', options))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(await failure(red.ping('10.0.0.1', { source: '10.0.0.77' }))).toMatchObject({
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
    })
    expect(await failure(red.ping('fe80::1%none'))).toMatchObject({ code: 'ENODEV' })
  })
})
