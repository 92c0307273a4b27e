// @ts-check
// UDP sockets of Node's own, wherever they are made.

import { once } from 'node:events'
import { median } from '../statistics.mjs'

/** @typedef {import('node:dgram').Socket} Socket */

/**
 * Makes so many, one after the other; the result is the median.
 *
 * @param {number} count
 * @param {() => Promise<Socket>} make a socket that is bound
 */
export async function timeSockets(count, make) {
  const times = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    const socket = await make()
    times.push(performance.now() - start)
    socket.close()
    await once(socket, 'close')
  }
  return { run: median(times) }
}

/**
 * Whether a socket is in a namespace of which this is /proc/net/udp.
 *
 * @param {string} table
 * @param {Socket} socket
 */
export function boundIn(table, socket) {
  const port = socket.address().port.toString(16).toUpperCase().padStart(4, '0')
  return new RegExp(`^\\s*\\d+: 00000000:${port} `, 'm').test(table)
}
