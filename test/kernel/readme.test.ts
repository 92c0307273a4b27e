import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const run = promisify(execFile)
const readme = readFileSync('README.md', 'utf8')

test('the first program of the README has at most 20 lines and works', async () => {
  const program = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program])
  expect({ stdout, stderr }).toEqual({ stdout: 'hello from blue\n', stderr: '' })
})

describe('every example runs to its end', () => {
  for (const file of readdirSync('examples').filter((name) => name.endsWith('.mjs'))) {
    test(file, async () => {
      const { stdout, stderr } = await run(process.execPath, [`examples/${file}`])
      expect(stdout).not.toBe('')
      expect(stderr).toBe('')
    })
  }
})

test('every script the README names is there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] as string)
  expect(named.length).toBeGreaterThan(3)
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
})

test('the README tells what was measured, and when', () => {
  expect(readme).toMatch(/^\| linux-namespaces +\| +\d/m)
  expect(readme).toMatch(/^\| C program, raw netlink +\| +\d/m)
  expect(readme).toMatch(/On 20\d\d-\d\d-\d\d, /)
  expect(readme).not.toMatch(/^[A-Z]+$/m)
})
