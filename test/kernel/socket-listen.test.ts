import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttp2Server, connect as http2Connect } from 'node:http2'
import { createServer as createHttpsServer, get } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Namespace } from 'linux-namespaces'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { certificate } from '../helpers/certificate.js'
import { failure } from '../helpers/child.js'
import { cabled, closed } from '../helpers/sockets.js'
import { until } from '../helpers/until.js'

let blue: Namespace
let red: Namespace
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sockets-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(async () => {
  ;({ blue, red } = await cabled())
})

afterEach(() => {
  blue.close()
  red.close()
})

const greet = (socket: Socket) => socket.end('hello')

describe('a server at a port', () => {
  test('has as long a queue as is asked for, and 511 by default', async () => {
    for (const [options, shown] of [
      [{}, '511'],
      [{ backlog: 7 }, '7'],
    ] as const) {
      const server = createServer()
      await blue.listen(server, options)
      const { stdout } = await blue.execFile('ss', ['-Hltn'])
      expect(stdout.trim().split(/\s+/)[2]).toBe(shown)
      await closed(server)
    }
  })

  test('shares it with another one where both say so, and only there', async () => {
    const servers = [createServer(greet), createServer(greet), createServer(greet)] as const
    const { port } = await blue.listen(servers[0], { reusePort: true })
    await blue.listen(servers[1], { port, reusePort: true })
    expect(await failure(blue.listen(servers[2], { port }))).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' })
    await closed(servers[0])
    expect(await text(await red.connect({ host: '10.0.0.1', port }))).toBe('hello')
    await closed(servers[1])
  })

  test('is found by a name of the hosts file, and refuses one that is unknown', async () => {
    const server = createServer(greet)
    expect(await blue.listen(server, { host: 'localhost' })).toMatchObject({
      address: expect.stringMatching(/^(127|::1)/),
    })
    await closed(server)
    const options = { host: 'nobody.invalid.', signal: AbortSignal.timeout(5000) }
    expect(await failure(blue.listen(createServer(), options))).toMatchObject({ syscall: 'getaddrinfo' })
  })

  test('of a link-local address tells the link of its own namespace, as its connections do', async () => {
    const peers: unknown[] = []
    const server = createServer((socket) => {
      peers.push(socket.remoteAddress, socket.localAddress, socket.remoteFamily)
      socket.end()
    })
    const address = await blue.listen(server, { host: 'fe80::1%eth0', port: 80 })
    expect(address).toEqual({ address: 'fe80::1%eth0', family: 'IPv6', port: 80 })
    expect(server.address()).toEqual(address)
    const socket = await red.connect({ host: 'fe80::1%eth0', port: 80 })
    expect([socket.remoteAddress, socket.localAddress]).toEqual(['fe80::1%eth0', 'fe80::2%eth0'])
    await text(socket)
    await red.execFile('socat', ['-u', 'TCP6:[fe80::1%eth0]:80', '-'])
    expect(peers).toEqual(Array(2).fill(['fe80::2%eth0', 'fe80::1%eth0', 'IPv6']).flat())
    expect(await failure(blue.listen(createServer(), { host: 'fe80::1%none' }))).toMatchObject({ code: 'ENODEV' })
    await closed(server)
  })

  test('closes when its signal is aborted, as in Node', async () => {
    const server = createServer(greet)
    const controller = new AbortController()
    const { port } = await blue.listen(server, { signal: controller.signal })
    controller.abort()
    await once(server, 'close')
    expect(await failure(red.connect({ host: '10.0.0.1', port }))).toMatchObject({ code: 'ECONNREFUSED' })
    const reason = new Error('enough')
    const late = { signal: AbortSignal.abort(reason) }
    expect(await failure(blue.listen(createServer(), late))).toBe(reason)
  })

  test('settles whenever its signal is aborted, and leaves nothing', async () => {
    const reason = new Error('enough')
    for (const options of [{ host: '10.0.0.1' }, { path: join(folder, 'aborted.sock') }])
      for (let hops = 0; hops < 40; hops++) {
        const controller = new AbortController()
        const server = createServer()
        const [ending] = await Promise.allSettled([
          blue.listen(server, { ...options, signal: controller.signal }),
          (async () => {
            for (let i = 0; i < hops; i++) await new Promise<void>(i % 3 ? process.nextTick : setImmediate)
            controller.abort(reason)
          })(),
        ])
        if (ending?.status === 'rejected') expect(ending.reason).toBe(reason)
        if (server.listening) await once(server, 'close')
        await until('the file is gone', () => !existsSync(join(folder, 'aborted.sock')))
      }
  })

  test('may speak HTTP/2', async () => {
    const server = createHttp2Server((request, response) => response.end(`${request.method} ${request.url}`))
    const { port } = await blue.listen(server)
    const socket = await red.connect({ host: '10.0.0.1', port })
    const session = http2Connect('http://10.0.0.1', { createConnection: () => socket })
    expect(await text(session.request({ ':path': '/there' }))).toBe('GET /there')
    session.close()
    await closed(server)
  })

  test('may speak TLS', async () => {
    const server = createHttpsServer(certificate, (request, response) => response.end(`over TLS ${request.url}`))
    const { port } = await blue.listen(server, { host: '10.0.0.1' })
    const socket = await red.connect({ host: '10.0.0.1', port })
    const request = get({ path: '/there', host: '10.0.0.1', ca: certificate.cert, agent: false, socket } as object)
    const [response] = await once(request, 'response')
    expect(await text(response)).toBe('over TLS /there')
    await closed(server)
  })
})

