// @ts-check

import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('library/program.mjs', import.meta.url))
const title = 'linux-namespaces'

/** @type {Record<string, string>} */
const differs = {
  pair: 'anonymous namespaces; what is asked for in one tick goes out as one batch; reads both ends of the pair back',
  star: 'all leaves at once by Promise.all; reads both ends of each pair back',
  'routes-add': 'one array: one call, and one promise',
  'routes-add-each': 'Promise.all of one call for each route',
  'routes-dump': 'into objects with all fields; addresses are text',
  'links-dump': 'into objects that are decoded where they are read, then with all fields',
  exec: 'ns.spawn: a child_process.spawn of the launcher, which enters the namespace and becomes the command',
}

/** @type {import('../types.js').MakePeer} */
export const library = (workload, size) => ({
  name: 'library',
  title,
  differs: differs[workload] ?? '',
  required: true,
  prepare: async () => ({ file: process.execPath, args: [program, workload, `${size}`] }),
})

/** @type {import('../types.js').MakePeer} */
export const libraryEach = (workload, size) => ({
  ...library(`${workload}-each`, size),
  name: 'library-each',
  title: `${title}, a promise each`,
})

/** @type {Record<string, string>} */
const firstDiffers = {
  pair: "the same, in a process that has loaded the library and done nothing yet (an ordinary user's makes its user namespace first)",
  exec: 'the same, the first process that Node starts',
}

/** @type {import('../types.js').MakePeer} */
export const libraryFirst = (workload, size) => ({
  ...library(workload, size),
  name: 'library-first',
  title: `${title}, first in a process`,
  differs: firstDiffers[workload] ?? 'the same, the first time that the process does it',
  fresh: true,
  perRound: 3,
})
