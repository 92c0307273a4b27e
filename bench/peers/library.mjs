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
  socket: "ns.socket('inet', 'stream'), one after the other: a child that shares this process's memory makes it there",
  'socket-together': 'eight are asked for in one tick and made in one visit; the time for each of them',
  'socket-udp': "ns.createSocket('udp4'): a dgram.Socket, bound",
  'http-agent': 'ns.listen and ns.httpAgent over a veth pair with its usual MTU of 1,500',
  'http-agent-large': 'the same, the MTU of the veth pair set to 65,535',
  'http-agent-loopback':
    'the same over the loopback of one namespace: what the veth pair costs the kernel is not in it',
  'http-dispatcher': 'ns.dispatcher and request of undici over the veth pair with its usual MTU',
}

/** @type {import('../types.js').MakePeer} */
export const library = (workload, size) => ({
  name: 'library',
  title,
  differs: differs[workload] ?? '',
  required: true,
  prepare: async () => ({ file: process.execPath, args: [program, workload, `${size}`] }),
})

/**
 * A variant of a workload, as a row of its own.
 *
 * @param {string} variant what is added to the name of the workload
 * @param {string} words
 * @returns {import('../types.js').MakePeer}
 */
const variantOf = (variant, words) => (workload, size) => ({
  ...library(`${workload}-${variant}`, size),
  name: `library-${variant}`,
  title: `${title}, ${words}`,
})

export const libraryEach = variantOf('each', 'a promise each')
export const libraryTogether = variantOf('together', '8 in one tick')
export const libraryUdp = variantOf('udp', 'a bound dgram.Socket')
export const libraryLargeMtu = variantOf('large', 'MTU 65,535')
export const libraryLoopback = variantOf('loopback', 'loopback of a namespace')

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
