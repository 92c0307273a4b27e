// @ts-check
// An HTTP server and its clients in one process, wherever their sockets are.

import { createServer, get } from 'node:http'
import { request } from 'undici'

/** @typedef {() => Promise<string>} Ask One request; its body. */

/** How many requests are under way at once, each on a connection of its own that stays open. */
export const connections = 8

export const agentOptions = { keepAlive: true, maxSockets: connections }
export const dispatcherOptions = { connections, pipelining: 1 }

/** A server that answers with both ends of the connection, as it sees them. */
export function newServer() {
  const server = createServer(({ socket }, response) => {
    const { localAddress, localPort, remoteAddress, remotePort } = socket
    response.end(`${localAddress}:${localPort} ${remoteAddress}:${remotePort}\n`)
  })
  // They stay open over the turns of other peers.
  server.keepAliveTimeout = 0
  return server
}

/**
 * @param {string} url
 * @param {import('node:http').Agent} agent
 * @returns {Ask}
 */
export const byAgent = (url, agent) => () =>
  new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text) => {
        body += text
      })
      response.on('end', () => resolve(body))
      response.on('error', reject)
    }).on('error', reject)
  })

/**
 * @param {string} url
 * @param {import('undici').Dispatcher} dispatcher
 * @returns {Ask}
 */
export const byDispatcher = (url, dispatcher) => async () => (await request(url, { dispatcher })).body.text()

/**
 * Makes so many requests; the result is the time for each.
 *
 * @param {Ask} ask
 * @param {number} requests
 */
export async function load(ask, requests) {
  let left = requests
  const client = async () => {
    while (left-- > 0) if (!(await ask()).endsWith('\n')) throw new Error('a body that is cut off')
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, client))
  return { run: (performance.now() - start) / requests }
}
