// Every way in which a stream ends: at once, and with nothing left (the check after every test sees to that).
import { readdirSync } from 'node:fs'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { DumpInterruptedError, Namespace, type RouteOptions } from 'linux-namespaces'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { until } from '../helpers/until.js'

// A block of the answer holds some five thousand.
const count = 20_000
const route = (i: number, base = 11): RouteOptions => ({
  to: `${base}.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
  type: 'blackhole',
})

let ns: Namespace

beforeAll(async () => {
  ns = await Namespace.create()
  await ns.routes.add(Array.from({ length: count }, (_, i) => route(i)))
})
afterAll(() => ns.close())

const done = { done: true, value: undefined }
const descriptors = () => readdirSync('/proc/self/fd').length

async function counted(entries: AsyncIterable<unknown>): Promise<number> {
  let n = 0
  for await (const _ of entries) n++
  return n
}

test('at its end it is closed, and all of it has come', async () => {
  const before = descriptors()
  const stream = ns.routes.stream({ family: 'inet' })
  expect(await counted(stream)).toBe(count)
  expect(descriptors()).toBe(before)
  expect(await stream.next()).toEqual(done)
})

test('nothing is opened before the first entry is asked for', async () => {
  const before = descriptors()
  const stream = ns.routes.stream()
  await turn()
  expect(descriptors()).toBe(before)
  await stream.next()
  expect(descriptors()).toBe(before + 1)
  await stream.return()
  expect(descriptors()).toBe(before)
})

test('a break ends it, and so does an error in the loop', async () => {
  const before = descriptors()
  for await (const { type } of ns.routes.stream()) {
    expect(type).toBe('blackhole')
    break
  }
  const loop = async () => {
    for await (const { to } of ns.routes.stream()) throw new Error(to)
  }
  expect(await failure(loop())).toMatchObject({ message: '11.0.0.0' })
  expect(descriptors()).toBe(before)
})

test('await using ends it', async () => {
  const before = descriptors()
  {
    await using stream = ns.routes.stream()
    expect((await stream.next()).value).toMatchObject({ to: '11.0.0.0' })
  }
  expect(descriptors()).toBe(before)
})

test('return() ends what waits for more', async () => {
  const stream = ns.routes.stream()
  const waiting = [stream.next(), stream.next()]
  expect(await stream.return()).toEqual(done)
  expect(await Promise.all(waiting)).toEqual([done, done])
  expect(await stream.next()).toEqual(done)
})

test('those asked for together come in their order', async () => {
  const stream = ns.routes.stream()
  const results = await Promise.all(Array.from({ length: 6000 }, () => stream.next()))
  expect(results.map(({ value }) => value?.to)).toEqual(Array.from({ length: 6000 }, (_, i) => route(i).to))
  await stream.return()
})

test('an abort before, at any moment of the beginning, and in the middle rejects with its reason', async () => {
  const reason = new Error('enough')
  const aborted = AbortSignal.abort(reason)
  expect(await failure(ns.routes.stream({ signal: aborted }).next())).toBe(reason)
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController()
    const stream = ns.routes.stream({ signal: controller.signal })
    // It may be settled before it is looked at.
    const next = (round < 10 ? stream.next() : counted(stream)).then(
      () => undefined,
      (error: unknown) => error,
    )
    for (let i = 0; i < round % 10; i++) await turn()
    controller.abort(reason)
    // The first entry may have been there already.
    if (round >= 10) expect(await next).toBe(reason)
    else expect([reason, undefined]).toContain(await next)
  }
})

test('after an abort it is closed before anybody asks, and tells the reason to who asks', async () => {
  const controller = new AbortController()
  const before = descriptors()
  const stream = ns.routes.stream({ signal: controller.signal })
  await stream.next()
  controller.abort()
  await until('its socket is closed', () => descriptors() === before)
  expect(await failure(stream.next())).toMatchObject({ name: 'AbortError' })
  expect(await stream.next()).toEqual(done)
})

test('at the time limit it rejects with ETIMEDOUT', async () => {
  await using other = await Namespace.create()
  const before = descriptors()
  let error: unknown
  // On a busy machine the answer may be there as soon as the timer is.
  for (let attempt = 0; attempt < 20 && error === undefined; attempt++) {
    // The native thread has its hands full meanwhile.
    const busy = other.routes.replace(Array.from({ length: count }, (_, i) => route(i)))
    await turn()
    const stream = ns.routes.stream({ timeout: 1 })
    error = await stream.next().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    await stream.return()
    expect(await stream.next()).toEqual(done)
    await busy
  }
  expect(error).toMatchObject({ code: 'ETIMEDOUT' })
  await until('its socket is closed', () => descriptors() <= before + 1)
})

test('the time limit is for the kernel, and not for who reads', async () => {
  const timeout = 1000
  const stream = ns.routes.stream({ timeout, family: 'inet' })
  await stream.next()
  await sleep(timeout + 100)
  expect(await counted(stream)).toBe(count - 1)
})

test('closing the namespace ends it with an error, for not all has come', async () => {
  const owned = await Namespace.open({ fd: ns.fd() })
  const stream = owned.routes.stream()
  await stream.next()
  owned.close()
  expect(await failure(counted(stream))).toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
  expect(await failure(owned.routes.stream().next())).toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
})

test('two at once do not disturb each other, nor what else is asked', async () => {
  const first = ns.routes.stream({ family: 'inet' })
  const second = ns.routes.stream({ family: 'inet' })
  await Promise.all([first.next(), second.next()])
  expect((await ns.links.list()).map(({ name }) => name)).toEqual(['lo'])
  expect(await Promise.all([counted(first), counted(second)])).toEqual([count - 1, count - 1])
})

test('a table that changes meanwhile is told of at the end, after all entries', async () => {
  await using owned = await Namespace.create()
  await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      owned.links.create({ kind: 'veth', name: `a${i}`, up: false, peer: { name: `b${i}`, up: false } }),
    ),
  )
  const names: string[] = []
  const loop = async () => {
    for await (const { name } of owned.links.stream()) {
      names.push(name)
      // The kernel has made but the first block of its answer by then.
      if (names.length === 1) await owned.links.create({ kind: 'bridge', name: 'br0' })
    }
  }
  const error = await failure(loop())
  expect(error).toBeInstanceOf(DumpInterruptedError)
  expect(error).toMatchObject({ code: 'EINTR', request: 'RTM_GETLINK', partial: [] })
  expect(names.length).toBeGreaterThanOrEqual(401)
})
