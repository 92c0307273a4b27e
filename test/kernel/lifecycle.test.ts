// Each way of ending a process ends it: with status 0, by no signal, and without a word.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ending } from '../helpers/child.js'

const program = fileURLToPath(new URL('../programs/exits.mjs', import.meta.url))

const ways = [
  'with nothing to do',
  'with everything closed',
  'before anything was asked',
  'by process.exit() in the middle of work',
  'by process.exit() in the same tick',
  'by process.exit() in the exit event',
  'with a watch that is not ended',
  'with watches of a network stack that are not ended',
  'with a watch that nobody reads',
  'with a Worker at work',
  'with a Worker that has ended',
  'with an unreferenced child',
  'by an error that is caught at the top',
  'by SIGTERM that is handled',
]

describe('a process ends', () => {
  test.each(ways)('%s', async (how) => {
    for (let round = 0; round < 3; round++) {
      const end = await ending(spawn(process.execPath, [program, how], { stdio: ['ignore', 'pipe', 'pipe'] }))
      expect(end).toMatchObject({ code: 0, signal: null, stdout: '', stderr: '' })
    }
  })

  test('when it loads the package and does nothing with it', async () => {
    for (const source of [
      "import 'linux-namespaces'",
      "import 'linux-namespaces/syscalls'",
      "import 'linux-namespaces/netlink'",
    ]) {
      const end = await ending(spawn(process.execPath, ['--input-type=module', '-e', source]))
      expect(end).toMatchObject({ code: 0, signal: null, stdout: '', stderr: '' })
    }
  })
})
