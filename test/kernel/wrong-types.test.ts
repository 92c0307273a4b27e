// Values of a wrong type, as plain JavaScript can give them, are refused with a code and leave nothing.
import { Bridge, type BridgeOptions, type LinkEnd, type LinkOptions, Namespace, VethPair } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'

let ns: Namespace
let other: Namespace

beforeAll(async () => {
  ns = await Namespace.create()
  other = await Namespace.create()
})

afterAll(() => {
  ns.close()
  other.close()
})

const invalid = 'ERR_INVALID_ARG_VALUE'
const wrong = (value: unknown) => value as never

async function refused(call: () => Promise<unknown>, argument: string, code = invalid): Promise<void> {
  const error = await failure(call())
  expect(error).toMatchObject({ code })
  expect(error.message).toContain(argument)
}

describe('Namespace.create refuses', () => {
  test.each<[string, unknown, string]>([
    ['options that are null', null, "'options'"],
    ['options that are a string', 'blue', "'options'"],
    ['types that are a string', { types: 'net' }, "'types'"],
    ['types that are empty', { types: [] }, "'types'"],
    ['an unknown type', { types: ['net', 'network'] }, "'network'"],
    ['a type that needs a process', { types: ['pid'] }, "'pid'"],
    ['a name that is a number', { name: 7 }, "'name'"],
    ['a name without a network namespace', { name: 'x', types: ['uts'] }, 'only a network namespace'],
    ['a hostname that is a number', { hostname: 7 }, "'hostname'"],
    ['a hostname with a NUL', { hostname: 'a\0b' }, "'hostname'"],
    ['a user that is a number', { user: 7 }, "'user'"],
    ['a map that is no list', { user: { uidMap: 7 } }, "'user.uidMap'"],
    ['a map that is empty', { user: { gidMap: [] } }, "'user.gidMap'"],
    ['a mapping that is null', { user: { uidMap: [null] } }, "'user.uidMap'"],
    ['a mapping without outside', { user: { uidMap: [{ inside: 0 }] } }, "'user.uidMap.outside'"],
    ['sysctl that is null', { sysctl: null }, "'sysctl'"],
    ['a sysctl with a space', { sysctl: { 'net ipv4': 1 } }, "'name'"],
    ['a sysctl without a value', { sysctl: { 'net.ipv4.ip_forward': undefined } }, "'net.ipv4.ip_forward'"],
    ['a loopback that is a string', { loopback: 'no' }, "'loopback'"],
    ['a signal that is none', { signal: {} }, "'signal'"],
    ['a timeout that is a string', { timeout: '5' }, "'timeout'"],
    ['a timeout that is NaN', { timeout: Number.NaN }, "'timeout'"],
    ['an option that nobody knows', { hostName: 'x' }, "'options.hostName'"],
    ['a type instead of types', { type: ['uts'] }, "'options.type'"],
  ])('%s', async (_, options, argument) => {
    await refused(() => Namespace.create(wrong(options)), argument)
  })

  test.each<[string, object, string]>([
    ['a hostname of 65 bytes', { hostname: 'h'.repeat(65) }, "'hostname.length'"],
    ['a hostname of 0 bytes', { hostname: '' }, "'hostname.length'"],
    ['a negative timeout', { timeout: -1 }, "'timeout'"],
    ['a timeout longer than a timer', { timeout: 2 ** 31 }, "'timeout'"],
    ['a negative id', { user: { uidMap: [{ inside: -1, outside: 0 }] } }, "'user.uidMap.inside'"],
  ])('%s, as out of range', async (_, options, argument) => {
    await refused(() => Namespace.create(options), argument, 'ERR_OUT_OF_RANGE')
  })
})

