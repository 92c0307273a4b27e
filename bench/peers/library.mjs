// @ts-check

import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('library-program.mjs', import.meta.url))

/**
 * @param {string} workload
 * @returns {Pick<import('../types.js').Peer, 'prepare' | 'required'>}
 */
function measured(workload) {
  return { required: true, prepare: async () => ({ file: process.execPath, args: [program, workload] }) }
}

/** @type {import('../types.js').Peer} */
export const pair = {
  name: 'library',
  title: 'linux-namespaces',
  differs:
    'anonymous namespaces; what is asked for in one tick goes out as one batch; reads both ends of the pair back',
  ...measured('pair'),
}

/** @type {import('../types.js').Peer} */
export const pairCold = {
  ...pair,
  name: 'library-first',
  title: 'linux-namespaces, first in a process',
  differs:
    "the same, in a process that has loaded the library and done nothing yet (an ordinary user's makes its user namespace first)",
  fresh: true,
  perRound: 3,
}

/** @type {import('../types.js').Peer} */
export const exec = {
  name: 'library',
  title: 'linux-namespaces',
  differs: 'ns.spawn: a child_process.spawn of the launcher, which enters the namespace and becomes the command',
  ...measured('exec'),
}

/** @type {import('../types.js').Peer} */
export const execCold = {
  ...exec,
  name: 'library-first',
  title: 'linux-namespaces, first in a process',
  differs: 'the same, the first process that Node starts',
  fresh: true,
  perRound: 3,
}
