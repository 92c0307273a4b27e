// @ts-check
// `ip`, in a network and a mount namespace of its own, with a /run of its own: the host sees no link and no name of its
// making, and nothing stays when it is killed.

import { fileURLToPath } from 'node:url'
import { unshared } from '../privilege.mjs'

const shell = fileURLToPath(new URL('ip/main.sh', import.meta.url))
const spawner = fileURLToPath(new URL('spawn/program.mjs', import.meta.url))
const reader = fileURLToPath(new URL('ip-json/program.mjs', import.meta.url))

/** @param {string[]} args */
const run = (...args) => unshared(['net', 'mount'], { file: 'bash', args: [shell, ...args] })

/**
 * A command that sees a /run of its own.
 *
 * @param {import('../types.js').Command} command
 */
export function inOwnRun({ file, args }) {
  return run('then', file, ...args)
}

/** @type {Record<string, string>} */
const commandsDiffer = {
  pair: 'twelve processes, started by bash; pins names; makes the pair outside and moves its ends',
  star: 'ten processes for each leaf, started by bash; pins names; makes the pairs outside and moves their ends',
  exec: 'started by bash; makes a mount namespace and mounts /sys again for each command',
}

/** @type {import('../types.js').MakePeer} */
export const ip = (workload, size) => ({
  name: 'ip',
  title: workload === 'exec' ? 'ip netns exec' : 'ip commands',
  differs: commandsDiffer[workload] ?? '',
  ...(workload === 'exec' ? {} : { perRound: 5 }),
  slow: size > 0,
  prepare: async () => run(workload, `${size}`),
})

/** @type {Record<string, { script?: string, title?: string, differs: string }>} */
const batches = {
  pair: { script: 'pair-batch', differs: 'three processes, started by bash; pins names' },
  star: { script: 'star-batch', differs: 'a process for each leaf, started by bash; pins names' },
  'routes-add': { differs: 'reads the routes from a file' },
  'routes-dump': { title: 'ip -j route', differs: 'text into a file, not objects' },
  'links-dump': { title: 'ip -j -d link', differs: 'text into a file, not objects' },
}

/** @type {import('../types.js').MakePeer} */
export const ipBatch = (workload, size) => {
  const { script = workload, title = 'ip -batch', differs } = batches[workload] ?? { differs: '' }
  return { name: 'ip-batch', title, differs, prepare: async () => run(script, `${size}`) }
}

/** @type {import('../types.js').MakePeer} */
export const ipJson = (workload, size) => ({
  name: 'ip-node',
  title: `${batches[workload]?.title}, from Node`,
  differs: 'child_process.execFile and JSON.parse, as a Node program without this library would',
  prepare: async () => inOwnRun({ file: process.execPath, args: [reader, workload, `${size}`] }),
})

/** @type {import('../types.js').MakePeer} */
export const ipExecFromNode = () => ({
  name: 'ip-node',
  title: 'ip netns exec, from Node',
  differs: 'the same, started by child_process.spawn, as a Node program without this library would',
  prepare: async () => inOwnRun({ file: process.execPath, args: [spawner, 'ip'] }),
})
