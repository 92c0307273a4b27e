// @ts-check

import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('spawn/program.mjs', import.meta.url))

/** @type {import('../types.js').MakePeer} */
export const spawn = () => ({
  name: 'spawn',
  title: 'child_process.spawn',
  differs: 'enters no namespace: what starting a process from Node costs by itself',
  required: true,
  outside: true,
  prepare: async () => ({ file: process.execPath, args: [program] }),
})

/** @type {import('../types.js').MakePeer} */
export const spawnFirst = (workload, size) => ({
  ...spawn(workload, size),
  name: 'spawn-first',
  title: 'child_process.spawn, first in a process',
  differs: 'the same, the first process that Node starts',
  fresh: true,
  perRound: 3,
})
