// @ts-check

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('vitest/program.mjs', import.meta.url))

// Where it ran is for the bench to verify.
const source = `import { readlinkSync } from 'node:fs'
test('is somewhere', ({ task }) => {
  task.meta.namespace = readlinkSync('/proc/self/ns/net')
})
`

/**
 * @param {string} pool
 * @param {number} files
 * @returns {Pick<import('../types.js').Peer, 'required' | 'perRound' | 'prepare'>}
 */
const running = (pool, files) => ({
  required: true,
  async prepare(folder) {
    const tests = join(folder, 'tests')
    mkdirSync(tests, { recursive: true })
    for (let i = 0; i < files; i++) writeFileSync(join(tests, `${i}.test.mjs`), source)
    return { file: process.execPath, args: [program, pool, tests] }
  },
})

/** @type {import('../types.js').MakePeer} */
export const namespacePool = (_, files) => ({
  ...running('namespaces', files),
  name: 'library',
  title: 'vitest, namespacePool()',
  differs: 'each file in a process of its own, in a network namespace of its own',
})

/** @type {import('../types.js').MakePeer} */
export const forksPool = (_, files) => ({
  ...running('forks', files),
  name: 'forks',
  title: "vitest, pool 'forks'",
  differs: 'each file in a process of its own, all of them in the namespace of the host',
  outside: true,
})
