// What is not there, or no longer: the kernel says so, and the error says what was wanted of whom.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bridge, Namespace, NetlinkError, SystemError, VethPair } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { isRoot } from '../helpers/user.js'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gone-'))
  writeFileSync(join(folder, 'file'), '')
  spawnSync('mkfifo', [join(folder, 'fifo')])
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('Namespace.open', () => {
  test.each(['file', 'fifo', '.'])('of a path that is no namespace (%s) says so', async (file) => {
    const path = join(folder, file)
    const error = await failure(Namespace.open(path))
    expect(error).toBeInstanceOf(SystemError)
    expect(error).toMatchObject({
      code: 'EINVAL',
      errno: -22,
      syscall: 'ioctl',
      operation: `opening the namespace at '${path}'`,
    })
    expect(error.message).toContain('It is not a namespace')
  })

  test('of a device, a socket or a pipe as { path } and { fd } says so', async () => {
    expect(await failure(Namespace.open({ path: '/dev/null' }))).toMatchObject({ code: 'EINVAL' })
    const fd = openSync('/dev/null', 'r')
    const error = await failure(Namespace.open({ fd }))
    expect(error).toMatchObject({ code: 'EINVAL', operation: `opening the namespace of descriptor ${fd}` })
    closeSync(fd)
    expect(await failure(Namespace.open({ fd }))).toMatchObject({ code: 'EBADF', syscall: 'fcntl' })
  })

  test('of a path that does not exist is ENOENT with the path', async () => {
    const path = join(folder, 'none')
    expect(await failure(Namespace.open(path))).toMatchObject({ code: 'ENOENT', syscall: 'openat', path })
    expect(await failure(Namespace.open('no-such-name'))).toMatchObject({
      code: 'ENOENT',
      path: '/run/netns/no-such-name',
      operation: "opening namespace 'no-such-name'",
    })
  })

  test('of a process that has ended is ESRCH', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    const error = await failure(Namespace.open({ pid: child.pid as number }))
    expect(error).toMatchObject({
      code: 'ESRCH',
      errno: -3,
      operation: `opening the namespaces of process ${child.pid}`,
    })
    expect(await failure(Namespace.open({ pid: 0x7fffffff }, { types: ['net', 'uts'] }))).toMatchObject({
      code: 'ESRCH',
    })
  })

  test('of a process that has ended and is not yet reaped fails and leaves nothing', async () => {
    // A shell that does not wait for its child, since it is not a shell any more.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [pid] = await once(parent.stdout, 'data')
    const error = await failure(
      (async () => {
        for (;;) (await Namespace.open({ pid: Number(pid) }, { types: ['net', 'uts', 'ipc'] })).close()
      })(),
    )
    expect(['ESRCH', 'EACCES']).toContain(error.code)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  })
})

