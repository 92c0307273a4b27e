import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type Agent, createServer, get, type RequestOptions, type Server } from 'node:http'
import { createServer as createSecureServer, get as getSecure } from 'node:https'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { closed, tls, useStacks } from '../helpers/stacks.js'
import { until } from '../helpers/until.js'

const stacks = useStacks()

async function fetchText(options: RequestOptions, request = get): Promise<string> {
  const [response] = await once(request(options), 'response')
  return text(response)
}

// Tells who asked, and over how many connections so far.
function counting(): { server: Server; sockets: Set<Socket> } {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => response.end(`${request.socket.remoteAddress} ${request.url}`))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return { server, sockets }
}

describe('an http agent of a namespace', () => {
  for (const [host, from] of [
    ['10.0.0.1', '10.0.0.2'],
    ['fd00::1', 'fd00::2'],
  ] as const) {
    test(`asks ${host} from inside, and uses its connection again`, async () => {
      const { server } = counting()
      await stacks.blue.listen(server, { host, port: 80 })
      const connected: Socket[] = []
      server.on('connection', (socket) => connected.push(socket))
      const agent = stacks.red.httpAgent()
      expect(await fetchText({ host, path: '/a', agent })).toBe(`${from} /a`)
      expect(await fetchText({ host, path: '/b', agent })).toBe(`${from} /b`)
      expect(connected.length).toBe(1)
      agent.destroy()
      await closed(server)
    })
  }

  test('makes a connection for each request where it keeps none', async () => {
    const { server } = counting()
    const connected: Socket[] = []
    server.on('connection', (socket) => connected.push(socket))
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 80 })
    const agent = stacks.red.httpAgent({ keepAlive: false })
    for (const path of ['/a', '/b']) expect(await fetchText({ host: '10.0.0.1', path, agent })).toBe(`10.0.0.2 ${path}`)
    expect(connected.length).toBe(2)
    await closed(server)
  })

  test('has no more connections than maxSockets, also while they are made', async () => {
    const { server, sockets } = counting()
    let most = 0
    server.on('connection', () => {
      most = Math.max(most, sockets.size)
    })
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 80 })
    const agent = stacks.red.httpAgent({ maxSockets: 2 })
    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`)
    const answers = paths.map((path) => fetchText({ host: '10.0.0.1', path, agent }))
    expect(await Promise.all(answers)).toEqual(paths.map((path) => `10.0.0.2 ${path}`))
    expect(most).toBe(2)
    agent.destroy()
    await closed(server)
  })

  test('fails every request that nobody answers, also those that wait for a connection, and works afterwards', async () => {
    const agent = stacks.red.httpAgent({ maxSockets: 1 }) as Agent & { totalSocketCount: number }
    const asked = Array.from({ length: 5 }, () => fetchText({ host: '10.0.0.1', agent }).catch((error) => error.code))
    expect(await Promise.all(asked)).toEqual(Array(5).fill('ECONNREFUSED'))
    expect(agent.totalSocketCount).toBe(0)
    const { server } = counting()
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 80 })
    expect(await fetchText({ host: '10.0.0.1', agent })).toBe('10.0.0.2 /')
    agent.destroy()
    await closed(server)
  })

  test('tells the request when its time is over', async () => {
    const server = createServer(() => {})
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 80 })
    const request = get({ host: '10.0.0.1', agent: stacks.red.httpAgent({ timeout: 30 }) })
    await once(request, 'timeout')
    request.destroy()
    await expect(once(request, 'response')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await closed(server)
  })

  test('ends a request while it connects: by its signal, by destroy, and tells it when its time is over', async () => {
    await stacks.red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
    const agent = stacks.red.httpAgent() as Agent & { totalSocketCount: number }
    const ask = (options: RequestOptions = {}) => {
      const request = get({ host: '10.0.0.9', agent, ...options })
      return { request, error: once(request, 'error').then(([error]) => error) }
    }
    const controller = new AbortController()
    const aborted = ask({ signal: controller.signal })
    const destroyed = ask()
    const hungUp = ask()
    expect(agent.totalSocketCount).toBe(3)
    controller.abort()
    destroyed.request.destroy(new Error('not wanted any more'))
    hungUp.request.destroy()
    expect(await aborted.error).toMatchObject({ name: 'AbortError' })
    expect(await destroyed.error).toMatchObject({ message: 'not wanted any more' })
    expect(await hungUp.error).toMatchObject({ code: 'ECONNRESET' })
    const late = ask({ timeout: 20 })
    await once(late.request, 'timeout')
    late.request.destroy()
    expect(await late.error).toMatchObject({ code: 'ECONNRESET' })
    expect(agent.totalSocketCount).toBe(0)
  })

  test('ends what it has and what it is making when it is destroyed', async () => {
    await stacks.red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
    const agent = stacks.red.httpAgent()
    const hanging = fetchText({ host: '10.0.0.9', agent })
    const failed = expect(hanging).rejects.toThrow('The agent was destroyed')
    agent.destroy()
    await failed
  })

  test('ends its connections when the namespace is closed, and a request under way with an error', async () => {
    const { server, sockets } = counting()
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 80 })
    const agent = stacks.red.httpAgent({ timeout: 0 })
    await fetchText({ host: '10.0.0.1', agent })
    const silent = createServer(() => stacks.red.close())
    await stacks.blue.listen(silent, { host: '10.0.0.1', port: 81 })
    expect(sockets.size).toBe(1)
    await expect(fetchText({ host: '10.0.0.1', port: 81, agent })).rejects.toMatchObject({ code: 'ECONNRESET' })
    await until('both are closed', () => sockets.size === 0)
    await closed(server)
    await closed(silent)
    await expect(fetchText({ host: '10.0.0.1', agent })).rejects.toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
    expect(() => stacks.red.httpAgent()).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_CLOSED' }))
  })

  test('connects to a socket in the file system', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'http-'))
    const socketPath = join(folder, 'server')
    const server = createServer((_, response) => response.end('by path'))
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    const agent = stacks.red.httpAgent()
    expect(await fetchText({ socketPath, agent })).toBe('by path')
    agent.destroy()
    await closed(server)
    rmSync(folder, { recursive: true })
    const error = await fetchText({ socketPath, agent }).catch((e) => e)
    expect(error).toMatchObject({ code: 'ENOENT' })
  })

  test("does not reach an abstract name of the host's stack", async () => {
    const socketPath = `\0linux-namespaces-${process.pid}`
    const server = createServer((_, response) => response.end('the host'))
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    await expect(fetchText({ socketPath, agent: stacks.red.httpAgent() })).rejects.toHaveProperty('code')
    await closed(server)
  })

  test('takes no proxy, which Node would connect to from the host', () => {
    for (const make of [stacks.red.httpAgent, stacks.red.httpsAgent]) {
      const options = { proxyEnv: { HTTP_PROXY: 'http://127.0.0.1:9' } } as object
      expect(() => make.call(stacks.red, options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }))
    }
  })
})

describe('an https agent of a namespace', () => {
  test('speaks TLS over a connection from inside, and resumes its session', async () => {
    const server = createSecureServer(tls, (request, response) => {
      const socket = request.socket as TLSSocket
      response.end(`${socket.remoteAddress} ${socket.isSessionReused()}`)
    })
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 443 })
    const agent = stacks.red.httpsAgent({ ca: tls.cert, maxCachedSessions: 10, keepAlive: false })
    const ask = () => fetchText({ host: '10.0.0.1', agent }, getSecure)
    expect(await ask()).toBe('10.0.0.2 false')
    expect(await ask()).toBe('10.0.0.2 true')
    await closed(server)
  })

  test('checks the certificate against the name it is told', async () => {
    const server = createSecureServer(tls, (request, response) =>
      response.end((request.socket as TLSSocket).servername),
    )
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 443 })
    const agent = stacks.red.httpsAgent({ ca: tls.cert })
    const ask = (servername: string) => fetchText({ host: '10.0.0.1', agent, ...{ servername } }, getSecure)
    expect(await ask('blue.test')).toBe('blue.test')
    await expect(ask('red.test')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    await expect(
      fetchText({ host: '10.0.0.1', agent: stacks.red.httpsAgent({ keepAlive: false }) }, getSecure),
    ).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    agent.destroy()
    await closed(server)
  })
  test('gives a request the error of options that TLS does not take, and its connection ends', async () => {
    const server = createSecureServer(tls)
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 443 })
    const agent = stacks.red.httpsAgent({ ca: tls.cert, ...{ minVersion: 'TLSv0' } } as object)
    const error = await fetchText({ host: '10.0.0.1', agent }, getSecure).catch((e) => e)
    expect(error).toMatchObject({ code: 'ERR_TLS_INVALID_PROTOCOL_VERSION' })
    await closed(server)
  })

  test("its sockets cannot be connected again, which Node would do in the host's stack", async () => {
    const server = createSecureServer(tls, (_, response) => response.end('hello'))
    const accepted: Socket[] = []
    for (const event of ['connection', 'secureConnection']) server.on(event, (socket) => accepted.push(socket))
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 443 })
    const request = getSecure({ host: '10.0.0.1', agent: stacks.red.httpsAgent({ ca: tls.cert, keepAlive: false }) })
    const [response] = await once(request, 'response')
    expect(await text(response)).toBe('hello')
    await closed(server)
    const again = expect.objectContaining({ code: 'ERR_NAMESPACE_SOCKET' })
    for (const socket of [request.socket as Socket, ...accepted])
      expect(() => socket.connect(9, '127.0.0.1')).toThrow(again)
    expect(accepted.length).toBe(2)
  })
})
