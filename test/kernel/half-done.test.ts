// What could not be done as a whole leaves nothing: no link, no address, no descriptor, no namespace.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Bridge, Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ending, failure } from '../helpers/child.js'
import { ipLinks } from '../helpers/ip.js'

const limited = fileURLToPath(new URL('../programs/limited.mjs', import.meta.url))

let a: Namespace
let b: Namespace

beforeEach(async () => {
  a = await Namespace.create()
  b = await Namespace.create()
})

afterEach(() => {
  a.close()
  b.close()
})

const names = async (ns: Namespace) => (await ipLinks(ns)).map(({ ifname }) => ifname)

async function nothingIsLeft(call: () => Promise<unknown>, expected: object): Promise<void> {
  const before = [await names(a), await names(b)]
  const descriptors = readdirSync('/proc/self/fd')
  expect(await failure(call())).toMatchObject(expected)
  expect([await names(a), await names(b)]).toEqual(before)
  expect(readdirSync('/proc/self/fd')).toEqual(descriptors)
}

describe('a veth pair', () => {
  test('whose second name is taken', async () => {
    await Bridge.create({ namespace: b, name: 'eth0' })
    const call = () => VethPair.create({ namespace: a, name: 'one' }, { namespace: b, name: 'eth0' })
    await nothingIsLeft(call, {
      code: 'EEXIST',
      request: 'RTM_NEWLINK',
      operation: expect.stringContaining("veth 'one'"),
    })
  })

  test('whose first name is taken', async () => {
    await Bridge.create({ namespace: a, name: 'eth0' })
    const call = () => VethPair.create({ namespace: a, name: 'eth0' }, { namespace: b, name: 'two' })
    await nothingIsLeft(call, { code: 'EEXIST' })
  })

  test('with an address of its end b that is none', async () => {
    const call = () =>
      VethPair.create(
        { namespace: a, addresses: ['10.0.0.1/24'] },
        { namespace: b, addresses: ['10.0.0.2/24', '10.0.0.300/24'] },
      )
    await nothingIsLeft(call, { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('10.0.0.300') })
  })

  test.each<[string, string[], string[], string, string]>([
    ['end b', [], ['10.0.0.2/24', '10.0.0.3/24', '10.0.0.2/24'], 'EEXIST', '10.0.0.2/24'],
    ['end a', ['10.0.0.2/24', 'fd00::1/64', 'fd00::1/64'], ['10.0.0.3/24'], 'EEXIST', 'fd00::1/64'],
    ['end b, a multicast one', ['10.0.0.2/24'], ['ff02::1/64'], 'EADDRNOTAVAIL', 'ff02::1/64'],
  ])('with an address of %s that the kernel refuses', async (_, forA, forB, code, address) => {
    const call = () =>
      VethPair.create({ namespace: a, name: 'x', addresses: forA }, { namespace: b, name: 'y', addresses: forB })
    await nothingIsLeft(call, {
      code,
      request: 'RTM_NEWADDR',
      operation: expect.stringContaining(`address ${address}`),
    })
  })

  test.each(['a', 'b'] as const)('with a master of end %s that is none', async (end) => {
    const lo = await (end === 'a' ? a : b).links.get('lo')
    const [first, second] = end === 'a' ? [{ master: lo }, {}] : [{}, { master: lo }]
    const call = () => VethPair.create({ namespace: a, name: 'x', ...first }, { namespace: b, name: 'y', ...second })
    await nothingIsLeft(call, { code: expect.stringMatching(/^E[A-Z]+$/) })
  })

  test('with masters that are not there, of both ends', async () => {
    const call = () => VethPair.create({ namespace: a, master: 'none' }, { namespace: b, master: 'nope' })
    await nothingIsLeft(call, { code: 'ENODEV' })
    const mixed = () => VethPair.create({ namespace: a, master: 'none' }, { namespace: b, master: {} as never })
    await nothingIsLeft(mixed, { code: 'ERR_INVALID_ARG_VALUE' })
  })

  test('of which one is refused among many at once: the others are there', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        VethPair.create({ namespace: a, name: `a${i}` }, { namespace: b, name: i % 5 === 4 ? 'b0' : `b${i}` }),
      ),
    )
    const expected = Array.from({ length: 20 }, (_, i) => i).filter((i) => i % 5 !== 4)
    expect(results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))).toEqual(expected)
    expect((await names(a)).sort()).toEqual(['lo', ...expected.map((i) => `a${i}`)].sort())
    expect((await names(b)).sort()).toEqual(['lo', ...expected.map((i) => `b${i}`)].sort())
  })
})

test('a bridge with an address that is refused', async () => {
  const call = () => Bridge.create({ namespace: a, name: 'br0', addresses: ['10.0.0.1/24', '10.0.0.1/24'] })
  await nothingIsLeft(call, { code: 'EEXIST', request: 'RTM_NEWADDR' })
})

test('a namespace with a sysctl that is refused', async () => {
  const call = () =>
    Namespace.create({ types: ['net', 'uts'], sysctl: { 'net.ipv4.ip_forward': 1, 'net.ipv4.no_such': 1 } })
  await nothingIsLeft(call, { code: 'ENOENT', path: '/proc/sys/net/ipv4/no_such' })
})

test('an opened list of types of which one cannot be had', async () => {
  const call = () =>
    Namespace.open({ pid: process.pid }, { types: ['net', 'uts', 'ipc'], signal: AbortSignal.abort(new Error('no')) })
  await nothingIsLeft(call, { message: 'no' })
})

describe('with a full descriptor table', () => {
  // Node opens all modules of an import at once, dozens of them. The program fills the table and counts up from there.
  test.each(['namespace', 'types', 'open', 'list', 'spawn', 'execFile', 'veth', 'sysctl', 'user'])(
    '%s either works or is EMFILE, and leaves nothing',
    async (what) => {
      const child = spawn('prlimit', ['--nofile=256:256', process.execPath, limited, what])
      const { code, stdout, stderr } = await ending(child)
      expect(stderr).toBe('')
      const lines = stdout.trim().split('\n')
      // At least one room was too small, and the last one was large enough.
      expect(lines[0]).toMatch(/^0 free: EMFILE/)
      expect(lines.at(-1)).toMatch(/^\d+ free: done$/)
      for (const line of lines) expect(line).toMatch(/^\d+ free: (EMFILE .*|done)$/)
      expect(code).toBe(0)
    },
  )
})
