import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../programs/million-routes.mjs', import.meta.url))
const mebibyte = 1024 * 1024

test('a million routes are streamed in a heap that is too small for a tenth of them', {
  timeout: 120_000,
}, async () => {
  const flags = ['--expose-gc', '--max-old-space-size=32']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program])
  const { streamed, heap, rss } = JSON.parse(stdout)
  expect(streamed).toBe(1_000_000)
  expect(heap).toBeLessThan(4 * mebibyte)
  expect(rss).toBeLessThan(64 * mebibyte)
})
