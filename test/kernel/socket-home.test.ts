// Each socket of each feature is in its namespace: the kernel says so (SIOCGSKNS), for every socket of the process at once.
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { createServer as createHttpServer, get, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, connect as http2Connect } from 'node:http2'
import { createServer as createHttpsServer, get as getSecure } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Namespace } from 'linux-namespaces'
import { request, WebSocket } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer, WebSocket as WsClient } from 'ws'
import { serveDns } from '../helpers/dns.js'
import { cabled, closed, homeOf } from '../helpers/sockets.js'
import { tls } from '../helpers/stacks.js'

let blue: Namespace
let red: Namespace
let before: Set<string>

/** Sockets of this process, by descriptor. Links to /proc/self/fd name them by an inode that is not used twice. */
function allSockets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith('socket:') ? [`${fd} ${target}`] : []
    } catch {
      return []
    }
  })
}

/** In which namespaces the sockets are that have come since the test began: how many in each. */
async function homes(): Promise<{ blue: number; red: number }> {
  const counts = { blue: 0, red: 0 }
  for (const socket of allSockets().filter((each) => !before.has(each))) {
    const home = await homeOf(blue, Number.parseInt(socket, 10))
    if (home === blue.inode()) counts.blue++
    else if (home === red.inode()) counts.red++
    else expect.fail(`${socket} is in another namespace: ${home}`)
  }
  return counts
}

beforeEach(async () => {
  ;({ blue, red } = await cabled())
  before = new Set(allSockets())
})

afterEach(() => {
  blue.close()
  red.close()
})

test('servers, and the connections on both sides', async () => {
  const accepted: Socket[] = []
  const server = createServer((socket) => accepted.push(socket))
  await blue.listen(server, { port: 80 })
  expect(await homes()).toEqual({ blue: 1, red: 0 })
  const sockets = await Promise.all([
    red.connect({ host: '10.0.0.1', port: 80 }),
    red.connect({ host: 'fd00::1', port: 80, keepAlive: true }),
    red.connect({ host: 'fe80::1%eth0', port: 80 }),
    blue.connect({ host: 'localhost', port: 80 }),
  ])
  while (accepted.length < 4) await once(server, 'connection')
  expect(await homes()).toEqual({ blue: 6, red: 3 })
  for (const socket of [...sockets, ...accepted]) socket.destroy()
  await closed(server)
})

test('every attempt at a name of several addresses', async () => {
  for (const address of ['10.0.0.8', '10.0.0.9', 'fd00::9'])
    await red.neighbors.add({ address, mac: '02:00:00:00:00:09', link: 'eth0' })
  const addresses = [8, 9].map((host) => ({ address: `10.0.0.${host}`, family: 4 }))
  const controller = new AbortController()
  const connecting = red.connect({
    host: 'many.test',
    port: 80,
    lookup: (_hostname, _options, callback) => callback(null, [...addresses, { address: 'fd00::9', family: 6 }]),
    autoSelectFamilyAttemptTimeout: 10,
    signal: controller.signal,
  })
  let open = await homes()
  while (open.red < 3) open = await homes()
  expect(open).toEqual({ blue: 0, red: 3 })
  controller.abort()
  await expect(connecting).rejects.toMatchObject({ name: 'AbortError' })
  expect(await homes()).toEqual({ blue: 0, red: 0 })
})

test('HTTP and HTTP/2', async () => {
  const held: { end(text: string): unknown }[] = []
  const hold = (response: { write(text: string): unknown; end(text: string): unknown }) => {
    response.write('all ')
    held.push(response)
  }
  const server = createHttpServer((_, response) => hold(response))
  const second = createHttp2Server((_, response) => hold(response))
  await blue.listen(server, { port: 80 })
  await blue.listen(second, { port: 81 })
  const [first, other] = await Promise.all([80, 81].map((port) => red.connect({ host: '10.0.0.1', port })))
  const [response] = await once(get({ createConnection: () => first as Socket }), 'response')
  const session = http2Connect('http://10.0.0.1', { createConnection: () => other as Socket })
  const stream = session.request()
  await once(stream, 'response')
  expect(await homes()).toEqual({ blue: 4, red: 2 })
  for (const each of held) each.end('done')
  expect(await Promise.all([text(response), text(stream)])).toEqual(['all done', 'all done'])
  session.close()
  await Promise.all([closed(server), closed(second)])
})