describe('a server at a path', () => {
  test('is reached there, tells the path, and takes the file away when it closes', async () => {
    const path = join(folder, 'a.sock')
    const server = createServer(greet)
    expect(await blue.listen(server, { path })).toBe(path)
    expect(server.address()).toBe(path)
    expect(await text(await red.connect({ path }))).toBe('hello')
    expect((await red.execFile('socat', ['-u', `UNIX-CONNECT:${path}`, '-'])).stdout).toBe('hello')
    await closed(server)
    expect(existsSync(path)).toBe(false)
  })

  test('is open to everybody where that is asked for', async () => {
    for (const [options, bits] of [
      [{ readableAll: true }, 0o444],
      [{ writableAll: true }, 0o222],
      [{ readableAll: true, writableAll: true }, 0o666],
    ] as const) {
      const path = join(folder, 'b.sock')
      const server = createServer()
      await blue.listen(server, { path, ...options })
      expect(statSync(path).mode & bits).toBe(bits)
      await closed(server)
    }
  })

  test('leaves a file alone that is there, and no file of its own when it is refused', async () => {
    const path = join(folder, 'c.sock')
    writeFileSync(path, 'mine')
    const options = { path, readableAll: true }
    expect(await failure(blue.listen(createServer(), options))).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' })
    expect(statSync(path).size).toBe(4)
    const other = join(folder, 'd.sock')
    const server = createServer()
    const listening = failure(blue.listen(server, { path: other }))
    server.listen(0, '127.0.0.1')
    expect(await listening).toMatchObject({ code: 'ERR_SERVER_ALREADY_LISTEN' })
    expect(existsSync(other)).toBe(false)
    await closed(server)
    expect(await failure(blue.listen(createServer(), { path: join(folder, 'x'.repeat(108)) }))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
  })

  test('of the abstract namespace is there in its own network namespace only', async () => {
    const server = createServer(greet)
    expect(await blue.listen(server, { path: '\0name' })).toBe('\0name')
    expect(await text(await blue.connect({ path: '\0name' }))).toBe('hello')
    expect((await blue.execFile('socat', ['-u', 'ABSTRACT-CONNECT:name', '-'])).stdout).toBe('hello')
    expect(await failure(red.connect({ path: '\0name' }))).toMatchObject({ code: 'ECONNREFUSED' })
    await until('the connections have ended', async () => {
      const open = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
      return open === 0
    })
    await closed(server)
    const wrong = { path: '\0name', readableAll: true }
    expect(await failure(blue.listen(createServer(), wrong))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})
