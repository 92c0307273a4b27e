import { once } from 'node:events'
import { SystemError } from '../errors/system-error.js'
import { underLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { SOCK_DGRAM } from '../native/constants.js'
import { type SocketAddress, zonedAddress } from '../sockets/address.js'
import { adoptConnected } from '../sockets/adopt.js'
import { attempt } from '../sockets/attempt.js'
import { Channel } from '../sockets/channel.js'
import { openSocket } from '../sockets/open.js'
import { type AddressType, codes, type Query, queryFor, type Reply, replyTo } from './message.js'
import type { NameServer } from './resolv-conf.js'

/**
 * Asks one server, over UDP and, when the answer does not fit, over TCP.
 *
 * @throws {@link SystemError} `ETIMEDOUT` without an answer in time, `ECONNREFUSED`, `ENETUNREACH`, …
 */
export function ask(
  core: NamespaceCore,
  server: NameServer,
  question: { name: string; type: AddressType },
  options: { timeout: number; useTcp: boolean; signal: AbortSignal | undefined },
): Promise<Reply> {
  const operation = `asking ${server.address} for ${question.type} of '${question.name}'`
  const { timeout, useTcp, signal } = options
  return underLimits(operation, 'recvmsg', { signal, timeout }, async (ending) => {
    const address = await zonedAddress(core, server.address, server.port, 'servers', { signal: ending, timeout: 0 })
    const send = async (edns: boolean): Promise<Reply> => {
      const query = queryFor(question.name, question.type, edns)
      const reply = useTcp ? undefined : await overUdp(core, address, query, operation, ending)
      return reply === undefined || reply.truncated ? overTcp(core, address, query, operation, ending) : reply
    }
    const reply = await send(true)
    // A server from before EDNS(0).
    return reply.code === codes.FORMERR ? send(false) : reply
  })
}

async function overUdp(
  core: NamespaceCore,
  address: SocketAddress,
  query: Query,
  operation: string,
  signal: AbortSignal,
): Promise<Reply> {
  const limits = { signal, timeout: 0 }
  // Connected, it hears of no one but the server, and of an error that comes back.
  const plan = { domain: address.domain, type: SOCK_DGRAM, connect: address }
  const { fd, connected } = await openSocket(core, operation, plan, limits)
  const channel = new Channel(core, fd, operation)
  try {
    if (connected !== 0) throw new SystemError(connected, { syscall: 'connect', operation })
    channel.send(query.bytes)
    for (;;) {
      await channel.readable(signal)
      const received = channel.read()
      const reply = received === undefined ? undefined : replyTo(query, received.data)
      if (reply !== undefined) return reply
    }
  } finally {
    channel.close()
  }
}

async function overTcp(
  core: NamespaceCore,
  address: SocketAddress,
  query: Query,
  operation: string,
  signal: AbortSignal,
): Promise<Reply> {
  const fd = await attempt(core, address, undefined, { signal, timeout: 0 })
  const socket = adoptConnected(core, fd, {})
  const end = () => socket.destroy(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    const length = new Uint8Array(2)
    new DataView(length.buffer).setUint16(0, query.bytes.length)
    socket.write(Buffer.concat([length, query.bytes]))
    let received = Buffer.alloc(0)
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) continue
      const reply = replyTo(query, received.subarray(2, 2 + received.readUInt16BE(0)))
      if (reply !== undefined) return { ...reply, truncated: false }
      break
    }
    signal.throwIfAborted()
    throw new Error(`no answer to the question, ${operation}`)
  } finally {
    signal.removeEventListener('abort', end)
    if (!socket.closed) {
      socket.destroy()
      await once(socket, 'close')
    }
  }
}