test('those of agents, a dispatcher, fetch and WebSockets, with TLS and without', async () => {
  const held: ServerResponse[] = []
  const hold = (_: unknown, response: ServerResponse) => held.push(response.writeHead(200)) && response.flushHeaders()
  const plain = createHttpServer(hold)
  const secure = createHttpsServer(tls, hold)
  const sockets = new WebSocketServer({ server: plain })
  await blue.listen(plain, { host: '10.0.0.1', port: 80 })
  await blue.listen(secure, { host: '10.0.0.1', port: 443 })
  const ca = tls.cert
  const dispatcher = red.dispatcher({ connect: { ca } })
  const answers = await Promise.all([
    once(get({ host: '10.0.0.1', agent: red.httpAgent() }), 'response').then(([response]) => response),
    once(getSecure({ host: '10.0.0.1', agent: red.httpsAgent({ ca }) }), 'response').then(([response]) => response),
    request('https://10.0.0.1', { dispatcher }).then(({ body }) => body),
    red.fetch('http://10.0.0.1').then(({ body }) => body),
  ])
  const own = new WebSocket('ws://10.0.0.1', { dispatcher })
  await new Promise((resolve) => own.addEventListener('open', resolve, { once: true }))
  const other = new WsClient('ws://10.0.0.1', { agent: red.httpAgent() })
  await once(other, 'open')
  // Two servers, and the connections: blue's ends and red's.
  expect(await homes()).toEqual({ blue: 8, red: 6 })
  for (const response of held) response.end()
  for (const answer of answers) await text(answer)
  for (const each of sockets.clients) each.terminate()
  red.close()
  await Promise.all([closed(plain), closed(secure)])
})

test('Unix, UDP, raw and ICMP sockets', async () => {
  const server = createServer()
  await blue.listen(server, { path: '\0home' })
  const client = await blue.connect({ path: '\0home' })
  const datagrams = await Promise.all([blue.createSocket('udp4'), red.createSocket('udp6')])
  datagrams[0].connect(9, '10.0.0.2')
  await once(datagrams[0], 'connect')
  await red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
  const controller = new AbortController()
  const ping = red.ping('10.0.0.9', { signal: controller.signal })
  let open = await homes()
  while (open.red < 2 || open.blue < 4) open = await homes()
  expect(open).toEqual({ blue: 4, red: 2 })
  controller.abort()
  await expect(ping).rejects.toMatchObject({ name: 'AbortError' })
  client.destroy()
  await Promise.all([closed(server), ...datagrams.map(closed)])
})

test('the sockets with which names are looked up, over UDP and TCP', async () => {
  const { socket } = await serveDns(blue, '10.0.0.1', ({ type }) => (type === 'A' ? { truncated: true } : undefined))
  const accepted: Socket[] = []
  const overTcp = createServer((each) => accepted.push(each))
  await blue.listen(overTcp, { port: 53 })
  const controller = new AbortController()
  const lookup = red.lookup('name.test', { servers: ['10.0.0.1'], signal: controller.signal })
  if (accepted.length === 0) await once(overTcp, 'connection')
  // The server's two and what it has accepted; a question over UDP and one over TCP.
  let open = await homes()
  while (open.red < 2) open = await homes()
  expect(open).toEqual({ blue: 3, red: 2 })
  controller.abort()
  await expect(lookup).rejects.toMatchObject({ name: 'AbortError' })
  for (const each of accepted) each.destroy()
  await Promise.all([closed(overTcp), closed(socket)])
})
