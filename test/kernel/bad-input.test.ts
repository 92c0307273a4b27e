// What is wrong in itself is refused before the kernel is asked, with the argument and the reason in the message.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Bridge, type Link, type LinkOptions, Namespace, VethPair } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { processState } from '../helpers/state.js'
import { until } from '../helpers/until.js'

type Case = [label: string, value: unknown, code: string, reason: string]

const invalid = 'ERR_INVALID_ARG_VALUE'
const range = 'ERR_OUT_OF_RANGE'

const linkNames: Case[] = [
  ['of 0 bytes', '', invalid, 'a link has a name of 1 to 15 bytes'],
  ['of 16 bytes', 'a234567890123456', invalid, 'at most 15 bytes, not 16'],
  ['of 128 bytes', 'x'.repeat(128), invalid, 'at most 15 bytes, not 128'],
  ['of 10 letters and 20 bytes', 'ä'.repeat(10), invalid, 'at most 15 bytes, not 20'],
  ['with a slash', 'a/b', invalid, "no '/', ':', '%' or NUL"],
  ['with a colon', 'eth0:1', invalid, "no '/', ':', '%' or NUL"],
  ['with a pattern', 'veth%d', invalid, "no '/', ':', '%' or NUL"],
  ['with a NUL', 'a\0b', invalid, "no '/', ':', '%' or NUL"],
  ['with a space', 'a b', invalid, 'no white space'],
  ['with a newline', 'a\n', invalid, 'no white space'],
  ['that is .', '.', invalid, 'it names a directory'],
  ['that is ..', '..', invalid, 'it names a directory'],
  ['that is a number', 7, invalid, 'a link has a name of 1 to 15 bytes'],
  ['that is null', null, invalid, 'a link has a name of 1 to 15 bytes'],
]

const namespaceNames: Case[] = [
  ['of 0 bytes', '', invalid, 'at least one character'],
  ['of 256 bytes', 'x'.repeat(256), invalid, 'at most 255 bytes'],
  ['with a slash', 'a/b', invalid, "neither '/' nor NUL"],
  ['with a NUL', 'a\0', invalid, "neither '/' nor NUL"],
  ['with a space', 'a b', invalid, 'no white space'],
  ['that is .', '.', invalid, 'it names a directory'],
  ['that is ..', '..', invalid, 'it names a directory'],
]

const addresses: Case[] = [
  ['with a prefix of 33', '10.0.0.1/33', invalid, '33'],
  ['with an octet of 300', '300.1.1.1', invalid, '300'],
  ['with a zone', 'fe80::1%eth0', invalid, 'zone'],
  ['with a prefix of 129', 'fd00::1/129', invalid, '129'],
  ['with three octets', '10.0.1', invalid, '10.0.1'],
  ['with an octal octet', '010.0.0.1', invalid, '010'],
  ['with an empty prefix', '10.0.0.1/', invalid, 'prefix length'],
  ['with a mask', '10.0.0.1/255.0.0.0', invalid, '255.0.0.0'],
  ['with a space', ' 10.0.0.1', invalid, '10.0.0.1'],
  ['that is empty', '', invalid, ''],
  ['that is a name', 'localhost', invalid, 'localhost'],
  ['that is a number', 10, invalid, 'number'],
  ['that is null', null, invalid, ''],
]

const mtus: Case[] = [
  ['of 0', 0, range, '>= 1 and <= 65536'],
  ['of 70000', 70000, range, '>= 1 and <= 65536'],
  ['of -1', -1, range, '>= 1 and <= 65536'],
  ['of 1500.5', 1500.5, invalid, 'it must be an integer'],
  ['that is NaN', Number.NaN, invalid, 'it must be an integer'],
  ['that is a string', '1500', invalid, 'it must be an integer'],
]

let ns: Namespace
/** The host's own stack, which nothing of this may touch: its connection is never opened. */
let untouched: Namespace
let link: Link

beforeAll(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'bridge', name: 'br0' })
  untouched = await Namespace.open({ pid: process.pid })
})

afterAll(() => {
  ns.close()
  untouched.close()
})

/** Descriptors with what they are of: a file system's names for sockets and the like are not used twice. */
function descriptors(): string[] {
  return processState().descriptors
}

async function refused(call: () => Promise<unknown>, code: string, reason: string): Promise<void> {
  const before = descriptors()
  // Not thrown at once: who writes .catch() is to be served as well.
  const promise = call()
  const error = await failure(promise)
  expect(error).toMatchObject({ code })
  expect(error).toBeInstanceOf(code === range ? RangeError : TypeError)
  expect(error.message).toContain(reason)
  // The runner opens files of its own meanwhile, and closes them: what is left is what counts.
  await until('what was refused has left no descriptor', () => descriptors().every((each) => before.includes(each)))
}

