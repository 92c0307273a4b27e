// Abort signals and time limits in the middle of work: the promise ends at once, and what was begun is undone.
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { Namespace, SystemError, VethPair } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { ipLinks } from '../helpers/ip.js'
import { addon, Steps } from '../helpers/native.js'

let a: Namespace
let b: Namespace

beforeAll(async () => {
  a = await Namespace.create()
  b = await Namespace.create()
})

afterAll(() => {
  a.close()
  b.close()
})

// The check after every test sees whatever descriptor is left.
describe('an abort signal', () => {
  test('that is aborted already refuses everything with its reason', async () => {
    const reason = new Error('enough')
    const limits = { signal: AbortSignal.abort(reason) }
    const link = await a.links.get('lo')
    for (const call of [
      () => Namespace.create(limits),
      () => Namespace.open({ fd: a.fd() }, limits),
      () => a.links.list(limits),
      () => a.links.get('lo', limits),
      () => a.links.create({ kind: 'bridge', name: 'x' }, limits),
      () => VethPair.create({ namespace: a }, { namespace: b }, limits),
      () => link.set({ mtu: 1500 }, limits),
      () => link.refresh(limits),
      () => link.addresses.add('10.0.0.1/24', limits),
      () => a.routes.list(limits),
      () => a.routes.add({ to: '10.9.0.0/16', type: 'blackhole' }, limits),
      () => a.neighbors.list(limits),
      () => a.sysctl.get('net.ipv4.ip_forward', limits),
      () => Namespace.list(limits),
      () => a.pids('net', limits),
      () => a.unpin(limits),
    ]) {
      expect(await failure(call())).toBe(reason)
    }
    expect((await ipLinks(a)).map(({ ifname }) => ifname)).toEqual(['lo'])
    expect(await a.routes.list()).toEqual([])
  })

  test('takes a list back that has not been sent yet: nobody waits for its end', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const list = a.links.list({ signal: controller.signal })
    const other = a.addresses.list({ timeout: 5000 })
    controller.abort(reason)
    expect(await failure(list)).toBe(reason)
    expect((await other).map(({ cidr }) => cidr)).toContain('127.0.0.1/8')
    expect((await b.links.list({ timeout: 5000 })).map(({ name }) => name)).toContain('lo')
  })

  test('takes nothing from what others have asked for in the same tick, an array of changes too', async () => {
    using ns = await Namespace.create()
    const routes = Array.from({ length: 900 }, (_, i) => ({
      to: `10.1.${i >> 8}.${i & 255}/32`,
      type: 'blackhole' as const,
    }))
    // While the kernel works on both of them, at one of these moments.
    for (const moment of [0, 1, 1, 2, 2, 3, 4]) {
      const controller = new AbortController()
      const adding = ns.routes.add(routes)
      const list = ns.links.list({ signal: controller.signal })
      sleep(moment).then(() => controller.abort())
      await Promise.allSettled([list])
      await adding
      expect(await ns.routes.list()).toHaveLength(900)
      await ns.routes.flush()
    }
  })

  test('may be that of many calls at once: Node warns of no leak', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    try {
      const { signal } = new AbortController()
      const many = <T>(call: () => T) => Array.from({ length: 20 }, call)
      const watches = many(() => a.watch({ links: true, signal }))
      const streams = many(() => a.links.stream({ signal }))
      await Promise.all([
        ...many(() => a.links.list({ signal })),
        ...many(() => a.sysctl.get('net.ipv4.ip_forward', { signal })),
        ...many(() => a.routes.get('127.0.0.1', { signal })),
        ...streams.map((stream) => stream.next()),
        ...watches.map((watch) => watch.ready),
      ])
      await Promise.all([...streams, ...watches].map((each) => each.return?.()))
      // A warning comes in the next tick.
      await turn()
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', warn)
    }
  })

  test('ends the making of namespaces at any moment, and leaves none', async () => {
    for (let round = 0; round < 100; round++) {
      const controller = new AbortController()
      const reason = new Error(`round ${round}`)
      const making = Array.from({ length: 10 }, () => Namespace.create({ signal: controller.signal }))
      // Here before the first one is begun, there when some are made, and at last when all are.
      const abort = () => controller.abort(reason)
      if (round % 4 === 0) abort()
      else if (round % 4 === 1) setImmediate(abort)
      else if (round % 4 === 2) sleep(round / 20).then(abort)
      else making[round % 10]?.then(abort, () => {})
      for (const result of await Promise.allSettled(making)) {
        if (result.status === 'fulfilled') result.value.close()
        else expect(result.reason).toBe(reason)
      }
    }
  })

  test('that comes with the result itself leaves nothing of it', async () => {
    for (let round = 0; round < 50; round++) {
      const controller = new AbortController()
      const first = Namespace.create().then((ns) => {
        controller.abort()
        return ns
      })
      const others = Array.from({ length: 3 }, () => Namespace.create({ signal: controller.signal }))
      for (const result of await Promise.allSettled([first, ...others]))
        if (result.status === 'fulfilled') result.value.close()
    }
  })

  test('ends the making of veth pairs at any moment, and they are there or not', async () => {
    for (let round = 0; round < 40; round++) {
      const controller = new AbortController()
      const making = VethPair.create(
        { namespace: a, name: 'x', addresses: ['10.0.0.1/24'] },
        { namespace: b, name: 'y', addresses: ['10.0.0.2/24'] },
        { signal: controller.signal },
      )
      if (round % 2 === 0) setImmediate(() => controller.abort())
      else sleep(round / 10).then(() => controller.abort())
      const [result] = await Promise.allSettled([making])
      const expected = result?.status === 'fulfilled' ? ['lo', 'x'] : ['lo']
      expect((await ipLinks(a)).map(({ ifname }) => ifname)).toEqual(expected)
      if (result?.status === 'fulfilled') await result.value.delete()
      else expect(result?.reason).toMatchObject({ name: 'AbortError' })
    }
    expect((await ipLinks(b)).map(({ ifname }) => ifname)).toEqual(['lo'])
  })

  test('of one request does not touch the others of its batch', async () => {
    const controller = new AbortController()
    const get = (signal?: AbortSignal) => a.links.get('lo', { signal })
    const results = Promise.allSettled([
      get(),
      get(controller.signal),
      get(),
      a.links.get('none'),
      get(controller.signal),
    ])
    controller.abort(new Error('not that one'))
    const ends = (await results).map((result) =>
      result.status === 'fulfilled' ? result.value.name : result.reason.message,
    )
    expect(ends).toEqual(['lo', 'not that one', 'lo', expect.stringContaining('ENODEV'), 'not that one'])
  })

  test('does not keep listeners', async () => {
    const { signal } = new AbortController()
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    for (let i = 0; i < 50; i++) {
      await a.links.list({ signal })
      ;(await Namespace.open({ fd: a.fd() }, { signal })).close()
    }
    await new Promise(setImmediate)
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  test('takes back what has not reached the kernel, unless somebody still waits for a request of the same batch', async () => {
    const [reader, writer] = addon.pipe() as [number, number]
    for (const patient of [false, true]) {
      // While it reads, nothing gets past it.
      const gate = new Steps().add('read', [reader, new Uint8Array(1), 1]).run()
      const controller = new AbortController()
      const routes = Array.from({ length: 300 }, (_, i) => ({ to: `10.1.${i % 250}.${i < 250 ? 0 : 128}/25`, link: 1 }))
      const given = routes.map((route) => a.routes.add(route, { signal: controller.signal }))
      const kept = patient ? a.routes.add({ to: '10.2.0.0/16', link: 1 }) : undefined
      // They are sent at the end of this tick.
      await new Promise(setImmediate)
      controller.abort()
      expect((await Promise.allSettled(given)).every(({ status }) => status === 'rejected')).toBe(true)
      addon.syscall(addon.numbers.write, writer, Uint8Array.of(1), 1)
      await gate
      await kept
      expect((await a.routes.list()).some(({ to }) => to.startsWith('10.1.'))).toBe(patient)
    }
    addon.close(reader)
    addon.close(writer)
  })
})

