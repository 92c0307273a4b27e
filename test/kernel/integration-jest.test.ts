import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { expectGone, namespaceWithout, runNode } from '../helpers/runner.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jest-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Assertion {
  title: string
  status: string
  failureMessages: string[]
}

/** Runs Jest on some files in a folder and reads its report. */
async function jest(project: string, files: string[], env: NodeJS.ProcessEnv = {}, ns?: Namespace) {
  const report = join(folder, 'report.json')
  const options = ['--json', `--outputFile=${report}`, `--cacheDirectory=${join(folder, 'cache')}`]
  const args = [resolve('node_modules/jest/bin/jest.js'), ...options, ...files]
  const run = await runNode(project, args, { MEETING: folder, ...env }, ns)
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { name: string; message: string; assertionResults: Assertion[] }[]
  }
  return { ...run, files: testResults, tests: testResults.flatMap((file) => file.assertionResults) }
}

const statuses = (tests: Assertion[]) => tests.map(({ status }) => status)

test("Jest's environment has namespaces for each test, closed with it", { timeout: 120_000 }, async () => {
  const { status, output, tests } = await jest('test/integrations/jest/fixtures', ['passing'])
  expect({ status, output }).toMatchObject({ status: 0 })
  expect(statuses(tests)).toEqual(['passed', 'passed', 'passed'])
})

test('a failing test of Jest tells what its namespaces looked like', { timeout: 120_000 }, async () => {
  const { status, tests } = await jest('test/integrations/jest/fixtures', ['failing'])
  expect(status).toBe(1)
  expect(tests[0]?.failureMessages[0]).toMatch(/The namespaces of this test when it failed:\nnamespace net:/)
  expect(tests[0]?.failureMessages[0]).toContain('\n    default via 10.0.0.2 dev eth0\n')
})

test('a test of Jest is skipped for what this machine lacks, or fails where all is required', {
  timeout: 120_000,
}, async () => {
  const skipped = await jest('test/integrations/jest/fixtures', ['missing'])
  expect(skipped).toMatchObject({ status: 0, output: expect.stringMatching(/skipped 'a link of no kind': .*nonesuch/) })
  expect(statuses(skipped.tests)).toEqual(['pending'])
  const failed = await jest('test/integrations/jest/fixtures', ['missing'], { REQUIRE_ALL: '1' })
  expect(failed.status).toBe(1)
  expect(failed.tests[0]?.failureMessages[0]).toContain('The kernel lacks what the test needs')
})

test("Jest's runner gives each file a network namespace of its own, at the same time", {
  timeout: 120_000,
}, async () => {
  const { status, output, tests } = await jest('test/integrations/jest/pool', ['port'])
  expect({ status, output }).toMatchObject({ status: 0 })
  expect(statuses(tests)).toEqual(Array(4).fill('passed'))
  const namespaces = ['left', 'right'].map((name) => readFileSync(join(folder, name), 'utf8'))
  expect(new Set([...namespaces, readlinkSync('/proc/self/ns/net')]).size).toBe(3)
  expectGone(namespaces)
})

test("Jest's runner reports what fails, and files whose process dies", { timeout: 120_000 }, async () => {
  const { status, files } = await jest('test/integrations/jest/pool', ['failing', 'dying'])
  expect(status).toBe(1)
  const messageOf = (name: string) => files.find((file) => file.name.endsWith(name))?.message
  expect(messageOf('failing.case.cjs')).toContain('Expected: "what is wanted"')
  expect(messageOf('dying.case.cjs')).toContain('The process of the test file has ended (SIGKILL)')
})

test('the example for Jest has both', { timeout: 120_000 }, async () => {
  const { status, output, tests } = await jest('examples/jest', [])
  expect({ status, output }).toMatchObject({ status: 0 })
  expect(statuses(tests)).toEqual(['passed'])
})

test('where no namespace may be made, tests of Jest are skipped, and files of the runner fail', {
  timeout: 120_000,
}, async () => {
  await using ns = await namespaceWithout()
  const skipped = await jest('test/integrations/jest/fixtures', ['missing'], {}, ns)
  expect(skipped).toMatchObject({
    status: 0,
    output: expect.stringContaining('This process may not do what the test needs: ENOSPC'),
  })
  expect(statuses(skipped.tests)).toEqual(['pending'])
  const { status, files } = await jest('test/integrations/jest/pool', ['failing'], {}, ns)
  expect(status).toBe(1)
  expect(files[0]?.message).toContain('This process may not do what the test needs: ENOSPC')
})
