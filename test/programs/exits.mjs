// Ends in the way it is told to, with work under way.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Namespace, VethPair } from 'linux-namespaces'

const [how = ''] = process.argv.slice(2)

const work = async () => {
  for (;;) {
    const all = await Promise.all(Array.from({ length: 5 }, () => Namespace.create()))
    const [a, b] = all
    if (a === undefined || b === undefined) return
    await VethPair.create({ namespace: a }, { namespace: b })
    await a.links.list()
    for (const ns of all) ns.close()
  }
}

/** @type {Record<string, () => Promise<unknown> | void>} */
const ways = {
  // The event loop runs empty: what is open does not keep the process alive.
  'with nothing to do': async () => {
    const ns = await Namespace.create()
    await ns.links.list()
  },
  'with everything closed': async () => {
    const ns = await Namespace.create()
    await ns.execFile('true')
    ns.close()
  },
  'before anything was asked': () => {
    Namespace.current()
  },
  'by process.exit() in the middle of work': async () => {
    work()
    work()
    await Namespace.create()
    process.exit(0)
  },
  'by process.exit() in the same tick': () => {
    for (let i = 0; i < 20; i++) Namespace.create().catch(() => {})
    process.exit(0)
  },
  'by process.exit() in the exit event': async () => {
    process.on('exit', () => {
      Namespace.create().catch(() => {})
      process.exit(0)
    })
    await Namespace.create()
  },
  'with a watch that is not ended': async () => {
    Namespace.watch().next()
    process.exit(0)
  },
  'with watches of a network stack that are not ended': async () => {
    const ns = await Namespace.create()
    ns.watch()
    await ns.watch({ snapshot: true }).next()
    ns.watch().next()
    setImmediate(() => process.exit(0))
  },
  'with a watch that nobody reads': async () => {
    const ns = await Namespace.create()
    await ns.watch({ snapshot: true }).next()
  },
  'with a Worker at work': async () => {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: {} })
    await once(worker, 'message')
    process.exit(0)
  },
  'with a Worker that has ended': async () => {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { rounds: 2 } })
    await once(worker, 'exit')
  },
  'with an unreferenced child': async () => {
    const ns = await Namespace.create()
    ns.spawn('sleep', ['1000'], { stdio: 'ignore' }).unref()
  },
  'by an error that is caught at the top': async () => {
    process.on('uncaughtException', () => process.exit(0))
    work()
    await Namespace.create()
    throw new Error('on purpose')
  },
  'by SIGTERM that is handled': async () => {
    process.on('SIGTERM', () => process.exit(0))
    work()
    await Namespace.create()
    process.kill(process.pid, 'SIGTERM')
    await new Promise(() => {})
  },
}
const way = ways[how]
if (way === undefined) throw new Error(`how is '${how}'?`)
await way()
