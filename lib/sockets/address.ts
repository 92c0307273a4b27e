import { checkInteger, invalidArgument } from '../errors/argument.js'
import { AF_INET, AF_INET6 } from '../native/constants.js'
import { explainIp, parseIp } from '../netlink/codec/index.js'

/** Where a socket is bound or connected to, as the kernel takes it. */
export interface SocketAddress {
  domain: number
  /** struct sockaddr_in or sockaddr_in6. */
  bytes: Uint8Array
  /** `'10.0.0.1:80'`, `'[fd00::1]:80'`. */
  text: string
}

/** Encodes an IP address and a port. */
export function socketAddress(host: string, port: number, argument = 'host'): SocketAddress {
  const ip = typeof host === 'string' ? parseIp(host) : undefined
  if (ip === undefined) {
    throw invalidArgument(argument, host, typeof host === 'string' ? explainIp(host) : 'it must be an IP address')
  }
  checkInteger('port', port, 0, 65_535)
  const six = ip.length === 16
  const bytes = new Uint8Array(six ? 28 : 16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, six ? AF_INET6 : AF_INET, true)
  view.setUint16(2, port)
  bytes.set(ip, six ? 8 : 4)
  return { domain: six ? AF_INET6 : AF_INET, bytes, text: six ? `[${host}]:${port}` : `${host}:${port}` }
}