describe.each(linkNames)('a link name %s', (_, name, code, reason) => {
  const given = name as string
  test.each<[string, () => Promise<unknown>, string?]>([
    ['end a of a veth pair', () => VethPair.create({ namespace: untouched, name: given }, { namespace: ns }), 'a.name'],
    ['end b of a veth pair', () => VethPair.create({ namespace: untouched }, { namespace: ns, name: given }), 'b.name'],
    ['Bridge.create', () => Bridge.create({ namespace: untouched, name: given })],
    ['links.create', () => untouched.links.create({ kind: 'dummy', name: given })],
    ['the peer of links.create', () => untouched.links.create({ kind: 'veth', peer: { name: given } }), 'peer.name'],
    ['link.set', () => link.set({ name: given })],
  ])('is refused by %s', async (_where, call, argument = 'name') => {
    await refused(call, code, reason)
    await refused(call, code, `'${argument}'`)
  })

  test.each<[string, () => Promise<unknown>]>([
    ['links.get', () => untouched.links.get(given)],
    ['links.delete', () => untouched.links.delete(given)],
    ['the filter of links.list', () => untouched.links.list({ master: given })],
    ['the master of a link', () => untouched.links.create({ kind: 'dummy', master: given })],
    ['the link of a route', () => untouched.routes.add({ to: '10.9.9.0/24', link: given })],
    [
      'the link of a neighbour',
      () => untouched.neighbors.add({ address: '10.0.0.1', mac: '02:00:00:00:00:01', link: given }),
    ],
  ])('is no reference for %s', async (_where, call) => {
    // A number is an index there, and an alternative name has up to 127 bytes.
    const isReference = typeof name === 'number' || (reason.startsWith('at most 15 bytes') && given.length < 128)
    if (!isReference) await refused(call, code, "'link'")
  })
})

describe.each(namespaceNames)('a namespace name %s', (_, name, code, reason) => {
  test.each<[string, () => Promise<unknown>]>([
    ['Namespace.create', () => Namespace.create({ name: name as string })],
    ['Namespace.open', () => Namespace.open(name as string)],
    ['Namespace.delete', () => Namespace.delete(name as string)],
    ['pin', () => ns.pin(name as string)],
  ])('is refused by %s', async (_where, call) => {
    await refused(call, code, reason)
  })
})

describe.each(addresses)('an address %s', (_, address, code, reason) => {
  const given = address as string
  test.each<[string, () => Promise<unknown>]>([
    ['end a of a veth pair', () => VethPair.create({ namespace: untouched, addresses: [given] }, { namespace: ns })],
    [
      'end b of a veth pair',
      () => VethPair.create({ namespace: untouched }, { namespace: ns, addresses: ['10.0.0.1/24', given] }),
    ],
    ['Bridge.create', () => Bridge.create({ namespace: untouched, name: 'x', addresses: [given] })],
    ['addresses.add', () => link.addresses.add(given)],
    ['addresses.add with options', () => link.addresses.add({ address: given })],
    ['addresses.delete', () => link.addresses.delete(given)],
    ['the destination of a route', () => untouched.routes.add({ to: given, link: 'lo' })],
    ['the source of a route', () => untouched.routes.add({ to: 'default', source: given, link: 'lo' })],
    ['the gateway of a route', () => untouched.routes.add({ to: 'default', via: given })],
    ['routes.get', () => untouched.routes.get(given)],
    ['a neighbour', () => untouched.neighbors.add({ address: given, mac: '02:00:00:00:00:01', link: 1 })],
    ['neighbors.delete', () => untouched.neighbors.delete({ address: given, link: 1 })],
  ])('is refused by %s', async (_where, call) => {
    await refused(call, code, reason)
  })
})

describe.each(mtus)('an MTU %s', (_, mtu, code, reason) => {
  const given = mtu as number
  test.each<[string, () => Promise<unknown>]>([
    ['end a of a veth pair', () => VethPair.create({ namespace: untouched, mtu: given }, { namespace: ns })],
    ['end b of a veth pair', () => VethPair.create({ namespace: untouched }, { namespace: ns, mtu: given })],
    ['links.create', () => untouched.links.create({ kind: 'dummy', mtu: given } as LinkOptions)],
    ['link.set', () => link.set({ mtu: given })],
  ])('is refused by %s', async (_where, call) => {
    await refused(call, code, reason)
  })
})

test('the kernel is not asked: no namespace is entered and no netlink message sent', () => {
  const traced = (...args: string[]) => {
    const strace = ['-f', '-qq', '-e', 'signal=none', '-e', 'trace=setns,unshare,sendto,mount,vfork,clone']
    return spawnSync('strace', [...strace, process.execPath, ...args], { encoding: 'utf8' })
  }
  const { stdout, stderr, status } = traced(fileURLToPath(new URL('../programs/bad-input.mjs', import.meta.url)))
  expect(stdout).toBe('22 refused\n')
  expect(status).toBe(0)
  // Node's own threads are made by clone3.
  expect(stderr).toBe('')
  const good = `import { Namespace } from 'linux-namespaces'; const ns = await Namespace.create(); await ns.links.list()`
  expect(traced('--input-type=module', '-e', good).stderr).toMatch(/unshare\(CLONE_NEWNET\)[\s\S]*sendto\(/)
})
