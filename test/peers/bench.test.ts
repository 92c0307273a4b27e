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

const workloads = ['pair', 'star100', 'links-dump', 'exec']

let folder: string
let output: string
let results: Results

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'))
  const file = join(folder, 'results.json')
  const chosen = workloads.flatMap((name) => ['--workload', name])
  const args = [program, '--rounds', '1', '--iterations', '2', '--warmup', '1', ...chosen, '--json', file]
  output = (await run(process.execPath, args)).stdout
  results = JSON.parse(readFileSync(file, 'utf8'))
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function peersOf(workload: string): PeerResult[] {
  return results.workloads.find(({ name }) => name === workload)?.peers ?? []
}

function namesOf(workload: string): string[] {
  return peersOf(workload).map(({ name }) => name)
}

test('each workload is run by this library and by every peer', () => {
  const others = ['rust', 'go', 'python', 'ip-batch']
  expect(results.workloads.map(({ name }) => name)).toEqual(workloads)
  expect(namesOf('pair')).toEqual(['library', 'c', 'library-first', ...others, 'ip'])
  expect(namesOf('star100')).toEqual(['library', 'c', ...others, 'ip'])
  expect(namesOf('links-dump')).toEqual(['library', 'c', 'library-first', ...others, 'ip-node'])
  expect(namesOf('exec')).toEqual(['library', 'c', 'spawn', 'ip', 'ip-node', 'library-first', 'spawn-first'])
})

test.each(workloads)('%s: what each peer built was read back before it was measured', (workload) => {
  const peers = peersOf(workload)
  // Those in other languages may not be installed here; then the reason names the packages that bring them.
  const [missing, present] = [true, false].map((is) => peers.filter(({ skipped }) => (skipped !== undefined) === is))
  expect(missing?.filter(({ skipped }) => !skipped?.includes('(apt-get install '))).toEqual([])
  expect(present?.filter(({ verified }) => !verified)).toEqual([])
  expect(present?.map(({ name }) => name)).toEqual(expect.arrayContaining(['library', 'c']))
})

test.each([
  ['pair', 2],
  ['star100', 1],
  ['links-dump', 1],
  ['exec', 4],
])('%s: every run is in the results, with medians and ratios', (workload, iterations) => {
  for (const peer of peersOf(workload).filter(({ skipped }) => skipped === undefined)) {
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
    expect(peer.close !== undefined).toBe(workload === 'pair' || workload === 'star100')
  }
  const reference = (name: string) => peersOf(workload).find((peer) => peer.name === name)
  expect(reference('c')?.ratioToC).toBe(1)
  expect(reference('library')?.ratioToLibrary).toBe(1)
})

test('the memory that a process needs for each namespace is in the results', () => {
  const memory = (workload: string) => peersOf(workload).find(({ name }) => name === 'library')?.memory
  expect(memory('star100')).toBeGreaterThan(0)
  expect(memory('pair')).toBeUndefined()
  expect(output).toContain('memory for each')
})

test.each(['routes-add', 'routes-dump'])(
  '%s: what the library and the C program do is what is claimed',
  (workload) => {
    const file = join(folder, `${workload}.json`)
    const peers = ['--peer', 'library', '--peer', 'library-each', '--peer', 'c']
    const few = ['--rounds', '1', '--iterations', '1', '--warmup', '0']
    return run(process.execPath, [program, ...few, '--workload', workload, ...peers, '--json', file]).then(() => {
      const found = (JSON.parse(readFileSync(file, 'utf8')) as Results).workloads[0]?.peers ?? []
      const names = workload === 'routes-add' ? ['library', 'library-each', 'c'] : ['library', 'c']
      expect(found.map(({ name, verified }) => ({ name, verified }))).toEqual(
        names.map((name) => ({ name, verified: true })),
      )
    })
  },
  120_000,
)

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
  for (const { title, differs, skipped } of results.workloads.flatMap(({ peers }) => peers)) {
    expect(output).toContain(`| ${title} `)
    expect(output).toContain(`- ${title}: ${skipped === undefined ? differs : `not run: ${skipped}`}.`)
  }
})

test('an option it does not know, or cannot use, is refused before anything is measured', async () => {
  const refused = [
    ['--rounds', '0'],
    ['--iterations', 'x'],
    ['--workload', 'none'],
    ['--peer', 'none'],
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
    skipped: expect.stringMatching(/^spawn no-such-compiler E(NOENT|ACCES) \(apt-get install gcc libc6-dev\)$/),
    rounds: [],
  })
  expect(stdout).toContain('- C program, posix_spawn: not run: spawn no-such-compiler E')
})