describe('Namespace.open refuses', () => {
  test.each<[string, unknown, string]>([
    ['undefined', undefined, "'target'"],
    ['null', null, "'target'"],
    ['a number', 7, "'target'"],
    ['an object without a target', {}, "'target'"],
    ['a pid that is a string', { pid: '1' }, "'pid'"],
    ['an fd that is a string', { fd: '1' }, "'fd'"],
    ['a path that is a number', { path: 1 }, "'target'"],
    ['an empty path', { path: '' }, "'target'"],
    ['a path with a NUL', '/a\0', "'target'"],
    ['types within the target', { pid: process.pid, types: ['uts'] }, "'target.types'"],
    ['two targets in one', { pid: process.pid, fd: 0 }, "'target'"],
  ])('%s', async (_, target, argument) => {
    await refused(() => Namespace.open(wrong(target)), argument)
  })

  test('a pid of 0 or less and a negative descriptor, as out of range', async () => {
    for (const pid of [0, -1, 2 ** 31]) await refused(() => Namespace.open({ pid }), "'pid'", 'ERR_OUT_OF_RANGE')
    await refused(() => Namespace.open({ fd: -1 }), "'fd'", 'ERR_OUT_OF_RANGE')
  })

  test('options that are none', async () => {
    await refused(() => Namespace.open({ pid: process.pid }, wrong(null)), "'options'")
    await refused(() => Namespace.open({ pid: process.pid }, { types: wrong('net') }), "'types'")
    await refused(() => Namespace.open({ pid: process.pid }, { signal: wrong(1) }), "'signal'")
    await refused(() => Namespace.open({ pid: process.pid }, wrong({ type: 'uts' })), "'options.type'")
  })
})

describe('a namespace is needed by', () => {
  const values: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['a string', 'blue'],
    ['an object', {}],
  ]
  test.each(values)('VethPair.create, Bridge.create, moveTo and equals, which refuse %s', async (_, value) => {
    const namespace = wrong(value)
    await refused(() => VethPair.create({ namespace }, { namespace: ns }), "'namespace'")
    await refused(() => VethPair.create({ namespace: ns }, { namespace }), "'namespace'")
    await refused(() => Bridge.create({ namespace, name: 'x' }), "'namespace'")
    const link = await ns.links.get('lo')
    await refused(() => link.moveTo(namespace), "'namespace'")
    expect(() => ns.equals(namespace)).toThrow(expect.objectContaining({ code: invalid }))
  })

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'x'],
  ])('each end, which is not %s', async (_, end) => {
    await refused(() => VethPair.create(wrong(end), { namespace: ns }), "'a'")
    await refused(() => VethPair.create({ namespace: ns }, wrong(end)), "'b'")
    await refused(() => Bridge.create(wrong(end)), "'options'")
  })
})

describe('links refuse', () => {
  const ends: [string, object, string][] = [
    ['addresses that are a string', { addresses: '10.0.0.1/24' }, "'a.addresses'"],
    ['a mac that is none', { mac: '02:00:00:00:00' }, "'a.mac'"],
    ['a mac that is a number', { mac: 2 }, "'a.mac'"],
    ['an up that is a string', { up: 'yes' }, "'a.up'"],
    ['txQueues that are a string', { txQueues: '1' }, "'a.txQueues'"],
    ['a master that is an object', { master: {} }, "'link'"],
    ['an option that nobody knows', { colour: 'blue' }, 'colour'],
  ]
  test.each(ends)('%s, of a veth pair', async (_, options, argument) => {
    await refused(() => VethPair.create({ namespace: ns, ...options } as LinkEnd, { namespace: other }), argument)
    const second = argument.replace("'a.", "'b.")
    await refused(() => VethPair.create({ namespace: ns }, { namespace: other, ...options } as LinkEnd), second)
  })

  test.each(ends)('%s, of a bridge', async (_, options, argument) => {
    const bridge = { namespace: ns, name: 'x', ...options } as BridgeOptions
    await refused(() => Bridge.create(bridge), argument.replace("'a.", "'"))
  })

  test.each<[string, unknown, string]>([
    ['undefined', undefined, "'options'"],
    ['null', null, "'options'"],
    ['a string', 'bridge', "'options'"],
    ['no kind', { name: 'x' }, "'options'"],
    ['an empty kind', { kind: '', name: 'x' }, "'options'"],
    ['a peer that is a string', { kind: 'veth', peer: 'b' }, "'peer'"],
    ['a peer that is null', { kind: 'veth', peer: null }, "'peer'"],
  ])('options: %s', async (_, options, argument) => {
    await refused(() => ns.links.create(wrong(options)), argument)
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['a string', 'up'],
    ['a number', 1],
    ['undefined', undefined],
  ])('changes that are %s', async (_, changes) => {
    const link = await ns.links.get('lo')
    await refused(() => link.set(wrong(changes)), "'changes'")
  })

  test('limits that are none', async () => {
    const limits: unknown[] = [null, 5, { signal: 'x' }, { timeout: 'x' }]
    const link = await ns.links.get('lo')
    for (const each of limits) {
      await refused(() => ns.links.get('lo', wrong(each)), 'invalid')
      await refused(() => link.refresh(wrong(each)), 'invalid')
      await refused(() => VethPair.create({ namespace: ns }, { namespace: other }, wrong(each)), 'invalid')
      await refused(() => ns.links.create({ kind: 'bridge', name: 'x' } as LinkOptions, wrong(each)), 'invalid')
      await refused(() => ns.sysctl.get('net.ipv4.ip_forward', wrong(each)), 'invalid')
    }
    expect((await ns.links.list()).map(({ name }) => name)).toEqual(['lo'])
  })
})

