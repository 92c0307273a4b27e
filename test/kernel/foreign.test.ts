import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { Bridge, Namespace, VethPair } from 'linux-namespaces'
import { describe, expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

/** Runs `work` beside a process that util-linux has put into namespaces of its own. */
async function beside(types: string[], work: (pid: number) => Promise<void>): Promise<void> {
  const args = ['--user', '--map-root-user', ...types, '--', 'sh', '-c', 'echo ready; exec sleep 100']
  const child: ChildProcess = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  try {
    await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
    await work(child.pid as number)
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}

describe("another program's namespaces", () => {
  test('are entered with their user namespace, and without those it shares with this process', async () => {
    await beside(['--net'], async (pid) => {
      using ns = await Namespace.open({ pid }, { types: ['user', 'net', 'uts'] })
      expect((await ns.links.list()).map(({ name }) => name)).toEqual(['lo'])
      expect(await ns.sysctl.get('net.ipv4.ip_forward')).toBe('0')
      await ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } })
      const seen = await ns.execFile('readlink', ['/proc/self/ns/user', '/proc/self/ns/net'])
      expect(seen.stdout).toBe(`user:[${ns.inode('user')}]\nnet:[${ns.inode('net')}]\n`)
    })
  })

  test('start no process outside of the pid namespace it was asked for', async () => {
    await beside(['--pid', '--fork', '--kill-child'], async (pid) => {
      using ns = await Namespace.open(`/proc/${pid}/ns/pid_for_children`)
      expect(ns.types).toEqual(['pid'])
      expect(() => ns.spawn('true')).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_TYPE' }))
    })
  })
})

test('a stack that was opened twice is the same one, also where it comes with a user namespace', async () => {
  using ns = await Namespace.create({ types: ['net', 'user'] })
  using alias = await Namespace.open({ fd: ns.fd('net') })
  const bridge = await Bridge.create({ namespace: ns, name: 'br0' })
  const pair = await VethPair.create({ namespace: alias, name: 'a', master: bridge }, { namespace: ns, name: 'b' })
  expect(pair.a.master).toBe(bridge.index)
})

test('what has begun before close() ends, also on stacks just opened', async () => {
  using left = await Namespace.create()
  using right = await Namespace.create()
  const a = await Namespace.open({ fd: left.fd() })
  const b = await Namespace.open({ fd: right.fd() })
  const making = VethPair.create({ namespace: a, name: 'a' }, { namespace: b, name: 'b' })
  a.close()
  b.close()
  expect((await making).b.name).toBe('b')
  expect((await right.links.list()).map(({ name }) => name)).toEqual(['lo', 'b'])
})

describe('the working directory of a process in a mount namespace', () => {
  test('is one that is there only, or a relative one as it is outside', async () => {
    using ns = await Namespace.create({ types: ['mnt'] })
    // A bind mount of its own, seen inside only.
    const hidden = '/proc/tty/driver'
    await ns.execFile('mount', ['-t', 'tmpfs', 'inside', '/proc/tty'])
    await ns.execFile('mkdir', [hidden])
    expect((await ns.execFile('pwd', [], { cwd: hidden })).stdout).toBe(`${hidden}\n`)
    expect((await ns.execFile('pwd', [], { cwd: 'test' })).stdout).toBe(`${process.cwd()}/test\n`)
    await ns.execFile('mkdir', [`${hidden}/only`])
    const child = ns.fork(resolve('test/programs/cwd.mjs'), [], { cwd: `${hidden}/only` })
    const [message] = await once(child, 'message')
    expect(message).toBe(`${hidden}/only`)
    await once(child, 'exit')
  })
})

if (isRoot) {
  test("a process in another user's user namespace keeps no group of outside", async () => {
    const program = `
      import { Namespace } from 'linux-namespaces'
      const map = [{ inside: 0, outside: 4711 }]
      const ns = await Namespace.create({ types: ['user'], user: { uidMap: map, gidMap: map } })
      const { stdout } = await ns.execFile('grep', ['^Groups:', '/proc/self/status'])
      process.stdout.write(stdout)
      ns.close()`
    using ns = await Namespace.create()
    const args = ['--groups', '4,27', process.execPath, '--input-type=module', '-e', program]
    const { stdout } = await ns.execFile('setpriv', args)
    expect(stdout.trim()).toBe('Groups:')
  })
}
