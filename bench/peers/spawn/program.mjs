// @ts-check
// Runs commands by Node's own child_process.spawn.
//
//   program.mjs           /bin/true where this process is
//   program.mjs ip        by `ip netns exec`, in a namespace of the name bench-exec

import { execFileSync, spawn } from 'node:child_process'
import { serve, succeeded } from '../../session.mjs'

const name = 'bench-exec'
const byIp = process.argv[2] === 'ip'

/**
 * @param {string} command
 * @param {string[]} args
 */
async function execute(command, ...args) {
  const [file = '', ...rest] = [...(byIp ? ['ip', 'netns', 'exec', name] : []), command, ...args]
  await succeeded(spawn(file, rest, { stdio: 'inherit' }))
}

await serve({
  async hold() {
    if (!byIp) return { paths: [`/proc/${process.pid}/ns/net`] }
    execFileSync('ip', ['netns', 'add', name])
    return { paths: [`/proc/${process.pid}/root/run/netns/${name}`] }
  },
  async where() {
    await execute('readlink', '/proc/self/ns/net')
    return undefined
  },
  async run() {
    const start = performance.now()
    await execute('/bin/true')
    return { run: performance.now() - start }
  },
  async drop() {
    if (byIp) execFileSync('ip', ['netns', 'delete', name])
    return {}
  },
})
