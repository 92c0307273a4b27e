import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Namespace } from 'linux-namespaces'
import { afterEach, describe, expect, test } from 'vitest'
import { ending, firstOutput } from '../helpers/child.js'
import { commandOf, isAlive, namespaceOf } from '../helpers/processes.js'
import { until } from '../helpers/until.js'
import { isRoot } from '../helpers/user.js'

const program = fileURLToPath(new URL('../programs/children.mjs', import.meta.url))
let pids: Record<string, number> = {}

async function start(...args: string[]): Promise<ChildProcess> {
  const parent = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  pids = JSON.parse(await firstOutput(parent))
  // They are what they are to be only when the launcher has become the command.
  for (const pid of Object.values(pids)) {
    await until(`${pid} runs sleep`, () => commandOf(pid) === 'sleep 1000' || !isAlive(pid))
  }
  return parent
}

const living = () =>
  Object.keys(pids)
    .filter((kind) => isAlive(pids[kind] as number))
    .sort()

afterEach(async () => {
  for (const kind of living()) {
    process.kill(pids[kind] as number, 'SIGKILL')
    await until(`${kind} is gone`, () => !isAlive(pids[kind] as number))
  }
  pids = {}
})

const detached = ['detached', 'detachedMounts']

describe('when the process is killed', () => {
  test('children in anonymous namespaces die with it, and detached ones live on', async () => {
    const parent = await start('wait')
    expect(living()).toEqual(['anonymous', ...detached, 'mounts'].sort())
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    await until('the others are gone', () => living().length === detached.length)
    expect(living()).toEqual(detached)
  })

  test('a detached child keeps its namespace', async () => {
    const parent = await start('wait')
    const before = detached.map((kind) => namespaceOf(pids[kind] as number))
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    expect(detached.map((kind) => namespaceOf(pids[kind] as number))).toEqual(before)
    expect(before).not.toContain(namespaceOf('self'))
  })
})

test('when the process exits, children in anonymous namespaces die with it, and detached ones live on', async () => {
  const parent = await start('exit')
  if (parent.exitCode === null) await once(parent, 'exit')
  expect(parent.exitCode).toBe(0)
  await until('the others are gone', () => living().length === detached.length)
  expect(living()).toEqual(detached)
})

test('a child keeps its namespace after close()', async () => {
  const ns = await Namespace.create()
  const inode = ns.inode()
  const child = ns.spawn('sh', ['-c', 'read line; readlink /proc/self/ns/net; cat /proc/net/dev'])
  ns.close()
  child.stdin?.end('go\n')
  const { code, stdout } = await ending(child)
  expect(code).toBe(0)
  expect(stdout).toContain(`net:[${inode}]\n`)
  expect(stdout).toContain(' lo:')
})

test('pids() are those of the children, while they are there', async () => {
  using ns = await Namespace.create()
  const children = [ns.spawn('cat'), ns.spawn('cat')]
  const endings = children.map(ending)
  const expected = children.map(({ pid }) => pid as number).sort((a, b) => a - b)
  await until('both are inside', async () => (await ns.pids()).length === 2)
  expect(await ns.pids()).toEqual(expected)
  for (const { stdin } of children) stdin?.end()
  await Promise.all(endings)
  expect(await ns.pids()).toEqual([])
})

if (isRoot) {
  test('a child in a named namespace lives on, as one with another uid in an anonymous one does not', async () => {
    const name = `lnlife${process.pid}`
    const ns = await Namespace.create({ name })
    try {
      const parent = await start('wait', name)
      expect(namespaceOf(pids.named as number)).toBe(`net:[${ns.inode()}]`)
      expect(living()).toContain('other')
      parent.kill('SIGKILL')
      await once(parent, 'exit')
      const remaining = [...detached, 'named']
      await until('the others are gone', () => living().length === remaining.length)
      expect(living()).toEqual(remaining)
    } finally {
      await Namespace.delete(name)
      ns.close()
    }
  })
} else {
  test('a namespace opened from another process of the same user takes children', async () => {
    using ns = await Namespace.create()
    const child = ns.spawn('cat')
    await until('it is inside', async () => (await ns.pids()).length === 1)
    using other = await Namespace.open({ pid: child.pid as number })
    expect(other.equals(ns)).toBe(true)
    const { stdout } = await other.execFile('readlink', ['/proc/self/ns/net'])
    expect(stdout).toBe(`net:[${ns.inode()}]\n`)
    const ended = ending(child)
    child.stdin?.end()
    await ended
  })
}