describe('routes, neighbours and filters refuse', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['a route that is a string', () => ns.routes.add(wrong('default')), "'route'"],
    ['a route that is null', () => ns.routes.add(wrong(null)), "'route'"],
    ['a route without a destination', () => ns.routes.add(wrong({ via: '10.0.0.1' })), 'undefined'],
    [
      'one bad route among good ones',
      () => ns.routes.add([{ to: '10.9.0.0/16', type: 'blackhole' }, wrong({})]),
      'undefined',
    ],
    [
      'one bad link among good ones',
      () =>
        ns.routes.add([
          { to: '10.9.0.0/16', type: 'blackhole' },
          { to: 'default', link: wrong({}) },
        ]),
      "'link'",
    ],
    ['a table that is none', () => ns.routes.list({ table: wrong('mine') }), "'table'"],
    ['a family that is none', () => ns.routes.list({ family: wrong('ipv4') }), "'family'"],
    ['a family of addresses that is none', () => ns.addresses.list({ family: wrong(4) }), "'family'"],
    ['a filter that is null', () => ns.links.list(wrong(null)), "'filter'"],
    ['a filter of routes that is null', () => ns.routes.list(wrong(null)), "'filter'"],
    ['a neighbour that is null', () => ns.neighbors.add(wrong(null)), "'neighbor'"],
    ['a neighbour without a mac', () => ns.neighbors.add(wrong({ address: '10.0.0.1', link: 'lo' })), "'mac'"],
    [
      'an option of a route that nobody knows',
      () => ns.routes.add(wrong({ to: '10.9.0.0/16', type: 'blackhole', dev: 'lo' })),
      "'route.dev'",
    ],
    ['one of a filter', () => ns.routes.list(wrong({ tabel: 100 })), "'filter.tabel'"],
    ['one of flush', () => ns.routes.flush(wrong({ tabel: 100 })), "'filter.tabel'"],
    ['one of a query', () => ns.routes.get('127.0.0.1', wrong({ from: '127.0.0.1' })), "'query.from'"],
    ['one of a filter of links', () => ns.links.list(wrong({ kinds: 'veth' })), "'filter.kinds'"],
    ['a kind that is a number', () => ns.links.list(wrong({ kind: 7 })), "'kind'"],
    ['an up that is a string', () => ns.links.list(wrong({ up: 'yes' })), "'up'"],
    ['one of a filter of addresses', () => ns.addresses.list(wrong({ dev: 'lo' })), "'filter.dev'"],
    [
      'one of an address',
      async () => (await ns.links.get('lo')).addresses.add(wrong({ address: '10.0.0.1', prefixLength: 24 })),
      "'address.prefixLength'",
    ],
    [
      'one of a neighbour',
      () => ns.neighbors.add(wrong({ address: '10.0.0.1', mac: '02:00:00:00:00:01', link: 'lo', dev: 'lo' })),
      "'neighbor.dev'",
    ],
    ['one of a filter of neighbours', () => ns.neighbors.list(wrong({ dev: 'lo' })), "'filter.dev'"],
    ['a sysctl that is a number', () => ns.sysctl.get(wrong(1)), "'name'"],
    ['a sysctl that leads out of its folder', () => ns.sysctl.get('net/../kernel/hostname'), "'name'"],
  ])('%s', async (_, call, argument) => {
    await refused(call, argument)
    expect(await ns.routes.list()).toEqual([])
  })
})

