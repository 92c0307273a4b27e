import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { cabled, closed } from '../helpers/sockets.js'

let blue: Namespace
let red: Namespace
const open = new Set<Socket>()

beforeEach(async () => {
  ;({ blue, red } = await cabled())
})

afterEach(async () => {
  for (const socket of open) await closed(socket)
  open.clear()
  blue.close()
  red.close()
})

async function make(ns: Namespace, options: Parameters<Namespace['createSocket']>[0]): Promise<Socket> {
  const socket = await ns.createSocket(options)
  open.add(socket)
  return socket
}

async function message(socket: Socket): Promise<[string, string]> {
  const [bytes, { address }] = await once(socket, 'message', { signal: AbortSignal.timeout(10_000) })
  return [String(bytes), address]
}

describe('a UDP socket', () => {
  for (const [type, here, there] of [
    ['udp4', '10.0.0.1', '10.0.0.2'],
    ['udp6', 'fd00::1', 'fd00::2'],
  ] as const) {
    test(`of type ${type} is bound, and sends and receives over the cable`, async () => {
      const a = await make(blue, type)
      const b = await make(red, { type, address: there, port: 5000 })
      expect(a.address().port).toBeGreaterThan(0)
      expect(b.address()).toMatchObject({ address: there, port: 5000 })
      const received = message(b)
      a.send('hello', 5000, there)
      expect(await received).toEqual(['hello', here])
    })
  }

  test('connected, hears that nobody is there', async () => {
    const socket = await make(red, 'udp4')
    socket.connect(9, '10.0.0.1')
    await once(socket, 'connect')
    expect(socket.remoteAddress()).toMatchObject({ address: '10.0.0.1', port: 9 })
    socket.send('hello')
    const [error] = await once(socket, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('talks with another program', async () => {
    const echo = blue.spawn('socat', ['UDP4-RECVFROM:7,reuseaddr', 'PIPE'])
    const socket = await make(red, 'udp4')
    const answer = message(socket)
    const again = setInterval(() => socket.send('echo', 7, '10.0.0.1'), 20)
    expect(await answer).toEqual(['echo', '10.0.0.1'])
    clearInterval(again)
    if (echo.exitCode === null) await once(echo, 'exit')
  })

  test('may broadcast once it says so', async () => {
    const receiver = await make(blue, { type: 'udp4', port: 5000 })
    const sender = await make(red, 'udp4')
    const refused = await new Promise((resolve) => sender.send('x', 5000, '10.0.0.255', resolve))
    expect(refused).toMatchObject({ code: 'EACCES' })
    sender.setBroadcast(true)
    const received = message(receiver)
    sender.send('to all', 5000, '10.0.0.255')
    expect(await received).toEqual(['to all', '10.0.0.2'])
  })

  test('of a link receives from that link only, and needs no route', async () => {
    const [cable, loopback] = await Promise.all([
      make(blue, { type: 'udp4', port: 5000, link: 'eth0' }),
      make(blue, { type: 'udp4', port: 5000, link: 'lo' }),
    ])
    loopback.once('message', () => expect.fail('it came by another link'))
    const sender = await make(red, { type: 'udp4', link: 'eth0' })
    sender.setBroadcast(true)
    const received = message(cable)
    sender.send('by cable', 5000, '255.255.255.255')
    expect(await received).toEqual(['by cable', '10.0.0.2'])
    expect(await failure(blue.createSocket({ type: 'udp4', link: 'none' }))).toMatchObject({ code: 'ENODEV' })
  })

  test('shares its port where both say so, has buffers as asked for, and leaves IPv4 alone', async () => {
    for (const option of ['reuseAddr', 'reusePort'] as const) {
      const { port } = (await make(blue, { type: 'udp4', [option]: true })).address()
      await make(blue, { type: 'udp4', port, [option]: true })
      expect(await failure(blue.createSocket({ type: 'udp4', port }))).toMatchObject({ code: 'EADDRINUSE' })
    }
    const socket = await make(blue, { type: 'udp6', ipv6Only: true, recvBufferSize: 20_000, sendBufferSize: 10_000 })
    // The kernel doubles what it is asked for.
    expect([socket.getRecvBufferSize(), socket.getSendBufferSize()]).toEqual([40_000, 20_000])
    await make(blue, { type: 'udp4', port: socket.address().port })
    const both = await make(blue, 'udp6')
    expect(await failure(blue.createSocket({ type: 'udp4', port: both.address().port }))).toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  test('closes when its signal is aborted, as in Node', async () => {
    const controller = new AbortController()
    const socket = await blue.createSocket({ type: 'udp4', signal: controller.signal })
    controller.abort()
    await once(socket, 'close')
    const reason = new Error('enough')
    expect(await failure(blue.createSocket({ type: 'udp4', signal: AbortSignal.abort(reason) }))).toBe(reason)
  })

  test('looks names up in the namespace, and refuses the zones that Node would look for in the host', async () => {
    const socket = await make(blue, { type: 'udp4', address: 'localhost' })
    expect(socket.address().address).toMatch(/^127\./)
    const received = message(socket)
    socket.send('hello', socket.address().port, 'localhost')
    expect((await received)[0]).toBe('hello')
    const six = await make(blue, { type: 'udp6', address: 'fe80::1%eth0' })
    const refused = await new Promise((resolve) => six.send('x', 9, 'fe80::2%eth0', resolve))
    expect(refused).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })

  test('needs sound options', async () => {
    for (const options of [
      'udp5' as never,
      { type: 'udp4', prot: 80 } as never,
      { type: 'udp4', address: '::1' } as const,
      { type: 'udp4', reuseAddr: 1 as never } as const,
      { type: 'udp4', link: '' } as const,
      { type: 'udp4', lookup: 'none' as never } as const,
    ])
      expect(await failure(blue.createSocket(options))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    for (const options of [{ port: 65_536 }, { recvBufferSize: 0 }])
      expect(await failure(blue.createSocket({ type: 'udp4', ...options }))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(await failure(blue.createSocket({ type: 'udp4', address: '10.0.0.9' }))).toMatchObject({
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
    })
  })
})

describe('multicast', () => {
  for (const [type, group, from, link] of [
    ['udp4', '239.1.2.3', '10.0.0.1', 'eth0'],
    ['udp4', '239.1.2.3', '10.0.0.1', 'address'],
    ['udp6', 'ff0e::123', 'fd00::1', 'eth0'],
    ['udp6', 'ff0e::123', 'fd00::1', '::%eth0'],
  ] as const) {
    test(`of type ${type} reaches who has joined by ${link}, until that one leaves`, async () => {
      const sender = await make(blue, type)
      const receiver = await make(red, { type, port: 5000, reuseAddr: true })
      const own = (address: string) => (link === 'address' ? address : link)
      receiver.addMembership(group, own('10.0.0.2'))
      sender.setMulticastInterface(own('10.0.0.1'))
      const { stdout } = await red.execFile('ip', ['maddress', 'show', 'dev', 'eth0'])
      expect(stdout).toContain(group)
      const received = message(receiver)
      sender.send('to the group', 5000, group)
      expect(await received).toEqual(['to the group', from])
      receiver.dropMembership(group, own('10.0.0.2'))
      expect((await red.execFile('ip', ['maddress', 'show', 'dev', 'eth0'])).stdout).not.toContain(group)
    })
  }

  test('may be joined for one source', async () => {
    const sender = await make(blue, { type: 'udp4', address: '10.0.0.1' })
    const receiver = await make(red, { type: 'udp4', port: 5000 })
    receiver.addSourceSpecificMembership('10.0.0.9', '232.1.1.1', 'eth0')
    receiver.addSourceSpecificMembership('10.0.0.1', '232.1.1.1', 'eth0')
    receiver.dropSourceSpecificMembership('10.0.0.9', '232.1.1.1', 'eth0')
    const { stdout } = await red.execFile('cat', ['/proc/net/mcfilter'])
    expect(stdout).toMatch(/0xe8010101\s+0x0a000001\s+1/)
    expect(stdout).not.toContain('0x0a000009')
    const received = message(receiver)
    sender.setMulticastInterface('10.0.0.1')
    sender.send('for you', 5000, '232.1.1.1')
    expect(await received).toEqual(['for you', '10.0.0.1'])
  })

  test('fails for a link that is not there, for what is no group, and on a closed socket', async () => {
    const socket = await blue.createSocket('udp4')
    const code = (code: string) => expect.objectContaining({ code })
    expect(() => socket.addMembership('239.1.2.3', 'none')).toThrow(code('ENODEV'))
    expect(() => socket.addMembership('10.0.0.1', 'eth0')).toThrow(code('EINVAL'))
    expect(() => socket.setMulticastInterface('none')).toThrow(code('ENODEV'))
    socket.close()
    expect(() => socket.addMembership('239.1.2.3', 'eth0')).toThrow(code('ERR_SOCKET_DGRAM_NOT_RUNNING'))
    await once(socket, 'close')
  })

  test('from another program arrives', async () => {
    const receiver = await make(blue, { type: 'udp4', port: 5000 })
    receiver.addMembership('239.1.2.3', 'eth0')
    const received = message(receiver)
    await red.routes.add({ to: '224.0.0.0/4', link: 'eth0' })
    await red.execFile('socat', ['-u', '-', 'UDP4-DATAGRAM:239.1.2.3:5000'], { input: 'from socat' })
    expect(await received).toEqual(['from socat', '10.0.0.2'])
  })
})
