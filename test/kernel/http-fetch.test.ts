import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import type { Dispatcher } from 'undici'
import { Client, Request as OwnRequest, request, WebSocket } from 'undici'
import { describe, expect, test } from 'vitest'
import { WebSocketServer, WebSocket as WsClient } from 'ws'
import { closed, tls, useStacks } from '../helpers/stacks.js'
import { until } from '../helpers/until.js'

const stacks = useStacks()

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void, port = 80) {
  const server = createServer(answer)
  await stacks.blue.listen(server, { host: '10.0.0.1', port })
  return server
}

function socketsOf(server: Server): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return sockets
}

describe('fetch from inside a namespace', () => {
  test('gives a Response, follows redirects, and keeps its connection for the next one', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end()
      else response.end(JSON.stringify({ from: request.socket.remoteAddress, url: request.url }))
    })
    const sockets = socketsOf(server)
    const response = await stacks.red.fetch('http://10.0.0.1/old')
    expect(await response.json()).toEqual({ from: '10.0.0.2', url: '/new' })
    expect(response.redirected).toBe(true)
    const open = new Set(sockets)
    expect(await (await stacks.red.fetch(new URL('http://10.0.0.1/again'))).text()).toContain('/again')
    expect(new Set(sockets)).toEqual(open)
    stacks.red.close()
    await until('the idle connections have ended', () => sockets.size === 0)
    await closed(server)
  })

  test("takes Node's own Request and FormData, and undici's", async () => {
    const server = await serve(async (request, response) => {
      response.end(`${request.method} ${request.headers['content-type']?.split(';')[0]} ${await text(request)}`)
    })
    const post = { method: 'POST', body: 'hello', headers: { 'content-type': 'text/x-test' } }
    const answer = async (response: { text(): Promise<string> }) => response.text()
    for (const input of [new Request('http://10.0.0.1', post), new OwnRequest('http://10.0.0.1', post)])
      expect(await answer(await stacks.red.fetch(input))).toBe('POST text/x-test hello')
    const body = new FormData()
    body.append('file', new Blob(['content']), 'name.txt')
    const sent = await answer(await stacks.red.fetch('http://10.0.0.1', { method: 'POST', body }))
    expect(sent).toMatch(/^POST multipart\/form-data [\s\S]*name="file"; filename="name.txt"[\s\S]*content/)
    stacks.red.close()
    await closed(server)
  })

  test("heeds what Node's own Request asks for: a body that is not the one expected is refused", async () => {
    const server = await serve((_, response) => response.end('hello'))
    const sha = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`
    const ask = (integrity: string) => stacks.red.fetch(new Request('http://10.0.0.1', { integrity }))
    expect(await (await ask(sha('hello'))).text()).toBe('hello')
    await expect(ask(sha('something else'))).rejects.toThrow('fetch failed')
    stacks.red.close()
    await closed(server)
  })

  test('fails as the connection does, with the reason as its cause', async () => {
    await expect(stacks.red.fetch('http://10.0.0.1')).rejects.toMatchObject({
      message: 'fetch failed',
      cause: { code: 'ECONNREFUSED', syscall: 'connect' },
    })
    stacks.red.close()
    await expect(stacks.red.fetch('http://10.0.0.1')).rejects.toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
  })

  test('ends with its signal, and the connection with it', async () => {
    const server = await serve(() => {})
    const sockets = socketsOf(server)
    const abort = new AbortController()
    const pending = stacks.red.fetch('http://10.0.0.1', { signal: abort.signal })
    await once(server, 'request')
    abort.abort()
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' })
    await until('the connection has ended', () => sockets.size === 0)
    await closed(server)
  })

  test('goes through dispatchers of this namespace only', async () => {
    const foreign: Dispatcher[] = [new Client('http://10.0.0.1'), stacks.blue.dispatcher()]
    for (const dispatcher of foreign)
      await expect(stacks.red.fetch('http://10.0.0.1', { dispatcher })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
      })
    const server = await serve((request, response) => response.end(request.socket.remoteAddress))
    const dispatcher = stacks.red.dispatcher()
    expect(await (await stacks.red.fetch('http://10.0.0.1', { dispatcher })).text()).toBe('10.0.0.2')
    await dispatcher.close()
    await closed(server)
  })
})

describe('a dispatcher of a namespace', () => {
  test("serves undici's request, and Node's own fetch", async () => {
    const server = await serve((request, response) => response.end(request.socket.remoteAddress))
    const dispatcher = stacks.red.dispatcher()
    const { body } = await request('http://10.0.0.1', { dispatcher })
    expect(await body.text()).toBe('10.0.0.2')
    const init = { dispatcher } as object
    expect(await (await fetch('http://10.0.0.1', init)).text()).toBe('10.0.0.2')
    await dispatcher.close()
    await closed(server)
  })

  for (const allowH2 of [false, true]) {
    test(`speaks ${allowH2 ? 'HTTP/2' : 'HTTP/1.1'} over TLS`, async () => {
      const server = createSecureServer({ ...tls, allowHTTP1: true }, (request, response) => {
        response.end(`${request.httpVersion} ${request.socket.remoteAddress}`)
      })
      await stacks.blue.listen(server, { host: '10.0.0.1', port: 443 })
      const dispatcher = stacks.red.dispatcher({ allowH2, connect: { ca: tls.cert } })
      const response = await stacks.red.fetch('https://10.0.0.1', { dispatcher })
      expect(await response.text()).toBe(`${allowH2 ? '2.0' : '1.1'} 10.0.0.2`)
      await dispatcher.close()
      await closed(server)
    })
  }

  test('speaks HTTP/2 without TLS where it is told to', async () => {
    const server = createHttp2Server((request, response) => response.end(request.httpVersion))
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 80 })
    const options = { allowH2: true, useH2c: true }
    const dispatcher = stacks.red.dispatcher(options)
    expect(await (await stacks.red.fetch('http://10.0.0.1', { dispatcher })).text()).toBe('2.0')
    await dispatcher.close()
    await closed(server)
  })

  test('does not trust a certificate that nobody vouches for', async () => {
    const server = createSecureServer({ ...tls, allowHTTP1: true }, (_, response) => response.end())
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 443 })
    await expect(stacks.red.fetch('https://10.0.0.1')).rejects.toMatchObject({
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
    await closed(server)
  })

  test('fails with the error of options that TLS does not take, and leaves no connection', async () => {
    const server = createSecureServer(tls)
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 443 })
    const dispatcher = stacks.red.dispatcher({ connect: { minVersion: 'TLSv0' } as object })
    await expect(request('https://10.0.0.1', { dispatcher })).rejects.toMatchObject({
      code: 'ERR_TLS_INVALID_PROTOCOL_VERSION',
    })
    await closed(server)
  })

  test('gives up a connection after its time limit', async () => {
    await stacks.red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
    const dispatcher = stacks.red.dispatcher({ connect: { timeout: 30 } })
    await expect(stacks.red.fetch('http://10.0.0.9', { dispatcher })).rejects.toMatchObject({
      cause: { code: 'ETIMEDOUT' },
    })
    await dispatcher.close()
  })

  test('ends a request under way with an error when the namespace is closed, and begins no other', async () => {
    const server = await serve((_, response) => response.write('first'))
    const dispatcher = stacks.red.dispatcher()
    const { body } = await request('http://10.0.0.1', { dispatcher })
    stacks.red.close()
    await expect(body.text()).rejects.toThrow()
    // undici says the one or the other, by how far it is with it.
    const code = expect.stringMatching(/^UND_ERR_(CLOSED|DESTROYED)$/)
    await expect(request('http://10.0.0.1', { dispatcher })).rejects.toMatchObject({ code })
    await closed(server)
  })

  test('leaves the connecting to the namespace', () => {
    const connect = (() => {}) as object
    expect(() => stacks.red.dispatcher({ connect })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }))
    stacks.red.close()
    expect(() => stacks.red.dispatcher()).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_CLOSED' }))
  })
})

describe('a WebSocket from inside', () => {
  // Sends back what it gets, with the address of whoever sent it.
  async function echo() {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket, request) => {
      socket.on('message', (data) => socket.send(`${request.socket.remoteAddress} ${data}`))
    })
    await stacks.blue.listen(server, { host: '10.0.0.1', port: 80 })
    return server
  }

  test("of undici goes through the namespace's dispatcher", async () => {
    const server = await echo()
    const dispatcher = stacks.red.dispatcher()
    const socket = new WebSocket('ws://10.0.0.1', { dispatcher })
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
    socket.send('hello')
    const data = await new Promise((resolve) =>
      socket.addEventListener('message', (event) => resolve(event.data), { once: true }),
    )
    expect(data).toBe('10.0.0.2 hello')
    const end = new Promise((resolve) => socket.addEventListener('close', resolve))
    socket.close()
    await end
    await dispatcher.close()
    await closed(server)
  })

  test("of ws goes through the namespace's agent", async () => {
    const server = await echo()
    const socket = new WsClient('ws://10.0.0.1', { agent: stacks.red.httpAgent() })
    await once(socket, 'open')
    socket.send('hello')
    const [data] = await once(socket, 'message')
    expect(String(data)).toBe('10.0.0.2 hello')
    socket.close()
    await once(socket, 'close')
    await closed(server)
  })
})

test('curl in one namespace asks a server of this process in another', async () => {
  const server = await serve((request, response) => response.end(request.headers['user-agent']))
  const { stdout } = await stacks.red.execFile('curl', ['-s', 'http://10.0.0.1/'])
  expect(stdout).toMatch(/^curl\//)
  await closed(server)
})

test('a body of 10 MB arrives as it was sent, both ways', async () => {
  const server = await serve(async (request, response) => response.end(await buffer(request)))
  const body = Buffer.alloc(10_000_000, 'namespace')
  const response = await stacks.red.fetch('http://10.0.0.1', { method: 'POST', body })
  expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
  stacks.red.close()
  await closed(server)
})
