import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PeerResult, Results } from '../../bench/types.js'

const program = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url))
const run = promisify(execFile)

let folder: string
let output: string
let results: Results

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'))
  const file = join(folder, 'results.json')
  const args = [program, '--rounds', '1', '--iterations', '2', '--warmup', '1', '--json', file]
  output = (await run(process.execPath, args)).stdout
  results = JSON.parse(readFileSync(file, 'utf8'))
}, 90_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function peersOf(workload: string): PeerResult[] {
  return results.workloads.find(({ name }) => name === workload)?.peers ?? []
}

function namesOf(workload: string): string[] {
  return peersOf(workload).map(({ name }) => name)
}

test('both workloads are run by this library and by every peer', () => {
  expect(results.workloads.map(({ name }) => name)).toEqual(['pair', 'exec'])
  expect(namesOf('pair')).toEqual(['library', 'c', 'library-first', 'ip'])
  expect(namesOf('exec')).toEqual(['library', 'c', 'spawn', 'ip', 'ip-node', 'library-first', 'spawn-first'])
})

test.each(['pair', 'exec'])('%s: what each peer built was read back before it was measured', (workload) => {
  const unverified = peersOf(workload).filter(({ verified, skipped }) => !verified || skipped !== undefined)
  expect(unverified).toEqual([])
})

test.each([
  ['pair', 2],
  ['exec', 4],
])('%s: every run is in the results, with medians and ratios', (workload, iterations) => {
  for (const peer of peersOf(workload)) {
    const runs = peer.name.endsWith('-first') ? Math.min(iterations, 3) : iterations
    expect(peer.rounds.map((round) => round.length)).toEqual([runs])
    expect(peer.run).toEqual({
      median: expect.any(Number),
      fastest: expect.any(Number),
      slowest: expect.any(Number),
      runs,
    })
    expect(peer.run?.fastest).toBeGreaterThan(0)
    expect(peer.ratioToC).toBeGreaterThan(0)
    expect(peer.ratioToLibrary).toBeGreaterThan(0)
    // Closing namespaces is timed where namespaces are made.
    expect(peer.close !== undefined).toBe(workload === 'pair')
  }
  const reference = (name: string) => peersOf(workload).find((peer) => peer.name === name)
  expect(reference('c')?.ratioToC).toBe(1)
  expect(reference('library')?.ratioToLibrary).toBe(1)
})

test('the results say where and how they were measured', () => {
  expect(results).toMatchObject({
    root: process.geteuid?.() === 0,
    rounds: 1,
    iterations: 2,
    warmup: 1,
    machine: { node: process.versions.node, arch: process.arch, kernel: expect.any(String), cpu: expect.any(String) },
  })
  expect(Date.parse(results.date)).toBeLessThanOrEqual(Date.now())
})

test('the table has a row and a note for each peer', () => {
  for (const { title, differs } of results.workloads.flatMap(({ peers }) => peers)) {
    expect(output).toContain(`| ${title} `)
    expect(output).toContain(`- ${title}: ${differs}.`)
  }
})

test('an option it does not know, or cannot use, is refused before anything is measured', async () => {
  const refused = [
    ['--rounds', '0'],
    ['--iterations', 'x'],
    ['--workload', 'none'],
    ['--bogus'],
    ['--json', '/proc/none/x'],
  ]
  for (const args of refused) {
    await expect(run(process.execPath, [program, ...args])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage:'),
    })
  }
})

test('a peer that cannot run is in the table with the reason', async () => {
  const file = join(folder, 'skipped.json')
  const args = [program, '--rounds', '1', '--iterations', '1', '--warmup', '0', '--workload', 'exec', '--json', file]
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, CC: 'no-such-compiler' } })
  const c = (JSON.parse(readFileSync(file, 'utf8')) as Results).workloads[0]?.peers.find(({ name }) => name === 'c')
  // EACCES where the PATH leads through a directory that is closed to this user.
  expect(c).toMatchObject({
    verified: false,
    skipped: expect.stringMatching(/^spawn no-such-compiler E(NOENT|ACCES)$/),
    rounds: [],
  })
  expect(stdout).toContain('- C program, posix_spawn: not run: spawn no-such-compiler E')
})