describe('a time limit', () => {
  test('ends the making of namespaces, with ETIMEDOUT, and leaves none of those', async () => {
    const making = Array.from({ length: 300 }, () => Namespace.create({ timeout: 5 }))
    let ended = 0
    for (const result of await Promise.allSettled(making)) {
      if (result.status === 'fulfilled') {
        result.value.close()
        continue
      }
      ended++
      expect(result.reason).toBeInstanceOf(SystemError)
      expect(result.reason).toMatchObject({ code: 'ETIMEDOUT', operation: 'creating a namespace (net)' })
    }
    // Three hundred take tens of milliseconds in the kernel alone.
    expect(ended).toBeGreaterThan(0)
  })

  test('of 0 is none, and the longest a timer takes is one', async () => {
    expect((await a.links.list({ timeout: 0 })).length).toBe(1)
    expect((await a.links.list({ timeout: 2 ** 31 - 1 })).length).toBe(1)
    ;(await Namespace.create({ timeout: 0 })).close()
    ;(await Namespace.create({ timeout: 2 ** 31 - 1 })).close()
  })

  test('does not keep the process alive when all is done', async () => {
    const { stdout } = await a.execFile(process.execPath, [
      '--input-type=module',
      '-e',
      `import { Namespace } from 'linux-namespaces'
       const ns = Namespace.current()
       await ns.links.list({ timeout: 600_000 })
       console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length)`,
    ])
    expect(stdout).toBe('0\n')
  })
})
