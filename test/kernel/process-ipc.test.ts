import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { fileURLToPath } from 'node:url'
import { Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ending } from '../helpers/child.js'

const program = new URL('../programs/ipc-child.mjs', import.meta.url)
// vitest's own are not for children.
const execArgv: string[] = []
let ns: Namespace

beforeAll(async () => {
  ns = await Namespace.create()
})

afterAll(() => ns.close())

async function answer(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message')
  return message
}

async function end(child: ChildProcess): Promise<void> {
  // Node never emits 'close' once the parent has closed the channel.
  const exit = once(child, 'exit')
  child.disconnect()
  expect(await exit).toEqual([0, null])
}

test('fork starts a module inside, with a channel and its arguments', async () => {
  const child = ns.fork(program, ['one', 'two'], { execArgv })
  child.send('where')
  expect(await answer(child)).toEqual({ net: `net:[${ns.inode()}]`, args: ['one', 'two'] })
  await end(child)
})

test('fork takes a path and options without arguments', async () => {
  const child = ns.fork(fileURLToPath(program), { execArgv })
  child.send('where')
  expect(await answer(child)).toMatchObject({ args: [] })
  await end(child)
})

test('fork shows what was started, as Node does', async () => {
  const child = ns.fork(fileURLToPath(program), ['x'], { execArgv: ['--no-warnings'] })
  expect(child.spawnfile).toBe(process.execPath)
  expect(child.spawnargs).toEqual([process.execPath, '--no-warnings', fileURLToPath(program), 'x'])
  expect(child.stdio).toHaveLength(4)
  await end(child)
})

test('messages are JSON by default', async () => {
  const child = ns.fork(program, { execArgv })
  child.send({ big: [1, 2, 3], date: new Date(0) })
  expect(await answer(child)).toEqual({ type: 'Object', message: { big: [1, 2, 3], date: '1970-01-01T00:00:00.000Z' } })
  await end(child)
})

test("with serialization 'advanced' messages keep their types, there and back", async () => {
  const child = ns.fork(program, { execArgv, serialization: 'advanced' })
  for (const message of [new Map([[1, 10n]]), new Uint8Array([1, 2, 3]), new Date(0), new Set([undefined])]) {
    child.send(message)
    expect(await answer(child)).toEqual({ type: message.constructor.name, message })
  }
  await end(child)
})

test('a message of a megabyte arrives whole', async () => {
  const child = ns.fork(program, { execArgv })
  const text = 'x'.repeat(1 << 20)
  child.send(text)
  expect(await answer(child)).toEqual({ type: 'String', message: text })
  await end(child)
})

test('a server given to the child serves where it was opened', async () => {
  const child = ns.fork(program, { execArgv })
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  child.send('server', server)
  expect(await answer(child)).toBe('listening')
  server.close()
  const socket = net.connect(port, '127.0.0.1')
  expect((await socket.toArray()).join('')).toBe('served by the child')
  child.kill()
  expect((await ending(child)).signal).toBe('SIGTERM')
})

test('a socket given to the child is the child’s', async () => {
  const child = ns.fork(program, { execArgv })
  const server = net.createServer((socket) => child.send('socket', socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  expect((await socket.toArray()).join('')).toBe('from the child')
  server.close()
  await end(child)
})

test('silent pipes its streams', async () => {
  const child = ns.fork(program, { execArgv: ['--version'], silent: true })
  expect(await ending(child)).toMatchObject({ code: 0, stdout: `${process.version}\n` })
})

test('a spawned command can have a channel too', async () => {
  const child = ns.spawn(process.execPath, [fileURLToPath(program)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.send('where')
  expect(await answer(child)).toMatchObject({ net: `net:[${ns.inode()}]` })
  await end(child)
})

test('execPath is the program that runs the module', async () => {
  const child = ns.fork('module', ['a'], { execArgv: ['b'], execPath: '/bin/echo', silent: true })
  expect((await ending(child)).stdout).toBe('b module a\n')
})
