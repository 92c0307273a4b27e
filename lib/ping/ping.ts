import { isIP } from 'node:net'
import { lookupAll } from '../dns/lookup.js'
import { checkInteger, checkKeys } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import { checkLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { ETIMEDOUT } from '../native/constants.js'
import { zonedAddress } from '../sockets/address.js'
import { type EchoAnswer, EchoSocket } from './socket.js'

/** Options of {@link Namespace.ping}. */
export interface PingOptions {
  /** How many requests are sent, 1 to 65,535; 1 by default. */
  count?: number | undefined
  /** Milliseconds between two requests; 1,000 by default. */
  interval?: number | undefined
  /** Milliseconds to wait for the reply to a request, at least 1; 5,000 by default. */
  timeout?: number | undefined
  /** Bytes behind the ICMP header, 0 to 65,507; 56 by default. */
  size?: number | undefined
  /** How many routers a request may pass, 1 to 255; the kernel's setting by default, which is 64. */
  ttl?: number | undefined
  /** The address of the namespace to send from. */
  source?: string | undefined
  /** Ends the wait at once: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** A reply to one request. */
export interface PingReply {
  /** Milliseconds from request to reply, by the kernel's time stamp. */
  rttMs: number
  /** Bytes of the reply, the ICMP header of 8 with it. */
  bytes: number
  /** What is left of the reply's time to live (IPv6: hop limit). */
  ttl: number
  /** Which request it is the reply to, from 1 on. */
  sequence: number
}

/** The replies: of several, `rttMs` is their mean, and the rest is the last one's. */
export interface PingResult extends PingReply {
  /** The address that has replied. */
  address: string
  /** How many requests were sent. */
  sent: number
  /** All replies, in the order in which they came. */
  replies: PingReply[]
}

const keys: Record<keyof PingOptions, true> = {
  count: true,
  interval: true,
  timeout: true,
  size: true,
  ttl: true,
  source: true,
  signal: true,
}

const longest = 0x7fffffff

/** Asks a host for echoes; see {@link Namespace.ping}. */
export async function ping(core: NamespaceCore, target: string, options: PingOptions): Promise<PingResult> {
  const checked = checkKeys('options', options, keys)
  const { count = 1, interval = 1000, timeout = 5000, size = 56, ttl, source, signal } = checked
  checkInteger('count', count, 1, 0xffff)
  checkInteger('interval', interval, 0, longest)
  checkInteger('timeout', timeout, 1, longest)
  checkInteger('size', size, 0, 65_507)
  if (ttl !== undefined) checkInteger('ttl', ttl, 1, 255)
  checkLimits({ signal })
  signal?.throwIfAborted()
  const limits = { signal, timeout: 0 }
  const from = source === undefined ? undefined : await zonedAddress(core, source, 0, 'source', limits)
  const family = source === undefined ? 0 : isIP(source)
  const [found] = await lookupAll(core, target, { family, signal })
  const address = found?.address ?? target
  const to = await zonedAddress(core, address, 0, 'address', limits)
  const operation = `pinging ${address}`
  const socket = await EchoSocket.open(core, operation, { to, source: from, ttl, signal })
  try {
    return {
      address,
      ...(await exchange(socket, `${operation} in ${core.label}`, { count, interval, timeout, size, signal })),
    }
  } finally {
    socket.close()
  }
}

interface Schedule {
  count: number
  interval: number
  timeout: number
  size: number
  signal: AbortSignal | undefined
}

async function exchange(
  socket: EchoSocket,
  operation: string,
  { count, interval, timeout, size, signal }: Schedule,
): Promise<Omit<PingResult, 'address'>> {
  const waiting = new Map<number, { sent: bigint; deadline: number }>()
  const replies: PingReply[] = []
  let failure: unknown
  let sent = 0
  let nextAt = performance.now()
  while (sent < count || waiting.size > 0) {
    const now = performance.now()
    if (sent < count && now >= nextAt) {
      nextAt += interval
      sent++
      try {
        waiting.set(sent, { sent: socket.send(sent, size), deadline: now + timeout })
      } catch (error) {
        failure ??= error
      }
    }
    for (const [sequence, { deadline }] of waiting) if (deadline <= now) waiting.delete(sequence)
    const ends = [...waiting.values()].map(({ deadline }) => deadline)
    if (sent < count) ends.push(nextAt)
    if (ends.length === 0) break
    // Also between two requests without an interval: the replies to many would not fit into the socket's buffer.
    for (const answer of await socket.receive(signal, Math.max(Math.ceil(Math.min(...ends) - now), 0))) {
      const request = waiting.get(answer.sequence)
      if (request === undefined) continue
      waiting.delete(answer.sequence)
      if (answer.error === undefined) replies.push(replyOf(answer, request.sent))
      else failure ??= errorOf(answer.error, operation)
    }
  }
  const last = replies.at(-1)
  if (last === undefined) throw failure ?? new SystemError(ETIMEDOUT, { syscall: 'recvmsg', operation })
  const rttMs = replies.reduce((sum, reply) => sum + reply.rttMs, 0) / replies.length
  return { ...last, rttMs, sent, replies }
}

function replyOf({ sequence, bytes, ttl = 0, time }: EchoAnswer, sent: bigint): PingReply {
  return { rttMs: Math.max(Number((time ?? sent) - sent) / 1e6, 0), bytes, ttl, sequence }
}

function errorOf({ errno, from, type, code }: NonNullable<EchoAnswer['error']>, operation: string): SystemError {
  const who = from === undefined ? '' : ` (${from} says so, ICMP type ${type} code ${code})`
  return new SystemError(errno, { syscall: 'recvmsg', operation: `${operation}${who}` })
}
