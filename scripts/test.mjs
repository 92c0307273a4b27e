// @ts-check
// Runs vitest (arguments are passed on) and prints `N passed, N failed, N skipped` as the last line. The exit status is
// vitest's own; with REQUIRE_ALL=1 a skipped test is a failure too.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, root } from './tools.mjs'

/**
 * @typedef {{ fullName: string, status: string }} Assertion
 * @typedef {{ name: string, status: string, assertionResults: Assertion[] }} FileResult
 */

const folder = mkdtempSync(join(tmpdir(), 'vitest-'))
const report = join(folder, 'report.json')
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)]
const { status, error } = spawnSync(bin('vitest'), args, { cwd: root, stdio: 'inherit' })
if (error !== undefined) process.stderr.write(`vitest: ${error.message}\n`)

/** @type {FileResult[]} */
let files = []
try {
  files = JSON.parse(readFileSync(report, 'utf8')).testResults
} catch {
  process.stderr.write('vitest left no report\n')
}
rmSync(folder, { recursive: true, force: true })

const tests = files.flatMap((file) => file.assertionResults)
const passed = tests.filter((test) => test.status === 'passed').length
const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
// A file that could not be loaded holds no failed test and has failed all the same.
const broken = files.filter((f) => f.status === 'failed' && !f.assertionResults.some((t) => t.status === 'failed'))
let failed = tests.filter((test) => test.status === 'failed').length + broken.length

// An error outside any test: vitest says so by its status alone.
if (status !== 0 && failed === 0) failed = 1
if (process.env.REQUIRE_ALL === '1' && skipped.length > 0) {
  for (const test of skipped) process.stderr.write(`skipped, but REQUIRE_ALL=1: ${test.fullName}\n`)
  process.exitCode = 1
}
if (failed > 0) process.exitCode = status || 1
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`)
