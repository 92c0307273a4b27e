// @ts-check
// Node's own sockets, in the stack that this process is in.
//
//   program.mjs WORKLOAD SIZE

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { Agent } from 'node:http'
import { Agent as Dispatcher } from 'undici'
import { serve } from '../../session.mjs'
import { boundIn, timeSockets } from '../datagram.mjs'
import { agentOptions, byAgent, byDispatcher, dispatcherOptions, load, newServer } from '../load.mjs'

const path = `/proc/${process.pid}/ns/net`

/** @param {number} count */
function sockets(count) {
  const make = async () => {
    const socket = createSocket('udp4').bind()
    await once(socket, 'listening')
    return socket
  }
  return {
    hold: async () => ({ paths: [path] }),
    async where() {
      const socket = await make()
      const here = boundIn(readFileSync('/proc/self/net/udp', 'utf8'), socket)
      process.stdout.write(`${here ? readlinkSync(path) : 'elsewhere'}\n`)
      socket.close()
      return undefined
    },
    run: () => timeSockets(count, make),
    drop: async () => ({}),
  }
}

/** @param {(url: string) => import('../load.mjs').Ask} client */
const exchanging = (client) => (/** @type {number} */ requests) => {
  const server = newServer()
  /** @type {import('../load.mjs').Ask} */
  let ask = async () => ''
  return {
    async hold() {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('it does not listen at a port')
      ask = client(`http://127.0.0.1:${address.port}/`)
      return { paths: [path, path] }
    },
    async where() {
      process.stdout.write(await ask())
      return undefined
    },
    run: () => load(ask, requests),
    async drop() {
      server.close()
      server.closeAllConnections()
      return {}
    },
  }
}

/** @type {Record<string, (size: number) => Parameters<typeof serve>[0]>} */
const workloads = {
  'socket-udp': sockets,
  'http-agent': exchanging((url) => byAgent(url, new Agent(agentOptions))),
  'http-dispatcher': exchanging((url) => byDispatcher(url, new Dispatcher(dispatcherOptions))),
}

const [, , name = '', size = '0'] = process.argv
const workload = workloads[name]
if (workload === undefined) throw new Error(`no such workload: ${name}`)
await serve(workload(Number(size)))
// A server may still listen.
process.exit()
