// What passes a tun or tap: read and written by this process, sent and received by the kernel and by programs.
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { Namespace, type TunQueue, TunTap, type TunTapOptions } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { ending, failure } from '../helpers/child.js'
import { checksum, isPing, octets, ping, pong, tunTest } from '../helpers/tun.js'

let ns: Namespace
beforeEach(async () => {
  // Nothing is said but what is asked for.
  ns = await quiet()
})
afterEach(() => ns.close())

const quiet = () => Namespace.create({ sysctl: { 'net.ipv6.conf.default.disable_ipv6': 1 } })

function create(options: Partial<TunTapOptions> = {}): Promise<TunTap> {
  return TunTap.create({ namespace: ns, mode: 'tun', name: 'tun0', addresses: ['10.0.0.1/24'], ...options })
}

const pingOf = (address: string) => ns.execFile('ping', ['-c', '1', '-W', '5', address])

/** Answers one ping, whose IPv4 packet begins after `before` bytes. */
async function answerPing(tun: TunTap, before = 0): Promise<Buffer> {
  for await (const packet of tun.queue) {
    const inner = packet.subarray(before)
    if (!isPing(inner)) continue
    await tun.queue.write(Buffer.concat([packet.subarray(0, before), pong(inner)]))
    return packet
  }
  throw new Error('it ended')
}

describe('a tun', () => {
  tunTest('has pings answered by this process', async () => {
    const tun = await create()
    const [packet, { stdout }] = await Promise.all([answerPing(tun), pingOf('10.0.0.9')])
    expect(checksum(packet.subarray(0, 20))).toBe(0)
    expect([...packet.subarray(12, 20)]).toEqual([...octets('10.0.0.1'), ...octets('10.0.0.9')])
    expect(stdout).toContain('64 bytes from 10.0.0.9')
    await tun.close()
  })

  tunTest('has what is written to it answered by the kernel, also from shared memory', async () => {
    const tun = await create()
    const request = ping('10.0.0.9', '10.0.0.1')
    const shared = new Uint8Array(new SharedArrayBuffer(request.length))
    shared.set(request)
    for (const bytes of [request, shared]) {
      await tun.queue.write(bytes)
      const answer = await tun.queue.read({ timeout: 5000 })
      expect(answer?.subarray(12, 16)).toEqual(Buffer.from(octets('10.0.0.1')))
      expect(answer?.readUInt8(20)).toBe(0)
    }
    await tun.close()
  })

  tunTest('has 4 bytes before each packet where they are asked for', async () => {
    const tun = await create({ packetInfo: true })
    const [packet] = await Promise.all([answerPing(tun, 4), pingOf('10.0.0.9')])
    expect([...packet.subarray(0, 4)]).toEqual([0, 0, 8, 0])
    await tun.close()
  })

  tunTest('leaves checksums to the program that takes them', async () => {
    const udp = 'printf x >/dev/udp/10.0.0.9/9'
    for (const [offload, flags] of [
      [['csum'], 1],
      [[], 0],
    ] as const) {
      const tun = await create({ vnetHeader: true, vnetHeaderSize: 12, offload })
      const [packet] = await Promise.all([tun.queue.read({ timeout: 5000 }), ns.execFile('bash', ['-c', udp])])
      // struct virtio_net_hdr begins with flags, of which VIRTIO_NET_HDR_F_NEEDS_CSUM is 1.
      expect(packet?.readUInt8(0)).toBe(flags)
      expect(packet?.length).toBe(12 + 20 + 8 + 1)
      const [pinged] = await Promise.all([answerPing(tun, 12), pingOf('10.0.0.9')])
      expect(pinged.readUInt8(12)).toBe(0x45)
      await tun.close()
    }
  })

  tunTest('joins two namespaces by way of this process', async () => {
    const red = await quiet()
    const blueTun = await create()
    const redTun = await create({ namespace: red, addresses: ['10.0.0.2/24'] })
    const relay = async (from: TunTap, to: TunTap) => {
      for await (const packet of from.queue) await to.queue.write(packet)
    }
    const relays = Promise.all([relay(blueTun, redTun), relay(redTun, blueTun)])
    const long = 'hello '.repeat(50_000)
    const server = createServer((socket) => socket.end(long))
    const { port } = await ns.listen(server, { host: '10.0.0.1' })
    const socket = await red.connect({ host: '10.0.0.1', port })
    expect(await text(socket)).toBe(long)
    await new Promise((resolve) => server.close(resolve))
    await red.execFile('ping', ['-c', '1', '-W', '5', '10.0.0.1'])
    await Promise.all([blueTun.close(), redTun.close()])
    await relays
    red.close()
  })

  tunTest('spreads flows over its queues, and takes packets from each', async () => {
    const tun = await create({ queues: 4 })
    const script = 'for port in $(seq 1 64); do echo x >/dev/udp/10.0.0.9/$port; done'
    await ns.execFile('bash', ['-c', script])
    const enough = new AbortController()
    const counts = tun.queues.map(() => 0)
    const read = async (queue: TunQueue, i: number) => {
      for await (const _ of queue.packets({ signal: enough.signal })) {
        counts[i] = (counts[i] ?? 0) + 1
        if (counts.reduce((sum, count) => sum + count) === 64) enough.abort()
      }
    }
    await Promise.all(tun.queues.map(read))
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(1)
    for (const queue of tun.queues) await queue.write(ping('10.0.0.9', '10.0.0.1'))
    const answers = await Promise.any(tun.queues.map((queue) => queue.read({ timeout: 5000 })))
    expect(answers?.readUInt8(20)).toBe(0)
    await tun.close()
  })

  tunTest('is written to by a child that was given its descriptor', async () => {
    const tun = await create()
    const child = ns.spawn('cat', [], { stdio: ['pipe', tun.queue.fd, 'pipe'] })
    child.stdin?.end(ping('10.0.0.9', '10.0.0.1'))
    expect(await ending(child)).toMatchObject({ code: 0, stderr: '' })
    const answer = await tun.queue.read({ timeout: 5000 })
    expect(answer?.readUInt8(20)).toBe(0)
    await tun.close()
  })
})

