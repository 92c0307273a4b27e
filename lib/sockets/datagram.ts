import { createSocket, type Socket, type SocketOptions, type SocketType } from 'node:dgram'
import { lookupOf } from '../dns/callback.js'
import { lookupAll } from '../dns/lookup.js'
import { checkBoolean, checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../native/constants.js'
import { zonedAddress } from './address.js'
import { adopt } from './adopt.js'
import { endDatagramsWith } from './ending.js'
import { joinByLink } from './multicast.js'
import { openSocket, type SocketOption } from './open.js'

type DatagramLookup = NonNullable<SocketOptions['lookup']>

/** Options of {@link Namespace.createSocket}: those of Node's `dgram.createSocket` and of its `bind`. */
export interface DatagramOptions extends Limits {
  type: SocketType
  /** An address of the namespace, or a name; all by default. A multicast or broadcast address receives what is sent to that. */
  address?: string | undefined
  /** 0 to 65,535; 0, the default, lets the kernel choose a free one. */
  port?: number | undefined
  /** The link that it sends by and receives from (SO_BINDTODEVICE); any by default. */
  link?: string | undefined
  /** Whether others may have the same address and port, each one with this option (SO_REUSEADDR); false by default. */
  reuseAddr?: boolean | undefined
  /** Whether the kernel shares out what comes among sockets with this option (SO_REUSEPORT); false by default. */
  reusePort?: boolean | undefined
  /** Whether `::` leaves IPv4 alone; false by default. */
  ipv6Only?: boolean | undefined
  /** Bytes of the kernel's receive buffer (SO_RCVBUF). */
  recvBufferSize?: number | undefined
  /** Bytes of the kernel's send buffer (SO_SNDBUF). */
  sendBufferSize?: number | undefined
  /** How names are looked up; by {@link Namespace.lookup} by default. */
  lookup?: DatagramLookup | undefined
  /** Ends the wait, and later closes the socket, as Node's own `signal` does. */
  signal?: AbortSignal | undefined
}

const keys: Record<keyof DatagramOptions, true> = {
  type: true,
  address: true,
  port: true,
  link: true,
  reuseAddr: true,
  reusePort: true,
  ipv6Only: true,
  recvBufferSize: true,
  sendBufferSize: true,
  lookup: true,
  ...limitKeys,
}

/** Makes a UDP socket inside a namespace; see {@link Namespace.createSocket}. */
export async function datagramSocket(core: NamespaceCore, options: SocketType | DatagramOptions): Promise<Socket> {
  const checked = checkKeys('options', typeof options === 'string' ? { type: options } : options, keys)
  const { type, port = 0, link, reuseAddr = false, reusePort = false, ipv6Only = false, ...rest } = checked
  const { recvBufferSize, sendBufferSize, signal, timeout } = rest
  if (type !== 'udp4' && type !== 'udp6') throw invalidArgument('type', type, "it must be 'udp4' or 'udp6'")
  for (const [name, value] of Object.entries({ reuseAddr, reusePort, ipv6Only })) checkBoolean(name, value)
  for (const [name, value] of Object.entries({ recvBufferSize, sendBufferSize }))
    if (value !== undefined) checkInteger(name, value, 1, 0x7fffffff)
  if (link !== undefined && (typeof link !== 'string' || !/^[^\0]{1,15}$/.test(link)))
    throw invalidArgument('link', link, 'it must be the name of a link')
  const lookup: DatagramLookup = rest.lookup ?? lookupOf(core)
  if (typeof lookup !== 'function') throw invalidArgument('lookup', lookup, 'it must be a function')
  const family = type === 'udp6' ? 6 : 4
  const limits = { signal, timeout }
  const host = await hostAddress(core, rest.address ?? (family === 6 ? '::' : '0.0.0.0'), family, signal)
  const bind = await zonedAddress(core, host, port, 'address', limits)
  if ((bind.domain === AF_INET6) !== (family === 6))
    throw invalidArgument('address', rest.address, `a socket of type ${type} has no such address`)
  const set: SocketOption[] = []
  if (reuseAddr) set.push([SOL_SOCKET, SO_REUSEADDR, 1])
  if (reusePort) set.push([SOL_SOCKET, SO_REUSEPORT, 1])
  if (family === 6) set.push([IPPROTO_IPV6, IPV6_V6ONLY, ipv6Only ? 1 : 0])
  if (link !== undefined) set.push([SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${link}\0`)])
  const plan = { domain: bind.domain, type: SOCK_DGRAM, options: set, bind }
  const { fd } = await openSocket(core, `binding ${bind.text}`, plan, limits)
  if (core.handle.closed) addon.close(fd)
  core.handle.check()
  const socket = adopt(fd, () => {
    const made = createSocket({
      type,
      lookup: withoutZones(lookup),
      ...(recvBufferSize === undefined ? {} : { recvBufferSize }),
      ...(sendBufferSize === undefined ? {} : { sendBufferSize }),
      ...(signal === undefined ? {} : { signal }),
    })
    // Not by way of a cluster's primary, in whose table of descriptors the number means something else.
    return made.bind({ fd, exclusive: true })
  })
  joinByLink(socket, fd, family)
  endDatagramsWith(core, socket)
  return socket
}

async function hostAddress(
  core: NamespaceCore,
  address: string,
  family: 4 | 6,
  signal: AbortSignal | undefined,
): Promise<string> {
  const [first] = await lookupAll(core, address, { family, signal })
  return first?.address ?? address
}

// Node itself looks up the name of a zone, among the links of the stack that its thread is in.
function withoutZones(lookup: DatagramLookup): DatagramLookup {
  return (hostname, options, callback) => {
    if (!hostname.includes('%')) return lookup(hostname, options, callback)
    const reason =
      "Node would look for the zone among the host's links; give the socket a `link` and leave the zone out"
    const error = invalidArgument('address', hostname, reason)
    process.nextTick(() => callback(error, '', 0))
  }
}