describe('a link that was deleted under us', () => {
  test('is ENODEV for everything that is asked of it', async () => {
    using ns = await Namespace.create()
    const link = await Bridge.create({ namespace: ns, name: 'br0' })
    await ns.execFile('ip', ['link', 'delete', 'br0'])
    for (const call of [
      () => link.refresh(),
      () => link.set({ mtu: 1400 }),
      () => link.up(),
      () => link.down(),
      () => link.delete(),
      () => link.addAltName('other'),
      () => link.deleteAltName('other'),
      () => link.addresses.add('10.0.0.1/24'),
      () => ns.links.delete(link),
      () => ns.links.delete('br0'),
      () => ns.links.get('br0'),
      () => ns.links.get(link.index),
    ]) {
      const error = await failure(call())
      expect(error).toBeInstanceOf(NetlinkError)
      expect(error).toMatchObject({ code: 'ENODEV', errno: -19 })
      expect(error.message).toContain(ns.inode().toString())
    }
    expect(link.name).toBe('br0')
    await expect(ns.routes.add({ to: 'default', link })).rejects.toMatchObject({ code: 'ENODEV' })
  })

  test('is not there to be moved, and stays where it was', async () => {
    using ns = await Namespace.create()
    using other = await Namespace.create()
    const link = await Bridge.create({ namespace: ns, name: 'br0' })
    await link.delete()
    expect(await failure(link.moveTo(other))).toMatchObject({ code: 'ENODEV' })
    expect(await failure(link.refresh())).toMatchObject({ message: expect.stringContaining(ns.inode().toString()) })
  })

  test('is no error for a veth pair that is disposed of', async () => {
    using a = await Namespace.create()
    using b = await Namespace.create()
    const pair = await VethPair.create({ namespace: a, name: 'a' }, { namespace: b, name: 'b' })
    await b.links.delete('b')
    expect(await failure(pair.a.refresh())).toMatchObject({ code: 'ENODEV' })
    await pair.delete()
    await pair[Symbol.asyncDispose]()
  })

  test('is still a link of another namespace for one of the same index', async () => {
    using a = await Namespace.create()
    using b = await Namespace.create()
    const link = await Bridge.create({ namespace: a, name: 'br0' })
    expect(await failure(b.links.delete(link))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    expect(await failure(b.links.create({ kind: 'bridge', name: 'x', master: link }))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
    expect((await a.links.list()).map(({ name }) => name)).toEqual(['lo', 'br0'])
  })
})

describe('a second create of the same name', () => {
  test('of a link is EEXIST and leaves the first', async () => {
    using ns = await Namespace.create()
    await Bridge.create({ namespace: ns, name: 'br0', mtu: 1400 })
    const error = await failure(Bridge.create({ namespace: ns, name: 'br0', mtu: 1300 }))
    expect(error).toMatchObject({
      code: 'EEXIST',
      request: 'RTM_NEWLINK',
      operation: expect.stringContaining("bridge 'br0'"),
    })
    expect((await ns.links.list()).map(({ name, mtu }) => [name, mtu])).toEqual([
      ['lo', 65536],
      ['br0', 1400],
    ])
  })

  test('of both ends of a pair is refused before the kernel is asked', async () => {
    using ns = await Namespace.create()
    const error = await failure(VethPair.create({ namespace: ns, name: 'x' }, { namespace: ns, name: 'x' }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })

  if (isRoot) {
    test('of a namespace is EEXIST and leaves the first', async () => {
      const name = `lntwice${process.pid}`
      const first = await Namespace.create({ name })
      const error = await failure(Namespace.create({ name }))
      expect(error).toMatchObject({
        code: 'EEXIST',
        path: `/run/netns/${name}`,
        operation: `creating namespace '${name}'`,
      })
      expect(await failure(first.pin(name))).toMatchObject({ code: 'EEXIST' })
      using again = await Namespace.open(name)
      expect(again.equals(first)).toBe(true)
      await Namespace.delete(name)
      expect(await failure(Namespace.delete(name))).toMatchObject({ code: 'ENOENT', path: `/run/netns/${name}` })
      first.close()
    })

    test('of twenty at once, one succeeds', async () => {
      const name = `lnrace${process.pid}`
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => Namespace.create({ name })))
      const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(made).toHaveLength(1)
      expect(codes).toEqual(Array.from({ length: 19 }, () => 'EEXIST'))
      made[0]?.close()
      await Namespace.delete(name)
    })
  } else {
    test('or a first one is EPERM for a namespace, with what to do instead', async () => {
      for (const call of [() => Namespace.create({ name: 'mine' }), () => Namespace.delete('mine')]) {
        const error = await failure(call())
        expect(error).toMatchObject({ code: 'EPERM', path: '/run/netns/mine' })
        expect(error.message).toContain('Only root can pin a namespace')
      }
    })
  }
})

test('an MTU that only a veth does not take is refused by the kernel, with its reason', async () => {
  using ns = await Namespace.create()
  const error = await failure(VethPair.create({ namespace: ns, name: 'a', mtu: 65536 }, { namespace: ns, name: 'b' }))
  expect(error).toMatchObject({ code: 'EINVAL', request: 'RTM_NEWLINK' })
  expect((await ns.links.list()).map(({ name }) => name)).toEqual(['lo'])
})
