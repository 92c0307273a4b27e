import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { checkBoolean, checkInteger, checkObject, invalidArgument, stateError } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AF_INET6,
  EAFNOSUPPORT,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../native/constants.js'
import { type SocketAddress, socketAddress } from './address.js'
import { adopt } from './adopt.js'

/** Where a server of {@link Namespace.listen} listens. */
export interface ListenOptions extends Limits {
  /** 0 to 65,535; 0, the default, lets the kernel choose a free one. */
  port?: number
  /** An IP address of the namespace; every address of both families by default (of IPv4, on a machine without IPv6). */
  host?: string
  /** How many connections may wait to be accepted; 511 by default. */
  backlog?: number
  /** Whether `::` leaves IPv4 alone. */
  ipv6Only?: boolean
}

/** Has a server listen inside a namespace; see {@link Namespace.listen}. */
export async function listen(core: NamespaceCore, server: Server, options: ListenOptions): Promise<AddressInfo> {
  const { port = 0, host, backlog = 511, ipv6Only = false, signal, timeout } = checkObject('options', options)
  if (typeof server?.listen !== 'function')
    throw invalidArgument('server', server, 'it must be a net, http or tls server')
  if (server.listening) throw stateError('ERR_SERVER_ALREADY_LISTEN', 'The server listens already')
  checkBoolean('ipv6Only', ipv6Only)
  checkInteger('backlog', backlog, 1, 0x7fffffff)
  const open = (at: string) => openListener(core, socketAddress(at, port), backlog, ipv6Only, { signal, timeout })
  const fd = await open(host ?? '::').catch((error: unknown) => {
    // Without a host it listens everywhere, as Node's own listen does: on a machine without IPv6, at all there is.
    if (host !== undefined || ipv6Only || !(error instanceof SystemError && error.errno === -EAFNOSUPPORT)) throw error
    return open('0.0.0.0')
  })
  const listening = once(server, 'listening')
  // From here on the descriptor is Node's.
  addon.release(fd)
  adopt(fd, () => server.listen({ fd, backlog }))
  await listening
  return server.address() as AddressInfo
}

/** Makes a socket that listens; its descriptor. */
async function openListener(
  core: NamespaceCore,
  address: SocketAddress,
  backlog: number,
  ipv6Only: boolean,
  limits: Limits,
): Promise<number> {
  const { steps, values } = await core.visit(
    `listening on ${address.text}`,
    (program) => {
      const socket = program.call('socket', [address.domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0], {
        descriptor: 'keep',
      })
      const on = program.bytes(Uint8Array.of(1, 0, 0, 0))
      program.call('setsockopt', [socket, SOL_SOCKET, SO_REUSEADDR, on, on.length])
      if (address.domain === AF_INET6) {
        const only = program.bytes(Uint8Array.of(ipv6Only ? 1 : 0, 0, 0, 0))
        program.call('setsockopt', [socket, IPPROTO_IPV6, IPV6_V6ONLY, only, only.length])
      }
      const name = program.bytes(address.bytes)
      program.call('bind', [socket, name, name.length])
      program.call('listen', [socket, backlog])
      return socket
    },
    limits,
    ['net'],
  )
  return values.of(steps)
}
