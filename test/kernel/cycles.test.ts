// The same again and again: what the process holds stays the same.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Namespace } from 'linux-namespaces'
import { describe, expect, test } from 'vitest'
import { ending } from '../helpers/child.js'

const program = fileURLToPath(new URL('../programs/cycles.mjs', import.meta.url))
const mebibyte = 1024 * 1024

interface State {
  descriptors: number
  threads: number
  rss: number
  heapUsed: number
  external: number
}

describe('after a warm-up of half as many, descriptors, threads and memory stay flat over', () => {
  test.each([
    ['namespace', 1000],
    ['types', 1000],
    ['open', 1000],
    ['pair', 1000],
    ['sysctl', 1000],
    ['abort', 1000],
    ['execFile', 300],
    ['failure', 100],
  ])(
    '%s: %i cycles',
    async (what, count) => {
      const child = spawn(process.execPath, ['--expose-gc', program, what, `${count}`])
      const { stdout, stderr, code } = await ending(child)
      expect([stderr, code]).toEqual(['', 0])
      const { before, after }: { before: State; after: State } = JSON.parse(stdout)
      expect(after.descriptors).toBe(before.descriptors)
      expect(after.threads).toBe(before.threads)
      // What JavaScript and its buffers hold is exact after a collection: a forgotten promise or buffer a cycle shows.
      expect(after.heapUsed - before.heapUsed).toBeLessThan(count * 1024)
      expect(after.external - before.external).toBeLessThan(count * 256)
      // Pages go back to the kernel at V8's and malloc's leisure. A netlink buffer or a stack a cycle would be far more.
      expect(after.rss - before.rss).toBeLessThan(24 * mebibyte)
    },
    120_000,
  )
})

test('200 namespaces are made at once, and each is one of its own', async () => {
  const all = await Promise.all(Array.from({ length: 200 }, () => Namespace.create()))
  expect(new Set(all.map((ns) => ns.inode())).size).toBe(200)
  const links = await Promise.all(all.map((ns) => ns.links.list()))
  expect(links.every(([lo, ...others]) => lo?.name === 'lo' && lo.isUp && others.length === 0)).toBe(true)
  for (const ns of all) ns.close()
})

test('200 namespaces of many types are made at once', async () => {
  const all = await Promise.all(
    Array.from({ length: 200 }, (_, i) => Namespace.create({ types: ['net', 'uts', 'ipc', 'mnt'], hostname: `h${i}` })),
  )
  for (const type of ['net', 'uts', 'ipc', 'mnt'] as const)
    expect(new Set(all.map((ns) => ns.inode(type))).size).toBe(200)
  expect((await all[117]?.execFile('hostname'))?.stdout).toBe('h117\n')
  for (const ns of all) ns.close()
})
