// Fails every test that leaves a descriptor, a thread, a child, a mount, a name or a thread in another namespace behind.
import { watch } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Namespace } from 'linux-namespaces'
import { afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { useNetnsDirectory } from './netns-directory.js'
import { type ProcessState, processState, strayThreads } from './state.js'
import { isRoot } from './user.js'

let before: ProcessState

// The first name makes /run/netns a mount, which is no test's fault; and when all are done it is as it was.
if (isRoot) useNetnsDirectory()

// What stays for the life of the process is there before the first test: its own namespace, the shared user namespace, the
// native threads, the pools of Node.
beforeAll(async () => {
  await Namespace.list()
  const warm = await Namespace.create()
  await warm.execFile('true')
  warm.close()
  // libuv's inotify descriptor.
  watch('/').close()
  await settled()
})

// What ended in the background a moment ago (a pipe to a launcher, a namespace's descriptors) is not the next test's.
async function settled(): Promise<void> {
  let last: string
  do {
    last = JSON.stringify(processState())
    await sleep(20)
  } while (JSON.stringify(processState()) !== last)
}

beforeEach(() => {
  before = processState()
})

afterEach(async () => {
  const deadline = Date.now() + 2000
  while (JSON.stringify(processState()) !== JSON.stringify(before) && Date.now() < deadline) await sleep(10)
  expect(processState(), 'what the test left behind').toEqual(before)
  expect(strayThreads(), 'threads in other namespaces').toEqual([])
})
