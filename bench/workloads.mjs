// @ts-check
// The table of workloads. A new peer is a file in peers/ and a word here; a new workload is an entry here and what its
// peers' programs do for it.

import { go } from './peers/go.mjs'
import { ip, ipBatch, ipExecFromNode, ipJson } from './peers/ip.mjs'
import {
  library,
  libraryEach,
  libraryFirst,
  libraryLargeMtu,
  libraryLoopback,
  libraryTogether,
  libraryUdp,
} from './peers/library.mjs'
import { node } from './peers/node.mjs'
import { python } from './peers/python.mjs'
import { raw } from './peers/raw.mjs'
import { rust } from './peers/rust.mjs'
import { spawn, spawnFirst } from './peers/spawn.mjs'
import { forksPool, namespacePool } from './peers/vitest.mjs'
import { verifyExec } from './verify/exec.mjs'
import { verifyHttp } from './verify/http.mjs'
import { verifyLinks } from './verify/links.mjs'
import { verifyPair } from './verify/pair.mjs'
import { verifyRoutes, verifyRun } from './verify/routes.mjs'
import { verifySocket } from './verify/socket.mjs'
import { verifyStar } from './verify/star.mjs'
import { verifyTestFile } from './verify/test-file.mjs'

/**
 * @typedef {import('./types.js').MakePeer} MakePeer
 * @typedef {import('./types.js').Workload} Workload
 */

/**
 * @param {string} workload what the peers' programs know it by
 * @param {number} size
 * @param {MakePeer[]} peers
 */
const by = (workload, size, ...peers) => peers.map((peer) => peer(workload, size))

/**
 * @param {number} leaves
 * @param {number} factor
 * @param {MakePeer[]} slow
 * @returns {Workload}
 */
const star = (leaves, factor, ...slow) => ({
  name: `star${leaves}`,
  title: `a bridge in one namespace, ${leaves} others joined to it, with an address and a default route, everything up`,
  makesNamespaces: true,
  namespaces: leaves + 1,
  factor,
  verify: verifyStar(leaves),
  peers: by('star', leaves, library, raw, rust, go, python, ipBatch, ...slow),
})

const routes = 100_000
const pairs = 1000
const sockets = 96
const requests = 2000
const files = 4

/** @type {Workload[]} */
export const workloads = [
  {
    name: 'pair',
    title: 'two namespaces, a veth pair, an address on each end, everything up, a default route',
    makesNamespaces: true,
    factor: 1,
    verify: verifyPair,
    peers: by('pair', 0, library, raw, libraryFirst, rust, go, python, ipBatch, ip),
  },
  star(100, 0.2, ip),
  star(500, 0.05),
  {
    name: 'routes-add',
    title: `${routes} routes are added`,
    makesNamespaces: false,
    factor: 0.1,
    verify: verifyRun(routes),
    peers: by('routes-add', routes, library, libraryEach, raw, rust, go, python, ipBatch),
  },
  {
    name: 'routes-dump',
    title: `${routes} routes are read, with destination, gateway, link and metric of each`,
    makesNamespaces: false,
    factor: 0.2,
    verify: verifyRoutes(routes),
    peers: by('routes-dump', routes, library, raw, libraryFirst, rust, go, python, ipBatch, ipJson),
  },
  {
    name: 'links-dump',
    title: `${pairs} veth pairs are read, with name, index, mac, mtu and kind of each end`,
    makesNamespaces: false,
    factor: 0.5,
    verify: verifyLinks(pairs),
    peers: by('links-dump', pairs, library, raw, libraryFirst, rust, go, python, ipBatch, ipJson),
  },
  {
    name: 'exec',
    title: '/bin/true in a namespace, from start to exit',
    makesNamespaces: false,
    factor: 2,
    verify: verifyExec,
    peers: by('exec', 0, library, raw, spawn, ip, ipExecFromNode, libraryFirst, spawnFirst),
  },
  {
    name: 'socket',
    title: 'a socket is made in a namespace that exists',
    makesNamespaces: false,
    factor: 1,
    verify: verifySocket,
    peers: [...by('socket', sockets, library, libraryTogether, libraryUdp, raw), ...by('socket-udp', sockets, node)],
  },
  {
    name: 'http',
    title: 'a request and its answer, from one namespace to another in one process, by 8 connections that stay open',
    makesNamespaces: false,
    factor: 0.3,
    verify: verifyHttp,
    peers: by('http-agent', requests, library, node, libraryLargeMtu, libraryLoopback),
  },
  {
    name: 'http-undici',
    title: 'the same with the client of undici',
    makesNamespaces: false,
    factor: 0.3,
    verify: verifyHttp,
    peers: by('http-dispatcher', requests, library, node),
  },
  {
    name: 'test-file',
    title: 'a test file of one test, run by vitest',
    makesNamespaces: false,
    factor: 0.3,
    verify: verifyTestFile(files),
    peers: by('test-file', files, namespacePool, forksPool),
  },
]