tunTest('a tap has ARP and pings answered by this process', async () => {
  const tap = await create({ mode: 'tap', mac: '02:00:00:00:00:01' })
  const mac = Buffer.from([2, 0, 0, 0, 0, 9])
  const answering = (async () => {
    for await (const frame of tap.queue) {
      const answer = Buffer.from(frame)
      frame.copy(answer, 0, 6, 12)
      mac.copy(answer, 6)
      if (frame.readUInt16BE(12) === 0x0806) {
        // A reply: our address, and the one that was asked for, are the sender's.
        answer.writeUInt16BE(2, 20)
        mac.copy(answer, 22)
        frame.copy(answer, 28, 38, 42)
        frame.copy(answer, 32, 22, 32)
      } else if (isPing(frame.subarray(14))) pong(frame.subarray(14)).copy(answer, 14)
      else continue
      await tap.queue.write(answer)
    }
  })()
  expect((await pingOf('10.0.0.9')).stdout).toContain('64 bytes from 10.0.0.9')
  const [neighbor] = await ns.neighbors.list()
  expect(neighbor).toMatchObject({ address: '10.0.0.9', mac: '02:00:00:00:00:09' })
  await tap.close()
  await answering
})

describe('reading and writing end', () => {
  tunTest('when it is closed, with packets that nobody has read', async () => {
    const tun = await create()
    for (let i = 0; i < 100; i++) await tun.queue.write(ping('10.0.0.9', '10.0.0.1'))
    await tun.close()
    expect(await tun.queue.read()).toBe(undefined)
    expect((await failure(tun.queue.write(ping('10.0.0.9', '10.0.0.1')))).code).toBe('ERR_TUNTAP_CLOSED')
  })

  tunTest('when the link is deleted', async () => {
    const tun = await create()
    const reading = (async () => {
      for await (const _ of tun.queue);
    })()
    await tun.link.delete()
    await reading
    await expect(tun.queue.write(ping('10.0.0.9', '10.0.0.1'))).rejects.toMatchObject({
      code: 'EBADFD',
      syscall: 'write',
      message: expect.stringContaining("tun 'tun0' of namespace"),
    })
    await tun.close()
  })

  tunTest('at their limits, and the next one has what comes then', async () => {
    const tun = await create()
    await expect(tun.queue.read({ timeout: 20 })).rejects.toMatchObject({ code: 'ETIMEDOUT', syscall: 'poll' })
    const controller = new AbortController()
    const reading = failure(tun.queue.read({ signal: controller.signal }))
    const iterating = tun.queue.packets({ signal: controller.signal }).next()
    controller.abort(new Error('enough'))
    expect(await reading).toMatchObject({ message: 'enough' })
    expect(await iterating).toEqual({ done: true, value: undefined })
    await expect(tun.queue.read({ timeout: -1 })).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(() => tun.queue.packets({ signal: 5 as never })).toThrow("'signal'")
    await tun.queue.write(ping('10.0.0.9', '10.0.0.1'))
    expect((await tun.queue.read())?.length).toBe(36)
    await tun.close()
  })
})

describe('what is written', () => {
  tunTest('is refused when it is no packet, and the next one is taken', async () => {
    const tun = await create()
    for (const bad of [new Uint8Array(), Uint8Array.of(0x15, 0, 0)]) {
      await expect(tun.queue.write(bad)).rejects.toMatchObject({ code: 'EINVAL', syscall: 'write' })
    }
    await expect(tun.queue.write('x' as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    await tun.link.down()
    await expect(tun.queue.write(ping('10.0.0.9', '10.0.0.1'))).rejects.toMatchObject({ code: 'EIO' })
    await tun.link.up()
    await tun.queue.write(ping('10.0.0.9', '10.0.0.1'))
    expect((await tun.queue.read({ timeout: 5000 }))?.length).toBe(36)
    await tun.close()
  })
})

describe('more packets than are read', () => {
  tunTest('wait in the kernel up to the length of its queue, and are dropped after that', async () => {
    const tun = await create({ txQueueLength: 8 })
    for (let i = 0; i < 100; i++) await tun.queue.write(ping('10.0.0.9', '10.0.0.1'))
    let read = 0
    while (await tun.queue.read({ timeout: 100 }).catch(() => undefined)) read++
    await tun.link.refresh()
    const dropped = tun.link.stats?.txDropped ?? 0
    expect(read).toBeGreaterThanOrEqual(8)
    expect(read).toBeLessThan(100)
    expect(read + dropped).toBe(100)
    await tun.close()
  })

  tunTest('do not keep the event loop from what else is to be done', async () => {
    const tun = await create({ txQueueLength: 500 })
    for (let i = 0; i < 400; i++) await tun.queue.write(ping('10.0.0.9', '10.0.0.1'))
    let read = 0
    let readBefore: number | undefined
    setImmediate(() => {
      readBefore = read
    })
    for await (const _ of tun.queue) if (++read === 400) break
    expect(readBefore).toBeLessThan(400)
    await tun.close()
  })
})
