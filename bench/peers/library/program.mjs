// @ts-check
//
//   program.mjs WORKLOAD [SIZE]

import { serve } from '../../session.mjs'
import { execute } from './exec.mjs'
import { building } from './held.mjs'
import { httpWorkloads } from './http.mjs'
import { dumpLinks } from './links.mjs'
import { buildPair } from './pair.mjs'
import { addAsArray, addEach, dumpRoutes } from './routes.mjs'
import { makeDatagramSockets, makeSockets } from './socket.mjs'
import { buildStar } from './star.mjs'

/** @type {Record<string, (size: number) => Parameters<typeof serve>[0]>} */
const workloads = {
  pair: () => building(buildPair),
  star: (leaves) => building(buildStar(leaves)),
  'routes-add': addAsArray,
  'routes-add-each': addEach,
  'routes-dump': dumpRoutes,
  'links-dump': dumpLinks,
  exec: execute,
  socket: makeSockets,
  'socket-together': (count) => makeSockets(count, 8),
  'socket-udp': makeDatagramSockets,
  ...httpWorkloads,
}

const [, , name = '', size = '0'] = process.argv
const workload = workloads[name]
if (workload === undefined) throw new Error(`no such workload: ${name}`)
await serve(workload(Number(size)))
// A server may still listen.
process.exit()
