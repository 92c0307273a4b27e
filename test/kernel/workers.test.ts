// In Workers, several at once, that end in the middle of their work.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { until } from '../helpers/until.js'

const program = new URL('../programs/worker.mjs', import.meta.url)
// vitest's own options are not for workers.
const start = (workerData: object) => new Worker(program, { workerData, execArgv: [] })
const threads = () => readdirSync('/proc/self/task').length
const descriptors = () => readdirSync('/proc/self/fd').length

test('four Workers and the main thread work at once', async () => {
  const workers = Array.from({ length: 4 }, () => start({ rounds: 20 }))
  const exits = workers.map((worker) => once(worker, 'exit'))
  const results = workers.map((worker) => once(worker, 'message'))
  for (let i = 0; i < 20; i++) {
    using ns = await Namespace.create()
    expect((await ns.links.list()).map(({ name }) => name)).toEqual(['lo'])
  }
  for (const [result] of await Promise.all(results)) expect(result).toEqual(Array(20).fill('lo,eth0'))
  expect(await Promise.all(exits)).toEqual([[0], [0], [0], [0]])
})

test('worker.terminate() in the middle of work, sixty times, neither hangs nor leaks', async () => {
  await start({}).terminate()
  const before = { threads: threads(), descriptors: descriptors() }
  for (let round = 0; round < 60; round++) {
    const worker = start({})
    await once(worker, 'message')
    // Not always at the same place.
    if (round % 3 !== 0) await sleep(Math.random() * 20)
    expect(await worker.terminate()).toBe(1)
  }
  await until('all threads are gone', () => threads() === before.threads)
  expect(descriptors()).toBe(before.descriptors)
}, 120_000)

test('worker.terminate() of several at once, at the very beginning of their work, neither hangs nor leaks', async () => {
  const before = { threads: threads(), descriptors: descriptors() }
  for (let round = 0; round < 10; round++) {
    // Terminated while it loads modules, Node itself leaves their files open.
    const workers = Array.from({ length: 3 }, () => start({ waits: true }))
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    for (const worker of workers) worker.postMessage('go')
    if (round > 0) await sleep(round)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  await until('all threads are gone', () => threads() === before.threads)
  expect(descriptors()).toBe(before.descriptors)
}, 60_000)

test('process.exit() of a Worker in the middle of work ends the Worker alone', async () => {
  const source = `
    import { Namespace } from 'linux-namespaces'
    const forever = async () => { for (;;) (await Namespace.create()).close() }
    forever()
    forever()
    await Namespace.create()
    process.exit(7)`
  const before = { threads: threads(), descriptors: descriptors() }
  for (let round = 0; round < 5; round++) {
    const url = new URL(
      `data:text/javascript,${encodeURIComponent(source.replace('linux-namespaces', import.meta.resolve('linux-namespaces')))}`,
    )
    const worker = new Worker(url, { execArgv: [] })
    expect(await once(worker, 'exit')).toEqual([7])
  }
  await until('all threads are gone', () => threads() === before.threads)
  expect(descriptors()).toBe(before.descriptors)
})

test('what a Worker leaves open is closed when it ends', async () => {
  const source = `
    const { Namespace } = await import(${JSON.stringify(import.meta.resolve('linux-namespaces'))})
    const all = await Promise.all(Array.from({ length: 20 }, () => Namespace.create({ types: ['net', 'uts'] })))
    await Promise.all(all.map((ns) => ns.links.list()))`
  const before = descriptors()
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { execArgv: [] })
  expect(await once(worker, 'exit')).toEqual([0])
  expect(descriptors()).toBe(before)
})

test('the main thread works on after its Workers have ended', async () => {
  await start({}).terminate()
  using ns = await Namespace.create()
  expect((await ns.execFile('true')).stdout).toBe('')
})
