// @ts-check
// What most Node programs do: `ip -j`, and JSON.parse. The namespace is made by ../ip/main.sh, under whose /run this is.
//
//   program.mjs WORKLOAD SIZE

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Session, serve } from '../../session.mjs'

const shell = fileURLToPath(new URL('../ip/main.sh', import.meta.url))
const [, , workload = '', size = ''] = process.argv
const tables = { 'routes-dump': ['-4', '-j', 'route', 'show'], 'links-dump': ['-j', '-d', 'link', 'show'] }
const args = workload === 'routes-dump' ? tables['routes-dump'] : tables['links-dump']
const script = new Session({ file: 'bash', args: [shell, workload, size] })
const mostBytes = 2 ** 30

await serve({
  hold: async () => JSON.parse(await script.ask('hold')),
  drop: async () => JSON.parse(await script.ask('drop')),
  async run() {
    const start = performance.now()
    const { stdout } = await promisify(execFile)('ip', ['-n', 'bench-a', ...args], { maxBuffer: mostBytes })
    /** @type {unknown[]} */
    const entries = JSON.parse(stdout)
    const run = performance.now() - start
    if (entries.length < Number(size)) throw new Error(`${entries.length} entries`)
    return { run }
  },
})
await script.close()
