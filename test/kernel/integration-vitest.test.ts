import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectGone, namespaceWithout, runNode } from '../helpers/runner.js'
import { isRoot } from '../helpers/user.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitest-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Assertion {
  title: string
  status: string
  failureMessages: string[]
  meta: { namespaces?: string }
}

/** Runs vitest in a folder and reads its report. */
async function vitest(project: string, args: string[] = [], env: NodeJS.ProcessEnv = {}, ns?: Namespace) {
  const report = join(folder, 'report.json')
  const program = resolve('node_modules/vitest/vitest.mjs')
  const options = ['run', '--reporter=json', '--reporter=default', `--outputFile.json=${report}`, ...args]
  const run = await runNode(project, [program, ...options], { MEETING: folder, ...env }, ns)
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { message: string; assertionResults: Assertion[] }[]
  }
  return { ...run, files: testResults, tests: testResults.flatMap((file) => file.assertionResults) }
}

describe('the fixtures for vitest', { timeout: 120_000 }, () => {
  test('are made for a test, a file or a worker, and closed at its end', async () => {
    const { status, output, tests } = await vitest('test/integrations/vitest/fixtures', ['passing'])
    expect({ status, output }).toMatchObject({ status: 0 })
    expect(tests.map(({ status }) => status)).toEqual(Array(9).fill('passed'))
  })

  test('tell with the error of a failing test what its namespaces looked like', async () => {
    const { status, output, tests } = await vitest('test/integrations/vitest/fixtures', ['failing'])
    expect(status).toBe(1)
    const [pair, file, none] = tests
    expect(pair?.failureMessages[0]).toMatch(/default via 10\.0\.0\.2 dev eth0[\s\S]*10\.0\.0\.2\/24/)
    expect(pair?.failureMessages[0]).toContain("expected 'what is' to be 'what is wanted'")
    expect(pair?.meta.namespaces).toMatch(/^namespace net:[\s\S]*\nnamespace net:/)
    expect(file?.failureMessages[0]).toMatch(/br-file bridge/)
    expect(none?.failureMessages[0]).not.toContain('namespaces of this test')
    expect(output).toMatch(/The namespaces of this test when it failed:\nnamespace net:/)
  })

  test('skip what this machine lacks, or fail where all is required', async () => {
    const skipped = await vitest('test/integrations/vitest/fixtures', ['missing'])
    expect(skipped.status).toBe(0)
    expect(skipped.tests.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'passed'])
    const failed = await vitest('test/integrations/vitest/fixtures', ['missing'], { REQUIRE_ALL: '1' })
    expect(failed.tests.map(({ status }) => status)).toEqual(['failed', 'failed', 'passed'])
    expect(failed.tests[0]?.failureMessages[0]).toMatch(
      /RequirementError: The kernel lacks what the test needs: .*nonesuch/,
    )
  })

  test('skip where no namespace may be made', async () => {
    await using ns = await namespaceWithout()
    const { status, output, tests } = await vitest('test/integrations/vitest/fixtures', ['passing'], {}, ns)
    expect({ status, output }).toMatchObject({ status: 0 })
    expect(tests.map(({ status }) => status)).toEqual(Array(9).fill('skipped'))
  })
})

describe('the pool for vitest', { timeout: 120_000 }, () => {
  test('gives each file a network namespace of its own, at the same time', async () => {
    const { status, output, tests } = await vitest('test/integrations/vitest/pool', [])
    expect({ status, output }).toMatchObject({ status: 0 })
    expect(tests.map(({ status }) => status)).toEqual(Array(6).fill('passed'))
    const namespaces = ['left', 'right'].map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(new Set([...namespaces, readlinkSync('/proc/self/ns/net')]).size).toBe(3)
    expectGone(namespaces)
  })

  test('and the fixtures are what the example shows', async () => {
    const { status, output, tests } = await vitest('examples/vitest')
    expect({ status, output }).toMatchObject({ status: 0 })
    expect(tests.map(({ status }) => status)).toEqual(['passed', 'passed'])
  })

  test('says why a file cannot have one', async () => {
    const options = isRoot ? { types: ['net'], user: { uidMap: 'all' } } : { name: 'needs-root' }
    const { status, output } = await vitest('test/integrations/vitest/pool', [], {
      POOL_OPTIONS: JSON.stringify(options),
    })
    expect(status).toBe(1)
    expect(output).toContain(
      isRoot
        ? "TypeError: The argument 'user.uidMap' is invalid"
        : 'RequirementError: This process may not do what the test needs: EPERM',
    )
  })
})
