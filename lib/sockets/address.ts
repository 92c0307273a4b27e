import type { AddressInfo } from 'node:net'
import { checkInteger, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { AF_INET, AF_INET6, AF_UNIX } from '../native/constants.js'
import { explainIp, formatIp, parseIp } from '../netlink/codec/index.js'
import { linkIndex } from './link.js'

/** Where a socket is bound or connected to, as the kernel takes it. */
export interface SocketAddress {
  domain: number
  /** struct sockaddr_in, sockaddr_in6 or sockaddr_un. */
  bytes: Uint8Array
  /** `'10.0.0.1:80'`, `'[fd00::1]:80'`, `'/run/a.sock'`, `'@abstract'`. */
  text: string
  /** The fields of Node's errors for it. */
  fields: { address: string; port?: number }
}

/** Encodes an IP address and a port. `scope` is the link's index of a link-local address. */
export function socketAddress(host: string, port: number, argument = 'host', scope = 0): SocketAddress {
  const plain = typeof host === 'string' && scope > 0 ? host.slice(0, host.indexOf('%')) : host
  const ip = typeof plain === 'string' ? parseIp(plain) : undefined
  if (ip === undefined) {
    throw invalidArgument(argument, host, typeof plain === 'string' ? explainIp(plain) : 'it must be an IP address')
  }
  checkInteger('port', port, 0, 65_535)
  const six = ip.length === 16
  const bytes = new Uint8Array(six ? 28 : 16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, six ? AF_INET6 : AF_INET, true)
  view.setUint16(2, port)
  bytes.set(ip, six ? 8 : 4)
  if (six) view.setUint32(24, scope, true)
  const text = six ? `[${host}]:${port}` : `${host}:${port}`
  return { domain: six ? AF_INET6 : AF_INET, bytes, text, fields: { address: host, port } }
}

/** The same for an address that may have a zone: `'fe80::1%eth0'`, with a link of the namespace or its index. */
export async function zonedAddress(
  core: NamespaceCore,
  host: string,
  port: number,
  argument = 'host',
  limits: Limits = {},
): Promise<SocketAddress> {
  const at = typeof host === 'string' ? host.indexOf('%') : -1
  if (at < 0) return socketAddress(host, port, argument)
  // Refused before the kernel is asked about its zone.
  if (parseIp(host.slice(0, at))?.length !== 16)
    throw invalidArgument(argument, host, 'only IPv6 addresses have a zone')
  return socketAddress(host, port, argument, await linkIndex(core, host.slice(at + 1), limits))
}

// Of sockaddr_un, with the NUL at its end.
const longestPath = 108

/** Encodes the path of a socket, or its name in the abstract namespace after a NUL. */
export function unixAddress(path: string, argument = 'path'): SocketAddress {
  if (typeof path !== 'string' || path === '') throw invalidArgument(argument, path, 'it must be a path')
  const abstract = path.startsWith('\0')
  if (path.includes('\0', 1)) throw invalidArgument(argument, path, 'it must have no NUL but a leading one')
  const name = new TextEncoder().encode(abstract ? path : `${path}\0`)
  if (name.length > longestPath)
    throw invalidArgument(argument, path, `it must have ${longestPath - 1} bytes at most, in UTF-8`)
  const bytes = new Uint8Array(2 + name.length)
  bytes[0] = AF_UNIX
  bytes.set(name, 2)
  return { domain: AF_UNIX, bytes, text: abstract ? `@${path.slice(1)}` : path, fields: { address: path } }
}

/** Reads struct sockaddr_in or sockaddr_in6; `nameOf` tells the name of a link for a zone. */
export function readAddress(bytes: Uint8Array, nameOf: (index: number) => string): AddressInfo | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const domain = view.getUint16(0, true)
  if (domain !== AF_INET && domain !== AF_INET6) return undefined
  const port = view.getUint16(2)
  if (domain === AF_INET) return { address: formatIp(bytes, 4, 4), family: 'IPv4', port }
  const scope = view.getUint32(24, true)
  const zone = scope === 0 ? '' : `%${nameOf(scope)}`
  return { address: `${formatIp(bytes, 8, 16)}${zone}`, family: 'IPv6', port }
}