test('Namespace.watch refuses limits that are none', () => {
  for (const options of [{ signal: 5 }, null, 'x'])
    expect(() => Namespace.watch(wrong(options))).toThrow(expect.objectContaining({ code: invalid }))
})

test('what a list gives can be given back, to be deleted', async () => {
  using own = await Namespace.create()
  await own.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.0.0.1/24'] })
  await own.routes.add({ to: '10.9.0.0/16', via: '10.0.0.9', metric: 7, mtu: 1400, source: '10.0.0.1' })
  await own.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'br0' })
  for (const route of await own.routes.list({ to: '10.9.0.0/16' })) await own.routes.delete(route)
  for (const neighbor of await own.neighbors.list()) await own.neighbors.delete(neighbor)
  expect(await own.routes.list({ to: '10.9.0.0/16' })).toEqual([])
  expect(await own.neighbors.list()).toEqual([])
})

describe('processes refuse', () => {
  test.each<[string, () => unknown]>([
    ['a command that is undefined', () => ns.spawn(wrong(undefined))],
    ['a command that is empty', () => ns.spawn('')],
    ['a command with a NUL', () => ns.spawn('a\0')],
    ['arguments that are a string', () => ns.spawn('true', wrong('x'))],
    ['options that are null', () => ns.spawn('true', [], wrong(null))],
    ['options that are a string', () => ns.spawn('true', [], wrong('x'))],
    ['an argument with a NUL', () => ns.spawn('true', ['a\0'])],
    ['stdio that is a number', () => ns.spawn('true', [], { stdio: wrong(5) })],
    ['stdio that is an unknown word', () => ns.spawn('true', [], { stdio: wrong('loud') })],
    ['stdio with an unknown word', () => ns.spawn('true', [], { stdio: ['pipe', wrong('loud')] })],
    ['a working directory that is a number', () => ns.spawn('true', [], { cwd: wrong(5) })],
    ['a working directory that is no file', () => ns.spawn('true', [], { cwd: new URL('http://localhost/') })],
    ['a uid that is a string', () => ns.spawn('true', [], { uid: wrong('root') })],
    ['a gid of -1', () => ns.spawn('true', [], { gid: -1 })],
    ['an environment that is a number', () => ns.spawn('true', [], { env: wrong({ 'A\0': 'x' }) })],
    ['an argv0 that is a number', () => ns.spawn('true', [], { argv0: wrong(5) })],
    ['a shell that is a number', () => ns.spawn('true', [], { shell: wrong(5) })],
    ['a signal that is none', () => ns.spawn('true', [], { signal: wrong({}) })],
    ['a timeout that is none', () => ns.spawn('true', [], { timeout: -1 })],
    ['a kill signal that is none', () => ns.spawn('true', [], { killSignal: wrong('SIGNONE') })],
    ['a module that is a number', () => ns.fork(wrong(5))],
    ['fork without a channel', () => ns.fork('x', [], { stdio: ['pipe', 'pipe', 'pipe'] })],
    ['a program for the module that is a number', () => ns.fork('x', [], { execPath: wrong(5) })],
    ['arguments for the program that are a number', () => ns.fork('x', [], { execArgv: wrong(5) })],
  ])('%s', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }))
  })

  test.each<[string, () => Promise<unknown>]>([
    ['arguments that are a string', () => ns.execFile('true', wrong('x'))],
    ['options that are null', () => ns.execFile('true', [], wrong(null))],
    ['an input that is a number', () => ns.execFile('cat', [], { input: wrong(5) })],
    ['an encoding that is none', () => ns.execFile('true', [], { encoding: wrong('klingon') })],
    ['a maxBuffer that is a string', () => ns.execFile('true', [], { maxBuffer: wrong('1') })],
  ])('execFile: %s', async (_, call) => {
    await refused(call, 'invalid')
  })
})
