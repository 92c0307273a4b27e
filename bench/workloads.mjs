// @ts-check
// The table of workloads. A new peer is a file in peers/ and a word here; a new workload is an entry here and what its
// peers' programs do for it.

import * as ip from './peers/ip.mjs'
import * as library from './peers/library.mjs'
import * as raw from './peers/raw.mjs'
import * as spawn from './peers/spawn.mjs'
import { verifyExec, verifyPair } from './verify.mjs'

/** @type {import('./types.js').Workload[]} */
export const workloads = [
  {
    name: 'pair',
    title: 'two namespaces, a veth pair, an address on each end, everything up, a default route',
    makesNamespaces: true,
    factor: 1,
    verify: verifyPair,
    peers: [library.pair, raw.pair, library.pairCold, ip.pair],
  },
  {
    name: 'exec',
    title: '/bin/true in a namespace, from start to exit',
    makesNamespaces: false,
    factor: 2,
    verify: verifyExec,
    peers: [library.exec, raw.exec, spawn.exec, ip.exec, ip.execFromNode, library.execCold, spawn.execCold],
  },
]
