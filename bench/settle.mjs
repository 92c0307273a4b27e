// @ts-check
// Closing a namespace's last descriptor is quick; the kernel takes it down later, under the lock that every change of a
// network stack needs. Without waiting for that, each run would pay for the one before it, whoever's it was.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

// A netlink socket gives its namespace up an RCU grace period after it was closed; only then the work is queued.
const quietMs = 40
const pollMs = 5
const limitMs = 10_000
// Where the kernel's threads cannot be seen, in a pid namespace.
const blindWaitMs = 150

/** @param {string} pid */
function threadName(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8')
  } catch {
    return '' // it has ended
  }
}

/**
 * Whether the kernel is taking namespaces down: a worker is named `kworker/…+netns` while it runs that queue's work.
 *
 * @returns {'busy' | 'idle' | 'unknown'}
 */
function cleanup() {
  const workers = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(threadName)
    .filter((name) => name.startsWith('kworker'))
  if (workers.length === 0) return 'unknown'
  return workers.some((name) => name.includes('+netns')) ? 'busy' : 'idle'
}

/**
 * Waits until the kernel has taken down all namespaces that were given up.
 *
 * @returns {Promise<boolean>} false when something still kept it busy after ten seconds
 */
export async function settled() {
  const started = performance.now()
  let quietSince = started
  while (performance.now() - quietSince < quietMs) {
    if (performance.now() - started > limitMs) return false
    const state = cleanup()
    if (state === 'unknown') {
      await sleep(blindWaitMs)
      return true
    }
    if (state === 'busy') quietSince = performance.now()
    await sleep(pollMs)
  }
  return true
}
