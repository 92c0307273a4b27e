// The tutorial about what a network namespace holds, and how containers share one.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ipAddresses, ipLinks, ipRoutes } from '../helpers/ip.js'
import { isRoot } from '../helpers/user.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

const view = async (ns: Namespace) => ({
  links: (await ns.links.list()).map(({ name, index, mac }) => ({ name, index, mac })),
  addresses: (await ns.addresses.list()).map(({ cidr, link }) => ({ cidr, link })),
  routes: (await ns.routes.list({ table: 'all' })).map(({ to, link, table }) => ({ to, link, table })),
})

test('a namespace has a loopback device, devices, addresses and routes of its own, and nothing of the host', async () => {
  using ns = await Namespace.create()
  using other = await Namespace.create()
  const host = Namespace.current()
  expect(ns.inode()).not.toBe(host.inode())
  expect(ns.equals(host)).toBe(false)
  const [lo] = await ns.links.list()
  expect(lo).toMatchObject({ name: 'lo', index: 1, isUp: true, operState: 'unknown', mtu: 65_536 })
  expect((await ns.addresses.list()).map(({ cidr }) => cidr)).toEqual(['127.0.0.1/8', '::1/128'])
  expect(await ns.routes.list()).toEqual([])
  expect(await ipRoutes(ns)).toEqual([])
  expect((await ns.execFile('ping', ['-c1', '-W5', '127.0.0.1'])).stdout).toContain('1 received')

  const before = await view(host)
  const pair = await VethPair.create(
    { namespace: ns, name: 'eth0', addresses: ['10.1.0.1/24'] },
    { namespace: other, name: 'eth0' },
  )
  await ns.routes.add({ to: 'default', via: '10.1.0.254' })
  expect((await ipLinks(ns)).map(({ ifname }) => ifname)).toEqual(['lo', 'eth0'])
  expect(await ipAddresses(ns, 'eth0')).toMatchObject([{ local: '10.1.0.1', prefixlen: 24 }])
  expect(await ipRoutes(ns)).toMatchObject([
    { dst: 'default', gateway: '10.1.0.254', dev: 'eth0' },
    { dst: '10.1.0.0/24', dev: 'eth0', prefsrc: '10.1.0.1' },
  ])
  expect(await view(host)).toEqual(before)
  expect((await view(other)).routes.map(({ to }) => to)).not.toContain('10.1.0.0/24')
  await pair.delete()
})

test('a second process that shares the namespace sees the same interfaces and addresses', async () => {
  using ns = await Namespace.create()
  using peer = await Namespace.create()
  await VethPair.create({ namespace: ns, name: 'eth0', addresses: ['10.1.0.1/24', 'fd00::1/64'] }, { namespace: peer })
  const pause = ns.spawn('sleep', ['60'])
  const pid = pause.pid as number
  try {
    // The child enters the namespace on its way to the command.
    await expect.poll(() => ns.pids()).toEqual([pid])
    using sidecar = await Namespace.open({ pid })
    expect(sidecar.inode()).toBe(ns.inode())
    expect(sidecar.equals(ns)).toBe(true)
    expect(sidecar.types).toEqual(['net'])
    expect(await view(sidecar)).toEqual(await view(ns))
    // What either makes, both see.
    const [eth0] = await sidecar.links.list({ kind: 'veth' })
    await eth0?.addresses.add('10.1.0.2/24')
    expect((await ipAddresses(ns, 'eth0')).map(({ local }) => local)).toEqual(['10.1.0.1', '10.1.0.2', 'fd00::1'])
    const inside = sidecar.spawn('sleep', ['60'])
    try {
      await expect.poll(() => ns.pids()).toEqual([pid, inside.pid as number].sort((a, b) => a - b))
    } finally {
      await kill(inside)
    }
  } finally {
    await kill(pause)
  }
})

test('the namespace of a process that another program started opens by pid and by path', async () => {
  // util-linux makes it, as a container runtime would: as an ordinary user in a user namespace of its own.
  const options = isRoot ? ['--net'] : ['--user', '--map-root-user', '--net']
  const runtime = spawn('unshare', [...options, 'sh', '-c', 'ip link set lo up; echo ready; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = runtime.pid as number
  try {
    await once(runtime.stdout, 'data')
    using byPid = await Namespace.open({ pid })
    using byPath = await Namespace.open(`/proc/${pid}/ns/net`)
    expect(byPid.equals(byPath)).toBe(true)
    expect(byPid.rootless).toBe(!isRoot)
    expect(await byPid.pids()).toEqual([pid])
    // Both can change it: it is the caller's.
    await byPid.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.9.0.1/24'] })
    expect((await byPath.links.list()).map(({ name }) => name)).toEqual(['lo', 'br0'])
    expect((await ipAddresses(byPath, 'br0')).map(({ local }) => local)).toEqual(['10.9.0.1'])
    expect((await byPath.execFile('ping', ['-c1', '-W5', '10.9.0.1'])).stdout).toContain('1 received')
  } finally {
    await kill(runtime)
  }
})

test('a path to a plain file, as a stopped container leaves it, is refused with an error that says so', async () => {
  const sandboxKey = join(folder, 'd4f2ea3b4f2c')
  writeFileSync(sandboxKey, '')
  for (const target of [sandboxKey, { path: sandboxKey }]) {
    await expect(Namespace.open(target)).rejects.toMatchObject({
      code: 'EINVAL',
      message: expect.stringMatching(/d4f2ea3b4f2c.*not a namespace.*SandboxKey of a stopped container/),
    })
  }
  await expect(Namespace.open(join(folder, 'gone'))).rejects.toMatchObject({
    code: 'ENOENT',
    path: join(folder, 'gone'),
  })
  await expect(Namespace.open(folder)).rejects.toMatchObject({ code: 'EINVAL' })
})

if (isRoot) {
  test("a namespace mounted on a file anywhere opens by that path, in the form of Docker's SandboxKey", async () => {
    const sandboxKey = join(folder, 'sandbox')
    using ns = await Namespace.create()
    const link = await ns.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.9.0.1/24'] })
    await ns.pin(sandboxKey)
    const inode = ns.inode()
    expect(ns.name).toBe(undefined)
    ns.close()
    // Nothing but the file holds it now.
    using container = await Namespace.open(sandboxKey)
    expect(container.inode()).toBe(inode)
    expect(await container.links.get('br0')).toMatchObject({ index: link.index, mac: link.mac })
    const { stdout } = await Namespace.current().execFile('nsenter', [
      `--net=${sandboxKey}`,
      'ip',
      '-j',
      'address',
      'show',
      'br0',
    ])
    expect(JSON.parse(stdout)[0].addr_info).toContainEqual(
      expect.objectContaining({ local: '10.9.0.1', prefixlen: 24 }),
    )
    await Namespace.current().execFile('umount', ['--lazy', sandboxKey])
    await expect(Namespace.open(sandboxKey)).rejects.toMatchObject({ code: 'EINVAL' })
  })
} else {
  test('an ordinary user can open the path of a namespace of their own, and not pin one', async () => {
    using ns = await Namespace.create()
    await expect(ns.pin(join(folder, 'sandbox'))).rejects.toMatchObject({
      code: 'EPERM',
      message: expect.stringMatching(/pinning namespace net:\[\d+\] at .*sandbox.*Only root/),
    })
    using again = await Namespace.open(ns.path())
    expect(again.equals(ns)).toBe(true)
    expect(again.rootless).toBe(true)
    expect((await again.links.list()).map(({ name }) => name)).toEqual(['lo'])
  })
}
