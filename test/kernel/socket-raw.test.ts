import { closeSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addon } from '../../dist/native/addon.js'
import { failure } from '../helpers/child.js'
import { cabled, homeOf } from '../helpers/sockets.js'
import { until } from '../helpers/until.js'
import { isRoot } from '../helpers/user.js'

let blue: Namespace
let red: Namespace

beforeEach(async () => {
  ;({ blue, red } = await cabled())
})

afterEach(() => {
  blue.close()
  red.close()
})

function option(fd: number, name: number): number {
  const value = new Int32Array(1)
  addon.syscall(addon.numbers.getsockopt, fd, 1, name, new Uint8Array(value.buffer), Uint8Array.of(4, 0, 0, 0))
  return value[0] as number
}

const soType = 3
const soProtocol = 38
const soDomain = 39

describe('a socket by descriptor', () => {
  for (const [domain, type, protocol, numbers] of [
    ['inet', 'stream', 0, [2, 1, 6]],
    ['inet6', 'dgram', 0, [10, 2, 17]],
    ['inet', 'raw', 1, [2, 3, 1]],
    ['inet6', 'raw', 58, [10, 3, 58]],
    ['unix', 'seqpacket', 0, [1, 5, 0]],
    ['netlink', 'raw', 0, [16, 3, 0]],
    [2, 2, 17, [2, 2, 17]],
  ] as const) {
    test(`may be ${domain}, ${type}, ${protocol}, and is in its namespace`, async () => {
      const fd = await blue.socket(domain, type, protocol)
      expect([soDomain, soType, soProtocol].map((name) => option(fd, name))).toEqual(numbers)
      expect(await homeOf(blue, fd)).toBe(blue.inode())
      closeSync(fd)
    })
  }

  test('of packets takes an EtherType as it is', async () => {
    for (const [type, protocol, shown] of [
      ['raw', 3, / 3 +0003 /],
      ['dgram', 0x0800, / 2 +0800 /],
    ] as const) {
      const fd = await blue.socket('packet', type, protocol)
      expect(await homeOf(blue, fd)).toBe(blue.inode())
      expect((await blue.execFile('cat', ['/proc/net/packet'])).stdout).toMatch(shown)
      closeSync(fd)
    }
  })

  test('waits or not, as asked for, and goes to no program that is started', async () => {
    const flags = (fd: number) => [
      addon.syscall(addon.numbers.fcntl, fd, 3) & 0o4000,
      addon.syscall(addon.numbers.fcntl, fd, 1),
    ]
    const waiting = await blue.socket('inet', 'dgram')
    const notWaiting = await blue.socket('inet', 'dgram', 0, { nonBlocking: true })
    expect(flags(waiting)).toEqual([0, 1])
    expect(flags(notWaiting)).toEqual([0o4000, 1])
    closeSync(waiting)
    closeSync(notWaiting)
  })

  test('of packets sees what is on the cable', async () => {
    const fd = await blue.socket('packet', 'raw', 3, { nonBlocking: true })
    await red.ping('10.0.0.1')
    const frame = new Uint8Array(2048)
    const types = new Set<number>()
    await until('an IPv4 frame has come', () => {
      const size = addon.syscall(addon.numbers.recvfrom, fd, frame, frame.length, 0)
      if (size > 0) types.add(((frame[12] as number) << 8) | (frame[13] as number))
      return types.has(0x0800)
    })
    closeSync(fd)
  })

  test('of many asked for at once in several namespaces is where it was asked for, and one that is refused leaves the others', async () => {
    const asked = Array.from({ length: 60 }, (_, i) => ({ ns: i % 2 ? blue : red, type: i % 7 === 3 ? 15 : 2 }))
    const results = await Promise.allSettled(asked.map(({ ns, type }) => ns.socket('inet', type)))
    for (const [i, { ns, type }] of asked.entries()) {
      const result = results[i]
      if (result?.status !== 'fulfilled') expect([type, result?.reason.code]).toEqual([15, 'EINVAL'])
      else {
        expect([type, await homeOf(ns, result.value)]).toEqual([2, ns.inode()])
        closeSync(result.value)
      }
    }
  })

  test("in the process's own namespace is for root where it is for root", async () => {
    const making = Namespace.current().socket('packet', 'raw', 3)
    if (isRoot) closeSync(await making)
    else
      expect(await failure(making)).toMatchObject({
        code: 'EPERM',
        syscall: 'socket',
        message: expect.stringContaining('make a Namespace'),
      })
  })

  test('is refused as the kernel refuses it, and for arguments that make no sense', async () => {
    expect(await failure(blue.socket('inet', 'stream', 17))).toMatchObject({
      code: 'EPROTONOSUPPORT',
      syscall: 'socket',
    })
    expect(await failure(blue.socket(255, 'raw'))).toMatchObject({ code: 'EAFNOSUPPORT' })
    for (const [domain, type, protocol] of [
      ['inet7', 'raw', 0],
      ['inet', 'toString', 0],
      ['inet', 'raw', '1'],
      ['packet', 'raw', 0x0300],
    ])
      expect(await failure(blue.socket(domain as never, type as never, protocol as never))).toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
      })
    expect(await failure(blue.socket('packet', 'raw', 0x1_0000))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(await failure(blue.socket('inet', 0o4000))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(await failure(blue.socket('inet', 'raw', 1, { nonblocking: true } as never))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
  })
})
