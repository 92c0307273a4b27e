// @ts-check

import { Namespace, VethPair } from 'linux-namespaces'
import { agentOptions, byAgent, byDispatcher, dispatcherOptions, load, newServer } from '../load.mjs'
import { holder } from './held.mjs'

/** @typedef {{ server: Namespace, client: Namespace, host: string }} Stacks */

/**
 * Two namespaces and the cable between them.
 *
 * @param {number} mtu
 * @returns {() => Promise<Stacks>}
 */
const cable = (mtu) => async () => {
  const [server, client] = await Promise.all([Namespace.create(), Namespace.create()])
  await VethPair.create(
    { namespace: server, name: 'eth0', addresses: ['10.0.0.1/24'], mtu },
    { namespace: client, name: 'eth0', addresses: ['10.0.0.2/24'], mtu },
  )
  return { server, client, host: '10.0.0.1' }
}

/** @returns {Promise<Stacks>} one namespace, for both */
async function loopback() {
  const namespace = await Namespace.create()
  return { server: namespace, client: namespace, host: '127.0.0.1' }
}

/**
 * @param {number} requests
 * @param {() => Promise<Stacks>} build
 * @param {(namespace: Namespace, url: string) => import('../load.mjs').Ask} client
 */
function exchanging(requests, build, client) {
  const server = newServer()
  /** @type {import('../load.mjs').Ask} */
  let ask = async () => ''
  const held = holder(async () => {
    const stacks = await build()
    const { port } = await stacks.server.listen(server, { host: stacks.host, port: 80 })
    ask = client(stacks.client, `http://${stacks.host}:${port}/`)
    return [stacks.server, stacks.client]
  })
  return {
    hold: held.words.hold,
    async where() {
      process.stdout.write(await ask())
      return undefined
    },
    run: () => load(ask, requests),
    async drop() {
      server.close()
      server.closeAllConnections()
      return held.words.drop()
    },
  }
}

/** @type {(namespace: Namespace, url: string) => import('../load.mjs').Ask} */
const agent = (namespace, url) => byAgent(url, namespace.httpAgent(agentOptions))
/** @type {(namespace: Namespace, url: string) => import('../load.mjs').Ask} */
const dispatcher = (namespace, url) => byDispatcher(url, namespace.dispatcher(dispatcherOptions))

// The MTU of a veth, and that of a loopback.
const [usual, large] = [1500, 65_535]

/** @type {Record<string, (requests: number) => ReturnType<typeof exchanging>>} */
export const httpWorkloads = {
  'http-agent': (requests) => exchanging(requests, cable(usual), agent),
  'http-agent-large': (requests) => exchanging(requests, cable(large), agent),
  'http-agent-loopback': (requests) => exchanging(requests, loopback, agent),
  'http-dispatcher': (requests) => exchanging(requests, cable(usual), dispatcher),
}
