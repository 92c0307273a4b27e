import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { HostAddress } from '../dns/hosts.js'
import { familyNumber, lookupAll } from '../dns/lookup.js'
import { LookupError } from '../dns/lookup-error.js'
import { checkBoolean, checkInteger, checkObject, invalidArgument } from '../errors/argument.js'
import { type Limits, underLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import { AF_INET6 } from '../native/constants.js'
import { type SocketAddress, socketAddress, unixAddress, zonedAddress } from './address.js'
import { adoptConnected } from './adopt.js'
import { attempt } from './attempt.js'
import { interleave, race } from './race.js'

/** Where {@link Namespace.connect} connects to: a `port` of a `host`, or a `path`. */
export interface ConnectOptions extends Limits {
  /** 1 to 65,535. */
  port?: number | undefined
  /** An IP address (`'10.0.0.1'`, `'fe80::1%eth0'`) or a name; `'localhost'` by default. */
  host?: string | undefined
  /** The path of a Unix socket, as this process sees it, or `'\0name'`: a name in the namespace's abstract ones. */
  path?: string | undefined
  /** Of which family an address of a name must be: 4, 6, or 0 for both, the default. */
  family?: number | undefined
  /** getaddrinfo flags for the name, as `dns.lookup` takes them. */
  hints?: number | undefined
  /** How a name is looked up instead of by {@link Namespace.lookup}. */
  lookup?: LookupFunction | undefined
  /** Milliseconds after which the next address of a name is tried beside the ones under way; 10 at least, 250 by default. */
  autoSelectFamilyAttemptTimeout?: number | undefined
  /** The address of the namespace to connect from. */
  localAddress?: string | undefined
  /** The port to connect from; 0, the default, lets the kernel choose. */
  localPort?: number | undefined
  /** Whether the socket stays writable when the other side has ended; false by default. */
  allowHalfOpen?: boolean | undefined
  /** Whether small packets are sent at once (TCP_NODELAY); false by default. */
  noDelay?: boolean | undefined
  /** Whether the kernel asks from time to time whether the other side is still there (SO_KEEPALIVE); false by default. */
  keepAlive?: boolean | undefined
  /** Milliseconds without data after which it asks first; 0, the default, leaves that to the kernel's settings. */
  keepAliveInitialDelay?: number | undefined
}

const shortestDelay = 10

/** Makes a connection from inside a namespace; see {@link Namespace.connect}. */
export async function connect(core: NamespaceCore, options: ConnectOptions): Promise<Socket> {
  const { path, allowHalfOpen = false, ...rest } = checkObject('options', options)
  const { noDelay = false, keepAlive = false, keepAliveInitialDelay = 0, signal, timeout } = rest
  for (const [name, value] of Object.entries({ allowHalfOpen, noDelay, keepAlive })) checkBoolean(name, value)
  checkInteger('keepAliveInitialDelay', keepAliveInitialDelay, 0, 0x7fffffff)
  if (path !== undefined)
    return adoptConnected(core, await attempt(core, unixAddress(path), undefined, { signal, timeout }), {
      allowHalfOpen,
    })
  const socket = adoptConnected(core, await connectTo(core, rest), { allowHalfOpen })
  if (noDelay) socket.setNoDelay(true)
  if (keepAlive) socket.setKeepAlive(true, keepAliveInitialDelay)
  return socket
}

async function connectTo(core: NamespaceCore, options: Omit<ConnectOptions, 'path'>): Promise<number> {
  const { host = 'localhost', localAddress, localPort = 0, autoSelectFamilyAttemptTimeout = 250, ...rest } = options
  const limits = { signal: rest.signal, timeout: rest.timeout }
  const port = checkInteger('port', rest.port, 1, 65_535)
  checkInteger('localPort', localPort, 0, 65_535)
  const delay = checkInteger('autoSelectFamilyAttemptTimeout', autoSelectFamilyAttemptTimeout, 1, 0x7fffffff)
  if (typeof host !== 'string' || host === '') throw invalidArgument('host', host, 'it must be an IP address or a name')
  if (rest.lookup !== undefined && typeof rest.lookup !== 'function')
    throw invalidArgument('lookup', rest.lookup, 'it must be a function')
  const wanted = familyNumber(options.family)
  const local =
    localAddress === undefined ? undefined : await zonedAddress(core, localAddress, localPort, 'localAddress', limits)
  const from = (to: SocketAddress) =>
    local ?? (localPort === 0 ? undefined : socketAddress(isIpv6(to) ? '::' : '0.0.0.0', localPort))
  const connectAt = async (address: string, within: Limits) => {
    const to = await zonedAddress(core, address, port, 'host', within)
    return attempt(core, to, from(to), within)
  }
  if (isIP(host) !== 0) {
    if (local !== undefined && isIpv6(local) !== (isIP(host) === 6)) throw otherFamily(host, localAddress)
    return connectAt(host, limits)
  }
  const operation = `connecting to ${host}:${port}`
  return underLimits(operation, 'connect', limits, async (signal) => {
    const addresses = await addressesOf(core, host, wanted, options, signal)
    if (addresses.length === 0) throw new LookupError('ENOTFOUND', host, core.label)
    const usable = addresses.filter(({ family }) => local === undefined || isIpv6(local) === (family === 6))
    if (usable.length === 0) throw otherFamily(host, localAddress)
    return race(interleave(usable), ({ address }, ending) => connectAt(address, { signal: ending, timeout: 0 }), {
      delay: Math.max(delay, shortestDelay),
      signal,
      message: `All attempts failed, ${operation} in ${core.label}`,
      discard: (fd) => addon.close(fd),
    })
  })
}

const isIpv6 = (address: SocketAddress) => address.domain === AF_INET6

const otherFamily = (host: string, localAddress: string | undefined) =>
  invalidArgument('localAddress', localAddress, `no address of '${host}' is of its family`)

/** The addresses of a name, in the order of preference. */
async function addressesOf(
  core: NamespaceCore,
  host: string,
  family: number,
  { hints, lookup }: ConnectOptions,
  signal: AbortSignal,
): Promise<HostAddress[]> {
  if (lookup === undefined) return lookupAll(core, host, { family, hints, signal })
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    lookup(host, { family, ...(hints === undefined ? {} : { hints }), all: true }, (error, found, itsFamily) => {
      if (error) reject(error)
      else if (Array.isArray(found)) resolve(found)
      else resolve([{ address: found, family: itsFamily ?? isIP(found) }])
    })
  })
}
