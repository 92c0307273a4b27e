import { randomInt } from 'node:crypto'
import { SystemError } from '../errors/system-error.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AF_INET6,
  IP_RECVERR,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_UNICAST_HOPS,
  MSG_ERRQUEUE,
  SO_TIMESTAMPNS,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
} from '../native/constants.js'
import type { SocketAddress } from '../sockets/address.js'
import { Channel } from '../sockets/channel.js'
import { openSocket, type SocketOption } from '../sockets/open.js'
import { type PacketInfo, readControl } from './control.js'
import { afterHeader, echoIn, echoRequest } from './echo.js'

/** How echoes are asked for. */
export interface EchoPlan {
  to: SocketAddress
  source: SocketAddress | undefined
  ttl: number | undefined
  signal: AbortSignal | undefined
}

/** What came back: a reply, or an error instead. */
export interface EchoAnswer extends PacketInfo {
  sequence: number
  bytes: number
}

const realtime = 0

/** The system's clock, from which the kernel's time stamps are, in nanoseconds. */
export function systemTime(): bigint {
  const time = new BigInt64Array(2)
  addon.syscall(addon.numbers.clock_gettime, realtime, new Uint8Array(time.buffer))
  return (time[0] as bigint) * 1_000_000_000n + (time[1] as bigint)
}

const refusal = (error: unknown) =>
  error instanceof SystemError && error.syscall === 'socket' && (error.code === 'EPERM' || error.code === 'EACCES')

/** A socket that sends echo requests to one address. */
export class EchoSocket {
  readonly #channel: Channel
  readonly #family: 4 | 6
  readonly #raw: boolean
  readonly #id = randomInt(0x10000)

  private constructor(channel: Channel, family: 4 | 6, raw: boolean) {
    this.#channel = channel
    this.#family = family
    this.#raw = raw
  }

  /** Opens a raw socket or, for whom that is refused, a datagram socket of ICMP. */
  static async open(core: NamespaceCore, operation: string, plan: EchoPlan): Promise<EchoSocket> {
    try {
      return await EchoSocket.#open(core, operation, plan, SOCK_RAW)
    } catch (error) {
      if (!refusal(error)) throw error
    }
    try {
      return await EchoSocket.#open(core, operation, plan, SOCK_DGRAM)
    } catch (error) {
      if (!refusal(error) || !(error instanceof SystemError)) throw error
      const hint =
        'Only root may, and the groups in net.ipv4.ping_group_range of the namespace; an ordinary user may in their own namespaces'
      throw new SystemError(-error.errno, { syscall: 'socket', operation: error.operation, hint })
    }
  }

  static async #open(
    core: NamespaceCore,
    operation: string,
    { to, source, ttl, signal }: EchoPlan,
    type: number,
  ): Promise<EchoSocket> {
    const six = to.domain === AF_INET6
    const level = six ? IPPROTO_IPV6 : IPPROTO_IP
    const options: SocketOption[] = [
      [SOL_SOCKET, SO_TIMESTAMPNS, 1],
      [level, six ? IPV6_RECVERR : IP_RECVERR, 1],
      [level, six ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1],
    ]
    if (ttl !== undefined) options.push([level, six ? IPV6_UNICAST_HOPS : IP_TTL, ttl])
    const protocol = six ? IPPROTO_ICMPV6 : IPPROTO_ICMP
    const plan = { domain: to.domain, type, protocol, options, bind: source, connect: to }
    const { fd, connected } = await openSocket(core, operation, plan, { signal, timeout: 0 })
    const channel = new Channel(core, fd, `${operation} in ${core.label}`)
    if (connected === 0) return new EchoSocket(channel, six ? 6 : 4, type === SOCK_RAW)
    channel.close()
    throw new SystemError(connected, { syscall: 'connect', operation: `${operation} in ${core.label}` })
  }

  /** Sends a request; gives when, by {@link systemTime}. */
  send(sequence: number, size: number): bigint {
    const request = echoRequest(this.#family, { id: this.#id, sequence }, size)
    const time = systemTime()
    this.#channel.send(request)
    return time
  }

  /** Waits for answers, `ms` at most. */
  async receive(signal: AbortSignal | undefined, ms: number): Promise<EchoAnswer[]> {
    if (!(await this.#channel.readable(signal, ms))) return []
    return [...this.#all(MSG_ERRQUEUE), ...this.#all(0)]
  }

  close(): void {
    this.#channel.close()
  }

  #all(flags: number): EchoAnswer[] {
    const answers: EchoAnswer[] = []
    for (;;) {
      const received = this.#channel.read(flags)
      if (received === undefined) return answers
      const headed = this.#raw && this.#family === 4 && flags === 0
      const message = headed ? afterHeader(received.data) : received.data
      const echo = echoIn(this.#family, flags === 0 ? 'reply' : 'request', message)
      // The kernel gives a datagram socket its own replies only, and its own number for `id`.
      if (echo === undefined || (this.#raw && echo.id !== this.#id)) continue
      answers.push({ sequence: echo.sequence, bytes: message.length, ...readControl(received.control) })
    }
  }
}
