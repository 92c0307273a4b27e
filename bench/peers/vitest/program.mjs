// @ts-check
// Runs test files with vitest, each in a process of its own, one after the other.
//
//   program.mjs POOL FOLDER       `forks`, or `namespaces`; the files are FOLDER/*.test.mjs

import { Writable } from 'node:stream'
import { namespacePool } from 'linux-namespaces/vitest/pool'
import { createVitest } from 'vitest/node'
import { serve } from '../../session.mjs'

const [, , pool, root = ''] = process.argv

// This program's output is its answers.
const silent = () => new Writable({ write: (_chunk, _encoding, done) => done() })

const vitest = await createVitest(
  'test',
  {
    root,
    config: false,
    watch: false,
    globals: true,
    include: ['*.test.mjs'],
    reporters: [{}],
    pool: pool === 'forks' ? 'forks' : namespacePool(),
    maxWorkers: 1,
  },
  {},
  { stdout: silent(), stderr: silent() },
)
const files = await vitest.globTestSpecifications()

async function runAll() {
  const start = performance.now()
  const { testModules } = await vitest.runTestSpecifications(files)
  const run = (performance.now() - start) / files.length
  if (testModules.length !== files.length || testModules.some((module) => !module.ok()))
    throw new Error('a test failed')
  return { run, testModules }
}

await serve({
  hold: async () => ({}),
  /** In which namespaces the tests of each file ran. */
  async where() {
    const { testModules } = await runAll()
    return {
      namespaces: testModules.map((module) => module.children.at(0)?.type === 'test' && module.children.at(0)?.meta()),
    }
  },
  async run() {
    return { run: (await runAll()).run }
  },
  drop: async () => ({}),
})
await vitest.close()
