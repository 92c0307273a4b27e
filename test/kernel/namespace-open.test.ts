import { fstatSync, readlinkSync, statSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

test("the current namespace is the process's own, one object until it is closed", async () => {
  const first = Namespace.current()
  expect(Namespace.current()).toBe(first)
  expect(first.types).toEqual(['net'])
  expect(first.rootless).toBe(false)
  expect(first.name).toBe(undefined)
  expect(`net:[${first.inode()}]`).toBe(readlinkSync('/proc/self/ns/net'))
  expect(await first.pids()).toContain(process.pid)
  // Closed, it is opened anew: in another process, since everybody in this one shares it.
  const program = `
    import { Namespace } from 'linux-namespaces'
    const first = Namespace.current()
    first.close()
    const second = Namespace.current()
    const links = await second.links.list()
    console.log(second !== first, first.closed, second.closed, links[0].name)`
  const { stdout } = await first.execFile(process.execPath, ['--input-type=module', '-e', program])
  expect(stdout).toBe('true true false lo\n')
})

test('path, descriptor and inode tell of the same namespace, for each type', async () => {
  using ns = await Namespace.create({ types: ['net', 'uts', 'mnt'] })
  for (const type of ns.types) {
    expect(ns.path(type)).toBe(`/proc/${process.pid}/fd/${ns.fd(type)}`)
    expect(readlinkSync(ns.path(type))).toBe(`${type}:[${ns.inode(type)}]`)
    expect(fstatSync(ns.fd(type), { bigint: true }).ino).toBe(ns.inode(type))
    expect(statSync(ns.path(type), { bigint: true }).ino).toBe(ns.inode(type))
  }
  expect(ns.path()).toBe(ns.path('net'))
  expect(ns.inode()).toBe(ns.inode('net'))
  using uts = await Namespace.create({ types: ['uts', 'mnt'] })
  expect(uts.path()).toBe(uts.path('uts'))
  expect(() => uts.inode('net')).toThrow(/has no net namespace of its own, only uts, mnt/)
})

test('namespaces are equal when they hold the very same ones', async () => {
  using a = await Namespace.create({ types: ['net', 'uts'] })
  using b = await Namespace.create({ types: ['net', 'uts'] })
  using net = await Namespace.open(a.path('net'))
  using same = await Namespace.open({ path: a.path('net') })
  expect(a.equals(a)).toBe(true)
  expect(a.equals(b)).toBe(false)
  expect(net.equals(same)).toBe(true)
  expect(net.equals(a)).toBe(false)
  expect(net.inode()).toBe(a.inode())
})

test('each type opens by its path, and a process can be entered with several of its types', async () => {
  using ns = await Namespace.create({ types: ['net', 'uts', 'ipc', 'mnt', 'cgroup', 'user'], hostname: 'inside' })
  for (const type of ns.types) {
    using one = await Namespace.open(ns.path(type))
    expect(one.types).toEqual([type])
    expect(one.inode(type)).toBe(ns.inode(type))
  }
  const child = ns.spawn('sleep', ['60'])
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    const pid = child.pid as number
    await expect.poll(() => ns.pids('mnt')).toEqual([pid])
    using sidecar = await Namespace.open({ pid }, { types: ['mnt', 'uts', 'net'] })
    expect(sidecar.types).toEqual(['net', 'uts', 'mnt'])
    for (const type of sidecar.types) expect(sidecar.inode(type)).toBe(ns.inode(type))
    expect((await sidecar.execFile('uname', ['-n'])).stdout).toBe('inside\n')
    expect(await sidecar.pids()).toEqual([pid])
    expect(await sidecar.pids('uts')).toEqual([pid])
  } finally {
    child.kill('SIGKILL')
    await ended
  }
})

test('the processes of a namespace are those in it, in ascending order', async () => {
  using ns = await Namespace.create()
  expect(await ns.pids()).toEqual([])
  const children = [1, 2, 3].map(() => ns.spawn('sleep', ['60']))
  const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)))
  const pids = children.map(({ pid }) => pid as number).sort((a, b) => a - b)
  await expect.poll(() => ns.pids()).toEqual(pids)
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(ended)
  expect(await ns.pids()).toEqual([])
})

test('another program can use the path while it is open', async () => {
  using ns = await Namespace.create({ types: ['user', 'net'] })
  const user = isRoot ? [] : [`--user=${ns.path('user')}`, '--preserve-credentials']
  const { stdout } = await Namespace.current().execFile('nsenter', [
    ...user,
    `--net=${ns.path('net')}`,
    'readlink',
    '/proc/self/ns/net',
  ])
  expect(stdout).toBe(`net:[${ns.inode('net')}]\n`)
})

test('an open that is given up leaves nothing', async () => {
  await expect(Namespace.open('/proc/self/ns/net', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  )
  await expect(Namespace.create({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  const controller = new AbortController()
  const opening = Namespace.open('/proc/self/ns/net', { signal: controller.signal })
  const creating = Namespace.create({ signal: controller.signal })
  controller.abort(new Error('changed my mind'))
  await expect(opening).rejects.toThrow('changed my mind')
  await expect(creating).rejects.toThrow('changed my mind')
  // Given up when the kernel is through with it, but nobody has heard so yet.
  const late = new AbortController()
  const both = [Namespace.open('/proc/self/ns/net', { signal: late.signal }), Namespace.create({ signal: late.signal })]
  for (const end = performance.now() + 50; performance.now() < end; );
  late.abort(new Error('too late'))
  for (const each of both) await expect(each).rejects.toThrow('too late')
})

if (isRoot) {
  test("root opens another user's process", async () => {
    using ns = await Namespace.create()
    const child = ns.spawn('sleep', ['60'], { uid: 65_534, gid: 65_534 })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    try {
      await expect.poll(() => ns.pids()).toEqual([child.pid as number])
      using sidecar = await Namespace.open({ pid: child.pid as number })
      expect(sidecar.inode()).toBe(ns.inode())
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  })
} else {
  test("an ordinary user cannot open another user's process", async () => {
    await expect(Namespace.open({ pid: 1 })).rejects.toMatchObject({
      code: 'EACCES',
      message: expect.stringContaining('process 1'),
    })
  })
}
