import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer, get } from 'node:http'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ending } from '../helpers/child.js'

let blue: Namespace
let red: Namespace

beforeEach(async () => {
  ;[blue, red] = await Promise.all([Namespace.create(), Namespace.create()])
  await VethPair.create(
    { namespace: blue, name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] },
    { namespace: red, name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64'] },
  )
})

afterEach(() => {
  blue.close()
  red.close()
})

async function closed(server: { close(callback: () => void): unknown }): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()))
}

describe('a server of this process inside a namespace', () => {
  for (const host of ['10.0.0.1', 'fd00::1']) {
    test(`is reached over the cable at ${host}, on a port below 1024`, async () => {
      const server = createServer((socket) => socket.end(`hello ${socket.remoteAddress}`))
      const address = await blue.listen(server, { host, port: 80 })
      expect(address).toMatchObject({ address: host, port: 80 })
      const socket = await red.connect({ host, port: 80 })
      expect(await text(socket)).toBe(`hello ${host === '10.0.0.1' ? '10.0.0.2' : 'fd00::2'}`)
      await closed(server)
    })
  }

  test('speaks HTTP', async () => {
    const server = createHttpServer((request, response) => response.end(`${request.method} ${request.url}`))
    const { port } = await blue.listen(server)
    expect(port).toBeGreaterThan(0)
    const socket = await red.connect({ host: '10.0.0.1', port })
    const request = get({ path: '/there', createConnection: () => socket })
    const [response] = await once(request, 'response')
    expect(await text(response)).toBe('GET /there')
    await closed(server)
  })

  test('is nowhere else: the port is free in another namespace and in the host', async () => {
    const servers = [createServer(), createServer(), createServer()] as const
    const { port } = await blue.listen(servers[0], { host: '127.0.0.1' })
    await red.listen(servers[1], { host: '127.0.0.1', port })
    await expect(blue.listen(servers[2], { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'bind',
    })
    await closed(servers[0])
    await closed(servers[1])
  })

  test('which began to listen by itself meanwhile keeps its own socket, and no other stays', async () => {
    const server = createServer()
    const listening = blue.listen(server, { host: '10.0.0.1', port: 80 })
    server.listen(0, '127.0.0.1')
    await expect(listening).rejects.toMatchObject({ code: 'ERR_SERVER_ALREADY_LISTEN' })
    const again = createServer()
    await blue.listen(again, { host: '10.0.0.1', port: 80 })
    await closed(again)
    await closed(server)
  })

  test('is at every address of IPv4 where the machine has no IPv6', async () => {
    const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
    const command = [file('../helpers/no-ipv6.py'), process.execPath, file('../programs/no-ipv6.mjs')]
    const { stdout, stderr } = await ending(spawn('python3', command))
    expect(stderr).toBe('')
    expect(stdout).toBe('0.0.0.0\n')
  })

  test('is refused in a worker of a cluster, whose primary would listen instead, at some descriptor of its own', async () => {
    const program = fileURLToPath(new URL('../programs/cluster-listen.mjs', import.meta.url))
    const { stdout, stderr } = await ending(spawn(process.execPath, [program]))
    expect({ stdout, stderr }).toEqual({ stdout: 'ERR_NAMESPACE_CLUSTER\n', stderr: '' })
  })

  test('leaves IPv4 alone where it is asked to', async () => {
    const server = createServer((socket) => socket.end())
    const { port } = await blue.listen(server, { host: '::', ipv6Only: true })
    await expect(red.connect({ host: '10.0.0.1', port })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const socket = await red.connect({ host: 'fd00::1', port })
    await text(socket)
    await closed(server)
  })
})

describe('a connection from inside a namespace', () => {
  test('comes from the address and port that are asked for', async () => {
    const server = createServer((socket) => socket.end(`${socket.remoteAddress} ${socket.remotePort}`))
    const { port } = await blue.listen(server, { host: '10.0.0.1' })
    const socket = await red.connect({ host: '10.0.0.1', port, localAddress: '10.0.0.2', localPort: 4711 })
    expect(await text(socket)).toBe('10.0.0.2 4711')
    const other = await red.connect({ host: '10.0.0.1', port, localPort: 4712 })
    expect(await text(other)).toBe('10.0.0.2 4712')
    await closed(server)
  })

  test('is refused as the other side refuses it', async () => {
    await expect(red.connect({ host: '10.0.0.1', port: 9 })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      syscall: 'connect',
      message: expect.stringContaining('connecting to 10.0.0.1:9'),
    })
    await expect(red.connect({ host: '192.0.2.1', port: 9 })).rejects.toMatchObject({ code: 'ENETUNREACH' })
  })

  test('ends with its signal and with its time limit', async () => {
    // Nobody answers for this neighbour, so the connection hangs.
    await red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
    const abort = new AbortController()
    const pending = red.connect({ host: '10.0.0.9', port: 80, signal: abort.signal })
    setTimeout(() => abort.abort(), 20)
    const reason = await pending.catch((error: unknown) => error)
    expect(reason).toBe(abort.signal.reason)
    expect(reason).toMatchObject({ name: 'AbortError' })
    await expect(red.connect({ host: '10.0.0.9', port: 80, timeout: 30 })).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    await expect(red.connect({ host: '10.0.0.9', port: 80, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  test('takes ports only, and options of the right kind', async () => {
    for (const port of [0, 70_000]) {
      await expect(red.connect({ host: '10.0.0.1', port })).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    }
    const wrong = { host: '10.0.0.1', port: 80, noDelay: 'yes' as never }
    await expect(red.connect(wrong)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    await expect(red.listen(createServer(), null as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})
