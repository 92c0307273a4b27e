// Workers whose thread is in the namespace: for root; an ordinary user is told what to use instead.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

const program = new URL('../programs/worker-inside.mjs', import.meta.url)
// vitest's own options are not for workers.
const options = { execArgv: [] }

async function told(worker: Worker): Promise<unknown> {
  const exit = once(worker, 'exit')
  const [message] = await once(worker, 'message')
  await exit
  return message
}

if (isRoot) {
  test('its thread is in the network namespace, and no other thread of the process is', async () => {
    using ns = await Namespace.create({ types: ['net', 'uts'], hostname: 'inside' })
    const worker = ns.worker(program, { ...options, workerData: { value: 7 } })
    const exit = once(worker, 'exit')
    const [message] = await once(worker, 'message')
    const inside = `net:[${ns.inode()}]`
    expect(message).toMatchObject({
      value: 7,
      net: inside,
      uts: `uts:[${ns.inode('uts')}]`,
      links: ['lo'],
      child: inside,
    })
    expect(message.outside).toEqual((await Namespace.current().links.list()).map(({ name }) => name))
    expect(message.current).toBe(`net:[${Namespace.current().inode()}]`)
    const elsewhere = message.tasks.filter((net: string) => net === inside)
    expect(elsewhere).toHaveLength(1)
    worker.postMessage('end')
    await exit
  })

  test('a port that it listens at is free outside, and reached from inside', async () => {
    using ns = await Namespace.create()
    const worker = ns.worker(
      `const server = require('node:net').createServer((socket) => socket.end('from the worker'))
       server.listen(80, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage('ready'))`,
      { ...options, eval: true },
    )
    await once(worker, 'message')
    const socket = await ns.connect({ host: '127.0.0.1', port: 80 })
    const [data] = await once(socket, 'data')
    expect(`${data}`).toBe('from the worker')
    socket.destroy()
    await worker.terminate()
  })

  test('it may be CommonJS, an ES module, or text, and has its own workerData, options and Workers of its own', async () => {
    using ns = await Namespace.create()
    const inside = `net:[${ns.inode()}]`
    const look = `
      const { Worker, parentPort, workerData, isMainThread } = require('node:worker_threads')
      const net = require('node:fs').readlinkSync('/proc/thread-self/ns/net')`
    const text = `${look}
      const inner = new Worker(${JSON.stringify(`${look}; parentPort.postMessage([net, workerData, process.execArgv])`)}, { eval: true, workerData: 2 })
      inner.once('message', (inner) => parentPort.postMessage({ net, workerData, execArgv: process.execArgv, inner }))`
    const worker = ns.worker(text, { eval: true, execArgv: ['--no-warnings'], workerData: 1 })
    expect(await told(worker)).toEqual({
      net: inside,
      workerData: 1,
      execArgv: ['--no-warnings'],
      inner: [inside, 2, ['--no-warnings']],
    })
    const module = `import { parentPort, workerData } from 'node:worker_threads'
      import { readlinkSync } from 'node:fs'
      parentPort.postMessage([readlinkSync('/proc/thread-self/ns/net'), workerData])`
    const url = new URL(`data:text/javascript,${encodeURIComponent(module)}`)
    expect(await told(ns.worker(url, { ...options, workerData: 'own' }))).toEqual([inside, 'own'])
    expect(await told(ns.worker(url, options))).toEqual([inside, undefined])
  })

  test('what is transferred with its workerData arrives', async () => {
    using ns = await Namespace.create()
    const port = new MessageChannel()
    const text = `const { workerData } = require('node:worker_threads'); workerData.port.postMessage('here'); workerData.port.close()`
    const worker = ns.worker(text, {
      ...options,
      eval: true,
      workerData: { port: port.port1 },
      transferList: [port.port1],
    })
    const exit = once(worker, 'exit')
    const [message] = await once(port.port2, 'message')
    expect(message).toBe('here')
    port.port2.close()
    await exit
  })

  test('the namespace stays open for it, and its descriptors are closed when it ends', async () => {
    const before = readdirSync('/proc/self/fd').length
    const ns = await Namespace.create()
    const inside = `net:[${ns.inode()}]`
    const worker = ns.worker(program, options)
    ns.close()
    const [message] = await once(worker, 'message')
    expect(message.net).toBe(inside)
    await worker.terminate()
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
    expect(() => ns.worker(program, options)).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_CLOSED' }))
  })

  test('terminated while it starts, it leaves nothing behind', async () => {
    using ns = await Namespace.create()
    for (let round = 0; round < 10; round++) await ns.worker(program, options).terminate()
    expect((await ns.links.list()).map(({ name }) => name)).toEqual(['lo'])
  })

  test('a namespace that a thread cannot join is refused, with what to use instead', async () => {
    for (const type of ['mnt', 'user'] as const) {
      using ns = await Namespace.create({ types: ['net', type] })
      expect(() => ns.worker(program)).toThrow(
        expect.objectContaining({ code: 'ERR_NAMESPACE_TYPE', message: expect.stringMatching(`${type}.*ns.fork`) }),
      )
    }
  })

  test('options of the process that Node refuses for a Worker do not stand in its way', async () => {
    using ns = await Namespace.create()
    const source = `
      import { Namespace } from 'linux-namespaces'
      const ns = await Namespace.create()
      ns.worker('require("node:worker_threads").parentPort.postMessage(process.execArgv)', { eval: true })
        .once('message', (message) => console.log(JSON.stringify(message)))`
    const args = ['--expose-gc', '--stack-size=900', '--no-warnings', '--input-type=module', '-e', source]
    const { stdout } = await ns.execFile(process.execPath, args)
    expect(JSON.parse(stdout)).toContain('--no-warnings')
  })
} else {
  test('an ordinary user is told to use a process instead', async () => {
    using ns = await Namespace.create()
    expect(() => ns.worker(program)).toThrow(
      expect.objectContaining({ code: 'EPERM', syscall: 'setns', message: expect.stringContaining('ns.fork') }),
    )
  })
}

test('what is no list of options is refused', async () => {
  using ns = await Namespace.create()
  const wrong: unknown = 'fast'
  for (const bad of [wrong, { execArgv: wrong }])
    expect(() => Reflect.apply(ns.worker, ns, [program, bad])).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    )
})
