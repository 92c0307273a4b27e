// execFile ends within its limits, also when what the command has started itself holds its streams open.
import { Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { isAlive } from '../helpers/processes.js'
import { until } from '../helpers/until.js'

let ns: Namespace
beforeAll(async () => {
  ns = await Namespace.create()
})
afterAll(() => ns.close())

/** Ends what a command left behind in the namespace, none of which the test waits for. */
async function clear(): Promise<number> {
  const pids = await ns.pids()
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await until('they are gone', () => !pids.some(isAlive))
  return pids.length
}

// It outlives every limit, in the same pipes.
const grandchild = 'sleep 60 & echo begun; sleep 60'

describe('a command whose child holds its streams open ends by', () => {
  test('its time limit', async () => {
    const error = await failure(ns.execFile('sh', ['-c', grandchild], { timeout: 300 }))
    expect(error).toMatchObject({ killed: true, signal: 'SIGTERM', code: null, stdout: 'begun\n' })
    expect(await clear()).toBeGreaterThan(0)
  })

  test('its signal, with an AbortError', async () => {
    const error = await failure(ns.execFile('sh', ['-c', grandchild], { signal: AbortSignal.timeout(300) }))
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    expect(await clear()).toBeGreaterThan(0)
  })

  test('the limit of its output', async () => {
    const error = await failure(ns.execFile('sh', ['-c', grandchild], { maxBuffer: 3 }))
    expect(error).toMatchObject({ code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', stdout: 'beg' })
    expect(await clear()).toBeGreaterThan(0)
  })
})

test('who aborts does not wait for a command that ignores its signal', async () => {
  const script = `trap '' TERM; echo begun; while :; do sleep 0.1; done`
  const error = await failure(ns.execFile('sh', ['-c', script], { signal: AbortSignal.timeout(300) }))
  expect(error).toMatchObject({ name: 'AbortError', stdout: 'begun\n' })
  expect(await clear()).toBeGreaterThan(0)
})

test('without a limit, what is written by a child of the command is waited for', async () => {
  const { stdout } = await ns.execFile('sh', ['-c', '(sleep 0.2; echo late) & echo early'])
  expect(stdout).toBe('early\nlate\n')
})
