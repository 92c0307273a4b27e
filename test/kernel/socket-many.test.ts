import { createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Bridge, Namespace, VethPair } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { closed } from '../helpers/sockets.js'

const stacks = 100
const each = 10

// setup.ts fails a test that leaves a descriptor behind.
test('1,000 connections from 100 namespaces at once to a server of this process lose nothing', async () => {
  const hub = await Namespace.create()
  const spokes = await Promise.all(Array.from({ length: stacks }, () => Namespace.create()))
  const bridge = await Bridge.create({ namespace: hub, name: 'br0', addresses: ['10.0.0.1/16'] })
  await Promise.all(
    spokes.map((namespace, i) =>
      VethPair.create(
        { namespace, name: 'eth0', addresses: [`10.0.1.${i + 1}/16`] },
        { namespace: hub, name: `port${i}`, master: bridge },
      ),
    ),
  )
  const accepted = new Set<Socket>()
  const from = new Map<string | undefined, number>()
  let allThere = () => {}
  const all = new Promise<void>((resolve) => {
    allThere = resolve
  })
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.add(socket)
    from.set(socket.remoteAddress, (from.get(socket.remoteAddress) ?? 0) + 1)
    socket.pipe(socket)
    if (accepted.size === stacks * each) allThere()
  })
  const { port } = await hub.listen(server, { host: '10.0.0.1', backlog: 4096 })
  const clients = await Promise.all(
    spokes.flatMap((ns) => Array.from({ length: each }, () => ns.connect({ host: '10.0.0.1', port }))),
  )
  await all
  // All of them are open now. Each says something of its own, of many segments, and hears the same.
  const sent = clients.map((_, i) => Buffer.alloc(20_000, `connection ${i} `))
  const received = clients.map((socket) => buffer(socket))
  clients.forEach((socket, i) => {
    socket.end(sent[i] as Buffer)
  })
  const wrong = (await Promise.all(received)).filter((bytes, i) => !bytes.equals(sent[i] as Buffer))
  expect(wrong).toEqual([])
  expect(from).toEqual(new Map(spokes.map((_, i) => [`10.0.1.${i + 1}`, each])))
  await closed(server)
  for (const ns of [hub, ...spokes]) ns.close()
})

test('1,000 open connections of 100 namespaces end when those are closed', async () => {
  const namespaces = await Promise.all(Array.from({ length: stacks }, () => Namespace.create()))
  const open = await Promise.all(
    namespaces.map(async (ns) => {
      const server = createServer()
      const { port } = await ns.listen(server, { host: '127.0.0.1' })
      const clients = Array.from({ length: each }, () => ns.connect({ host: '127.0.0.1', port }))
      return { server, clients: await Promise.all(clients) }
    }),
  )
  const ends = open.flatMap(({ server, clients }) =>
    [server, ...clients].map((one) => new Promise((resolve) => one.once('close', resolve))),
  )
  for (const ns of namespaces) ns.close()
  await Promise.all(ends)
})
