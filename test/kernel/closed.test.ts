// A closed Namespace refuses everything, and what was under way when it was closed still ends.
import { Bridge, type Link, Namespace, VethPair } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'

const closed = {
  code: 'ERR_NAMESPACE_CLOSED',
  message: expect.stringMatching(/^The namespace (net:\[\d+\]|\(net\)) is closed$/),
}

let open: Namespace
let ns: Namespace
let link: Link
let bridge: Bridge

beforeAll(async () => {
  open = await Namespace.create()
  ns = await Namespace.create({ types: ['net', 'uts'] })
  link = await ns.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.0.0.1/24'] })
  bridge = await Bridge.get(ns, 'br0')
  ns.close()
})

afterAll(() => open.close())

describe('after close()', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['links.list', () => ns.links.list()],
    ['links.list with a master', () => ns.links.list({ master: 'br0' })],
    ['links.get', () => ns.links.get('br0')],
    ['links.create', () => ns.links.create({ kind: 'bridge', name: 'br1' })],
    ['links.create of a veth', () => ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } })],
    ['links.create with a master by name', () => ns.links.create({ kind: 'bridge', name: 'br1', master: 'br0' })],
    ['links.delete', () => ns.links.delete('br0')],
    ['links.delete of a Link', () => ns.links.delete(link)],
    ['links.deleteGroup', () => ns.links.deleteGroup(7)],
    ['Bridge.create', () => Bridge.create({ namespace: ns, name: 'br1' })],
    ['VethPair.create for end a', () => VethPair.create({ namespace: ns }, { namespace: open })],
    ['VethPair.create for end b', () => VethPair.create({ namespace: open }, { namespace: ns })],
    ['link.set', () => link.set({ mtu: 1400 })],
    ['link.set of its kind', () => link.set({ kind: 'bridge', ageingTime: 100 })],
    ['link.set of a port', () => link.set({ port: { kind: 'bridge', learning: 0 } })],
    ['link.up', () => link.up()],
    ['link.down', () => link.down()],
    ['link.refresh', () => link.refresh()],
    ['link.delete', () => link.delete()],
    ['link.moveTo', () => link.moveTo(open)],
    ['link.addAltName', () => link.addAltName('other')],
    ['link.deleteAltName', () => link.deleteAltName('other')],
    ['link.addresses.add', () => link.addresses.add('10.0.0.2/24')],
    ['link.addresses.list', () => link.addresses.list()],
    ['link.addresses.delete', () => link.addresses.delete('10.0.0.1/24')],
    ['link.addresses.flush', () => link.addresses.flush()],
    ['addresses.list', () => ns.addresses.list()],
    ['routes.add', () => ns.routes.add({ to: 'default', via: '10.0.0.9' })],
    ['routes.replace', () => ns.routes.replace({ to: 'default', via: '10.0.0.9' })],
    ['routes.list', () => ns.routes.list()],
    ['routes.get', () => ns.routes.get('10.0.0.9')],
    ['routes.delete', () => ns.routes.delete({ to: 'default' })],
    ['routes.flush', () => ns.routes.flush()],
    ['neighbors.add', () => ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'br0' })],
    ['neighbors.list', () => ns.neighbors.list()],
    ['neighbors.delete', () => ns.neighbors.delete({ address: '10.0.0.9', link: 'br0' })],
    ['fdb.add', () => ns.fdb.add({ mac: '02:00:00:00:00:09', link: 'br0' })],
    ['fdb.list', () => ns.fdb.list()],
    ['vlans.add', () => ns.vlans.add({ link: 'br0', id: 5, self: true })],
    ['vlans.list', () => ns.vlans.list()],
    ['Bridge.get', () => Bridge.get(ns, 'br0')],
    ['bridge.set', () => bridge.set({ stpState: 1 })],
    ['bridge.ports', () => bridge.ports()],
    ['bridge.setPort', () => bridge.setPort('br0', { cost: 5 })],
    ['bridge.fdb.flush', () => bridge.fdb.flush()],
    ['bridge.vlans.delete', () => bridge.vlans.delete({ id: 5 })],
    ['bridge.mdb.add', () => bridge.mdb.add({ group: '239.1.1.1' })],
    ['bridge.mdb.list', () => bridge.mdb.list()],
    ['neighbors.tables.list', () => ns.neighbors.tables.list()],
    ['neighbors.tables.set', () => ns.neighbors.tables.set({ family: 'inet', link: 'br0', retransTime: 100 })],
    ['netconf.list', () => ns.netconf.list()],
    ['netconf.get', () => ns.netconf.get({ family: 'inet', link: 'all' })],
    ['nsids.list', () => ns.nsids.list()],
    ['nsids.get', () => ns.nsids.get(open)],
    ['nsids.set', () => ns.nsids.set(open)],
    ['nsids.get of it', () => open.nsids.get(ns)],
    ['nsids.set of it', () => open.nsids.set(ns)],
    ['links.create on a link of it', () => open.links.create({ kind: 'macvlan', link })],
    ['links.create with its links', () => open.links.create({ kind: 'vxlan', id: 1, linkNetns: ns })],
    ['sysctl.get', () => ns.sysctl.get('net.ipv4.ip_forward')],
    ['sysctl.set', () => ns.sysctl.set('net.ipv4.ip_forward', 1)],
    ['execFile', () => ns.execFile('true')],
    ['pids', () => ns.pids()],
    ['pin', () => ns.pin('never')],
    ['unpin', () => ns.unpin()],
  ])('%s rejects', async (_, call) => {
    expect(await failure(call())).toMatchObject(closed)
  })

  test.each<[string, () => unknown]>([
    ['fd', () => ns.fd()],
    ['fd of a type', () => ns.fd('uts')],
    ['path', () => ns.path()],
    ['inode', () => ns.inode()],
    ['equals', () => ns.equals(ns)],
    ['watch', () => ns.watch()],
    ['spawn', () => ns.spawn('true')],
    ['fork', () => ns.fork('nothing.js')],
  ])('%s throws', (_, call) => {
    expect(call).toThrow(expect.objectContaining(closed))
  })

  test('what it is can still be read, and closing again is no error', () => {
    expect([ns.closed, ns.name, ns.types, ns.rootless]).toEqual([true, undefined, ['net', 'uts'], open.rootless])
    ns.close()
    ns[Symbol.dispose]()
  })

  test('a link that was read is still what it was', () => {
    expect([link.name, link.kind, link.isUp]).toEqual(['br0', 'bridge', true])
  })

  test('a veth pair whose namespace is closed can be disposed of', async () => {
    const other = await Namespace.create()
    const pair = await VethPair.create({ namespace: other }, { namespace: open, name: 'other' })
    other.close()
    await pair[Symbol.asyncDispose]()
  })
})

describe('while something is under way, close()', () => {
  test('lets the first request end, with which the socket is opened', async () => {
    const owned = await Namespace.create()
    const opened = await Namespace.open({ fd: owned.fd() })
    const links = opened.links.list()
    opened.close()
    expect((await links).map(({ name }) => name)).toEqual(['lo'])
    owned.close()
  })

  test('lets requests end', async () => {
    const one = await Namespace.create()
    const all = Promise.all([one.links.list(), one.routes.list(), one.sysctl.get('net.ipv4.ip_forward')])
    one.close()
    const [links, routes, forwarding] = await all
    expect([links.length, routes, forwarding]).toEqual([1, [], '0'])
  })

  test('lets a veth pair be made', async () => {
    const one = await Namespace.create()
    const making = VethPair.create({ namespace: one, name: 'a' }, { namespace: open, name: 'made' })
    one.close()
    expect((await making).b.name).toBe('made')
  })

  test('lets a child run', async () => {
    const one = await Namespace.create()
    const inode = one.inode()
    const child = one.execFile('readlink', ['/proc/self/ns/net'])
    one.close()
    expect((await child).stdout).toBe(`net:[${inode}]\n`)
  })
})
