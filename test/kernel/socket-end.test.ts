// What is open in a namespace when that is closed ends: plainly where nobody waits for it, else with an error, and never not.
import { once } from 'node:events'
import { createServer as createHttpServer, get } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { cabled, closed } from '../helpers/sockets.js'

const refused = { code: 'ERR_NAMESPACE_CLOSED' }
let blue: Namespace
let red: Namespace

beforeEach(async () => {
  ;({ blue, red } = await cabled())
  // It never answers, for want of anybody who has the address.
  await red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
})

afterEach(() => {
  blue.close()
  red.close()
})

/** A connection between the two, which says nothing. */
async function connection(): Promise<{ server: Server; accepted: Socket; client: Socket }> {
  const server = createServer()
  const { port } = await blue.listen(server, { host: '10.0.0.1' })
  const [client, [accepted]] = await Promise.all([
    red.connect({ host: '10.0.0.1', port }),
    once(server, 'connection') as Promise<[Socket]>,
  ])
  return { server, accepted, client }
}

const end = (socket: Socket) => (socket.closed ? undefined : once(socket, 'close'))

describe('an open connection', () => {
  test("ends on both sides when the client's namespace is closed, a read with an error", async () => {
    const { server, accepted, client } = await connection()
    const reading = failure(text(client))
    accepted.resume()
    red.close()
    expect(await reading).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    await Promise.all([end(client), end(accepted)])
    expect(await new Promise((resolve) => client.write('x', resolve))).toMatchObject({ code: 'ERR_STREAM_DESTROYED' })
    await closed(server)
  })

  test("ends on both sides when the server's namespace is closed, and so does the server", async () => {
    const { server, accepted, client } = await connection()
    client.resume()
    blue.close()
    await Promise.all([end(client), end(accepted), once(server, 'close')])
    expect(server.listening).toBe(false)
    // To close it once more is as with any closed server: the callback is called.
    await closed(server)
  })

  test('ends when both are closed at once, however much is on its way', async () => {
    const { accepted, client } = await connection()
    accepted.on('error', () => {}).pause()
    client.on('error', () => {}).write(Buffer.alloc(50_000_000))
    blue.close()
    red.close()
    await Promise.all([end(client), end(accepted)])
  })

  test('at a path ends, too', async () => {
    const path = `\0socket-end-${process.pid}`
    const server = createServer((socket) => socket.resume())
    await red.listen(server, { path })
    const client = await red.connect({ path })
    red.close()
    await Promise.all([end(client), once(server, 'close')])
  })
})

test('HTTP connections end, idle or not, on either side', async () => {
  for (const closing of ['client', 'server']) {
    const pair = await cabled()
    let waiting = 0
    const server = createHttpServer((request, response) => {
      if (request.url === '/') response.end('at once')
      else if (++waiting === 2) pair[closing === 'client' ? 'red' : 'blue'].close()
    })
    const { port } = await pair.blue.listen(server, { host: '10.0.0.1' })
    const agent = pair.red.httpAgent({ timeout: 0 })
    const [response] = await once(get({ host: '10.0.0.1', port, agent }), 'response')
    expect(await text(response)).toBe('at once')
    const fetching = failure(pair.red.fetch(`http://10.0.0.1:${port}/never`))
    const getting = failure(once(get({ host: '10.0.0.1', port, agent, path: '/never' }), 'response'))
    expect((await fetching).cause, closing).toMatchObject({ code: 'UND_ERR_SOCKET' })
    expect(await getting, closing).toMatchObject({ code: 'ECONNRESET' })
    await closed(server)
    pair.close()
  }
})

test('a UDP socket is closed, and may be closed by its user all the same', async () => {
  const socket = await red.createSocket('udp4')
  const end = once(socket, 'close')
  red.close()
  await end
  await closed(socket)
  expect(() => socket.send('x', 9, '10.0.0.1')).toThrow(
    expect.objectContaining({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' }),
  )
})

describe('what is under way', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a connect', () => red.connect({ host: '10.0.0.9', port: 80, timeout: 0 })],
    ['a connect to a name', () => red.connect({ host: 'a.test', port: 80, timeout: 0, lookup: toNobody })],
    ['a lookup', () => red.lookup('a.test', { servers: ['10.0.0.9'], timeout: 60_000 })],
    ['a ping', () => red.ping('10.0.0.9', { timeout: 60_000 })],
  ])('%s ends with an error, whether it has waited or not', async (_, begin) => {
    const begun = failure(begin())
    await red.links.list()
    const started = failure(begin())
    red.close()
    expect(await Promise.all([begun, started])).toMatchObject([refused, refused])
  })

  test('a server and a UDP socket are closed, if they come about at all', async () => {
    const server = createServer()
    const made = Promise.allSettled([red.listen(server), red.createSocket('udp4')])
    red.close()
    const [listening, socket] = await made
    if (listening.status === 'rejected') expect(listening.reason).toMatchObject(refused)
    expect(server.listening).toBe(false)
    expect(socket).toMatchObject({ status: 'rejected', reason: refused })
  })
})

const toNobody = (_: string, options: object, callback: (error: null, address: string, family: number) => void) => {
  expect(options).toHaveProperty('all')
  callback(null, '10.0.0.9', 4)
}
