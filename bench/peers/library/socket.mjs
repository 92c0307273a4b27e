// @ts-check

import { closeSync, fstatSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'
import { coreOf } from '../../../dist/namespace/core.js'
import { addon } from '../../../dist/native/addon.js'
import { median } from '../../statistics.mjs'
import { boundIn, timeSockets } from '../datagram.mjs'
import { holder, timed } from './held.mjs'

const siocgskns = 0x894c

/**
 * The namespace of a socket, asked from inside: elsewhere an ordinary user has no right to know.
 *
 * @param {Namespace} namespace
 * @param {number} fd
 */
async function homeOf(namespace, fd) {
  const { steps, values } = await coreOf(namespace).visit('asking for the namespace of a socket', (program) =>
    program.call('ioctl', [fd, siocgskns], { descriptor: 'keep' }),
  )
  const home = values.of(steps)
  const { ino } = fstatSync(home)
  addon.close(home)
  return `net:[${ino}]`
}

/** @param {Namespace} namespace */
const stream = (namespace) => namespace.socket('inet', 'stream')

/**
 * So many sockets, of which `together` are asked for in one tick. What a run takes is the median, for each socket.
 *
 * @param {number} count
 * @param {number} [together]
 */
export function makeSockets(count, together = 1) {
  const held = holder(async () => [await Namespace.create()])
  return {
    ...held.words,
    async where() {
      const fd = await stream(held.first)
      process.stdout.write(`${await homeOf(held.first, fd)}\n`)
      closeSync(fd)
      return undefined
    },
    async run() {
      const times = []
      for (let i = 0; i < count; i += together) {
        /** @type {number[]} */
        let made = []
        const { run } = await timed(async () => {
          made = await Promise.all(Array.from({ length: together }, () => stream(held.first)))
        })
        times.push(run / together)
        made.forEach(closeSync)
      }
      return { run: median(times) }
    },
  }
}

/**
 * The same for UDP sockets of Node's own, bound.
 *
 * @param {number} count
 */
export function makeDatagramSockets(count) {
  const held = holder(async () => [await Namespace.create()])
  return {
    ...held.words,
    async where() {
      const namespace = held.first
      const socket = await namespace.createSocket('udp4')
      const { stdout } = await namespace.execFile('cat', ['/proc/net/udp'])
      process.stdout.write(`${boundIn(stdout, socket) ? `net:[${namespace.inode()}]` : 'elsewhere'}\n`)
      socket.close()
      return undefined
    },
    run: () => timeSockets(count, () => held.first.createSocket('udp4')),
  }
}
