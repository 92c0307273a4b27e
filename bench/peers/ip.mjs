// @ts-check
// The commands of the tutorials. They run in a network and a mount namespace of their own, with a /run of their own: the
// host sees no link and no name of theirs, and nothing stays when they are killed.

import { fileURLToPath } from 'node:url'
import { unshared } from '../privilege.mjs'

const shell = fileURLToPath(new URL('ip.sh', import.meta.url))
const spawner = fileURLToPath(new URL('spawn-program.mjs', import.meta.url))

/**
 * @param {string[]} args
 * @returns {import('../types.js').Peer['prepare']}
 */
const run =
  (...args) =>
  async () =>
    unshared(['net', 'mount'], { file: 'bash', args: [shell, ...args] })

/** @type {import('../types.js').Peer} */
export const pair = {
  name: 'ip',
  title: 'ip commands',
  differs: 'twelve processes, started by bash; pins names; makes the pair outside and moves its ends',
  perRound: 5,
  prepare: run('pair'),
}

/** @type {import('../types.js').Peer} */
export const exec = {
  name: 'ip',
  title: 'ip netns exec',
  differs: 'started by bash; makes a mount namespace and mounts /sys again for each command',
  prepare: run('exec'),
}

/** @type {import('../types.js').Peer} */
export const execFromNode = {
  name: 'ip-node',
  title: 'ip netns exec, from Node',
  differs: 'the same, started by child_process.spawn, as a Node program without this library would',
  prepare: run('then', process.execPath, spawner, 'ip'),
}
