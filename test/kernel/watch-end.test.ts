// Every way in which a watch ends: at once, without an error, and with nothing left (the check after every test sees to that).
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Namespace, type NetworkEvent, type NetworkWatch } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { upTo, words } from '../helpers/events.js'
import { until } from '../helpers/until.js'

let ns: Namespace
beforeEach(async () => {
  ns = await Namespace.create()
})
afterEach(() => ns.close())

const done = { done: true, value: undefined }
const descriptors = () => readdirSync('/proc/self/fd').length
const addBridge = (name: string) => ns.execFile('ip', ['link', 'add', name, 'type', 'bridge'])

async function all(watch: NetworkWatch): Promise<string[]> {
  const events: string[] = []
  for await (const event of watch) events.push(words(event))
  return events
}

test('a break ends it', async () => {
  const before = descriptors()
  for await (const event of ns.watch({ snapshot: true })) {
    expect(words(event)).toBe('add link lo')
    expect(descriptors()).toBe(before + 1)
    break
  }
  expect(descriptors()).toBe(before)
})

test('an error in the loop ends it', async () => {
  const before = descriptors()
  const loop = async () => {
    for await (const event of ns.watch({ snapshot: true })) throw new Error(words(event))
  }
  await expect(loop()).rejects.toThrow('add link lo')
  expect(descriptors()).toBe(before)
})

test('an abort ends it while it waits', async () => {
  const controller = new AbortController()
  const before = descriptors()
  const watch = ns.watch({ links: true, snapshot: true, signal: controller.signal })
  await upTo(watch, 'add link lo')
  const next = watch.next()
  await turn()
  controller.abort()
  expect(descriptors()).toBe(before)
  expect(await next).toEqual(done)
  expect(await watch.next()).toEqual(done)
})

test('an abort ends it at any moment of its beginning', async () => {
  expect(await all(ns.watch({ snapshot: true, signal: AbortSignal.abort() }))).toEqual([])
  for (let round = 0; round < 60; round++) {
    const controller = new AbortController()
    const events = all(ns.watch({ snapshot: round % 2 === 0, signal: controller.signal }))
    for (let i = 0; i < round % 7; i++) await turn()
    if (round > 40) await sleep(1)
    controller.abort()
    for (const event of await events) expect(event).toMatch(/^add /)
  }
})

test('an abort ends it while more comes than is read, and while a snapshot is told', async () => {
  await ns.routes.add(Array.from({ length: 2000 }, (_, i) => ({ to: `10.0.${i >> 8}.${i & 255}`, type: 'blackhole' })))
  for (const snapshot of [true, false]) {
    const controller = new AbortController()
    const watch = ns.watch({ routes: true, snapshot, signal: controller.signal })
    if (!snapshot) await ns.routes.flush({ type: 'blackhole' })
    setImmediate(() => controller.abort())
    const events = await all(watch)
    expect(events.length).toBeLessThan(2000)
  }
})

test('return() ends a next() that waits', async () => {
  const watch = ns.watch({ links: true, snapshot: true })
  await upTo(watch, 'add link lo')
  const waiting = [watch.next(), watch.next()]
  expect(await watch.return?.()).toEqual(done)
  expect(await Promise.all(waiting)).toEqual([done, done])
})

test('await using ends it, iterated or not', async () => {
  const before = descriptors()
  {
    await using read = ns.watch({ snapshot: true })
    await using unread = ns.watch()
    expect(words((await read.next()).value as NetworkEvent)).toBe('add link lo')
    expect(unread[Symbol.asyncIterator]()).toBe(unread)
  }
  await until('its descriptors are closed', () => descriptors() === before)
})

test('closing the namespace ends it, also one that nobody reads or that has just begun', async () => {
  const owned = await Namespace.create()
  const read = owned.watch({ snapshot: true, links: true })
  const loop = all(read)
  const unread = owned.watch()
  await Promise.all([read.ready, unread.ready])
  await turn()
  const begun = owned.watch({ snapshot: true })
  owned.close()
  expect(await loop).toEqual(['add link lo'])
  expect(await unread.next()).toEqual(done)
  expect(await begun.next()).toEqual(done)
})

test('a signal is let go of when it has ended', async () => {
  const { signal } = new AbortController()
  const counts: number[] = []
  const { addEventListener, removeEventListener } = signal
  let listeners = 0
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    counts.push(++listeners)
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    counts.push(--listeners)
    removeEventListener.apply(signal, args)
  }
  const watch = ns.watch({ links: true, snapshot: true, signal })
  await watch.next()
  await watch.return?.()
  expect(counts.at(-1)).toBe(0)
})

test('two at once are told the same, and the end of one is not that of the other', async () => {
  const first = ns.watch({ links: true })
  const second = ns.watch({ links: true })
  await Promise.all([first.ready, second.ready])
  await addBridge('br0')
  const [one, two] = await Promise.all([upTo(first, 'add link br0'), upTo(second, 'add link br0')])
  expect(one.map(words)).toEqual(two.map(words))
  await first.return?.()
  await addBridge('br1')
  expect(words((await upTo(second, 'add link br1')).at(-1) as NetworkEvent)).toBe('add link br1')
  await second.return?.()
})

test('what this process does after the call is told, even in the same tick', async () => {
  const watch = ns.watch({ links: true, routes: true })
  const made = ns.links.create({ kind: 'bridge', name: 'br0' })
  expect(words((await watch.next()).value as NetworkEvent)).toBe('add link br0')
  await made
  await ns.routes.add({ to: '10.1.0.0/16', type: 'blackhole' })
  await upTo(watch, 'add route 10.1.0.0/16 via')
})

test('a hundred begin and end without leaving anything', async () => {
  const before = { descriptors: descriptors(), threads: readdirSync('/proc/self/task').length }
  for (let round = 0; round < 10; round++) {
    const watches = Array.from({ length: 10 }, () => ns.watch({ links: true, snapshot: true }))
    const firsts = await Promise.all(watches.map((watch) => watch.next()))
    expect(firsts.map(({ value }) => words(value as NetworkEvent))).toEqual(Array(10).fill('add link lo'))
    await Promise.all(watches.map((watch) => watch.return?.()))
  }
  expect({ descriptors: descriptors(), threads: readdirSync('/proc/self/task').length }).toEqual(before)
})

test('it works in a Worker, and ends with it', async () => {
  const source = `
    import { parentPort } from 'node:worker_threads'
    const { Namespace } = await import(${JSON.stringify(import.meta.resolve('linux-namespaces'))})
    const ns = await Namespace.create()
    ns.watch()
    const watch = ns.watch({ links: true })
    await ns.links.create({ kind: 'bridge', name: 'br0' })
    for await (const { event, link } of watch) parentPort.postMessage([event, link.name])`
  const before = descriptors()
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { execArgv: [] })
    expect(await once(worker, 'message')).toEqual([['add', 'br0']])
    expect(await worker.terminate()).toBe(1)
  }
  await until('its descriptors are closed', () => descriptors() === before)
})

test('it follows the stack of the process itself, as root and as an ordinary user', async () => {
  await using watch = Namespace.current().watch({ links: true, snapshot: true })
  const lo = (await upTo(watch, 'add link lo')).at(-1)
  expect(lo?.type === 'link' && lo.link.isUp).toBe((await Namespace.current().links.get('lo')).isUp)
})
