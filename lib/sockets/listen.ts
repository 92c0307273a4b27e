import cluster from 'node:cluster'
import { once } from 'node:events'
import { chmodSync, statSync, unlinkSync } from 'node:fs'
import type { AddressInfo, Server, Socket } from 'node:net'
import { lookupAll } from '../dns/lookup.js'
import { checkBoolean, checkInteger, checkObject, invalidArgument, stateError } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import { checkLimits, type Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../native/constants.js'
import { parseIp } from '../netlink/codec/index.js'
import { type SocketAddress, socketAddress, unixAddress, zonedAddress } from './address.js'
import { addressBy, adopt, nameZones, refuseReconnect } from './adopt.js'
import { endServerWith } from './ending.js'
import { openSocket, type SocketOption } from './open.js'

/** Where a server of {@link Namespace.listen} listens: at a `port`, or at a `path`. */
export interface ListenOptions extends Limits {
  /** 0 to 65,535; 0, the default, lets the kernel choose a free one. */
  port?: number | undefined
  /**
   * An address of the namespace (`'10.0.0.1'`, `'fe80::1%eth0'`), or a name that {@link Namespace.lookup} knows; every address
   * of both families by default, of IPv4 alone where the kernel has no IPv6 and `ipv6Only` does not ask for it.
   */
  host?: string | undefined
  /** The path of a Unix socket, as this process sees it, or `'\0name'`: a name in the namespace's abstract ones. */
  path?: string | undefined
  /** How many connections may wait to be accepted; 511 by default. */
  backlog?: number | undefined
  /** Whether `::` leaves IPv4 alone; false by default. */
  ipv6Only?: boolean | undefined
  /** Whether others may listen there, too, with this option: the kernel shares the connections out (SO_REUSEPORT). */
  reusePort?: boolean | undefined
  /** Whether every user may read from the socket at the path; false by default. */
  readableAll?: boolean | undefined
  /** Whether every user may write to the socket at the path, which connecting needs; false by default. */
  writableAll?: boolean | undefined
  /** Ends the wait, and later closes the server, as Node's own `signal` of `listen` does. */
  signal?: AbortSignal | undefined
}

const allOfIpv6 = '::'

/** Has a server listen inside a namespace; see {@link Namespace.listen}. */
export async function listen(
  core: NamespaceCore,
  server: Server,
  options: ListenOptions,
): Promise<AddressInfo | string> {
  const { path, backlog = 511, signal, timeout } = checkObject('options', options)
  if (typeof server?.listen !== 'function')
    throw invalidArgument('server', server, 'it must be a net, http or tls server')
  if (cluster.isWorker) {
    const words =
      "A worker of node:cluster cannot listen in a namespace: Node has its primary listen, at that one's descriptor"
    throw stateError('ERR_NAMESPACE_CLUSTER', `${words}. Listen in the primary, or in processes made by ns.fork`)
  }
  if (server.listening) throw stateError('ERR_SERVER_ALREADY_LISTEN', 'The server listens already')
  checkInteger('backlog', backlog, 1, 0x7fffffff)
  checkLimits({ signal, timeout })
  return path === undefined
    ? listenAtPort(core, server, { ...options, backlog })
    : listenAtPath(core, server, { ...options, backlog, path })
}

type Ready<Key extends keyof ListenOptions> = ListenOptions & { [Name in Key]: NonNullable<ListenOptions[Name]> }

async function listenAtPort(
  core: NamespaceCore,
  server: Server,
  { port = 0, host, ipv6Only = false, reusePort = false, backlog, signal, timeout }: Ready<'backlog'>,
): Promise<AddressInfo> {
  checkBoolean('ipv6Only', ipv6Only)
  checkBoolean('reusePort', reusePort)
  checkInteger('port', port, 0, 65_535)
  const limits = { signal, timeout }
  const open = (address: SocketAddress) => {
    const options: SocketOption[] = [[SOL_SOCKET, SO_REUSEADDR, 1]]
    if (reusePort) options.push([SOL_SOCKET, SO_REUSEPORT, 1])
    if (address.domain === AF_INET6) options.push([IPPROTO_IPV6, IPV6_V6ONLY, ipv6Only ? 1 : 0])
    const plan = { domain: address.domain, type: SOCK_STREAM, options, bind: address, listen: backlog }
    return openSocket(core, `listening on ${address.text}`, plan, limits)
  }
  const { fd } = await open(await addressOf(core, host ?? allOfIpv6, port, limits)).catch((error: unknown) => {
    // As Node does where there is no IPv6.
    const anyFamily = host === undefined && !ipv6Only
    const absent = anyFamily && error instanceof SystemError && error.code === 'EAFNOSUPPORT'
    if (!absent) throw error
    return open(socketAddress('0.0.0.0', port))
  })
  const address = addressBy('getsockname', fd)
  const linkLocal = address?.address.includes('%') === true
  await begin(core, server, fd, backlog, signal)
  if (address?.family === 'IPv6') nameZonesOf(server)
  if (linkLocal) answer(server, address)
  return server.address() as AddressInfo
}

async function addressOf(core: NamespaceCore, host: string, port: number, limits: Limits): Promise<SocketAddress> {
  if (typeof host !== 'string' || host.includes('%') || host.includes(':') || parseIp(host) !== undefined)
    return zonedAddress(core, host, port, 'host', limits)
  const [first] = await lookupAll(core, host, { signal: limits.signal })
  return socketAddress(first?.address ?? host, port)
}

async function listenAtPath(
  core: NamespaceCore,
  server: Server,
  { path, readableAll = false, writableAll = false, backlog, signal }: Ready<'backlog' | 'path'>,
): Promise<string> {
  checkBoolean('readableAll', readableAll)
  checkBoolean('writableAll', writableAll)
  const address = unixAddress(path)
  const abstract = path.startsWith('\0')
  if (abstract && (readableAll || writableAll))
    throw invalidArgument('path', path, 'an abstract name has no permissions to set')
  signal?.throwIfAborted()
  const plan = { domain: address.domain, type: SOCK_STREAM, bind: address, listen: backlog }
  // Nothing in it can wait, and given up halfway it would leave its file behind.
  const { fd } = await openSocket(core, `listening on ${address.text}`, plan, { timeout: 0 })
  const remove = abstract ? () => {} : removal(path)
  // Before it listens: its signal may close it at once.
  server.once('close', remove)
  try {
    const more = (readableAll ? 0o444 : 0) | (writableAll ? 0o222 : 0)
    if (more !== 0) chmodSync(path, statSync(path).mode | more)
    signal?.throwIfAborted()
    await begin(core, server, fd, backlog, signal)
  } catch (error) {
    // Nothing where Node has taken it over.
    addon.close(fd)
    server.off('close', remove)
    remove()
    throw error
  }
  if (server.listening) answer(server, path)
  return path
}

// Takes the file away unless it is another one by then.
function removal(path: string): () => void {
  const made = statSync(path, { throwIfNoEntry: false })
  return () => {
    const now = statSync(path, { throwIfNoEntry: false })
    if (now !== undefined && now.dev === made?.dev && now.ino === made.ino) unlinkSync(path)
  }
}

async function begin(
  core: NamespaceCore,
  server: Server,
  fd: number,
  backlog: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (core.handle.closed) addon.close(fd)
  core.handle.check()
  const closing = new AbortController()
  const forget = core.handle.onClose(() => closing.abort())
  // Node asks for the backlog once more, and takes it from the second argument alone.
  adopt(fd, () => server.listen({ fd, ...(signal === undefined ? {} : { signal }) }, backlog))
  endServerWith(core, server)
  onEach(server, 'connection', refuseReconnect)
  onEach(server, 'secureConnection', refuseReconnect)
  try {
    await once(server, 'listening', { signal: AbortSignal.any([closing.signal, ...(signal ? [signal] : [])]) })
  } catch (error) {
    // Closed before it could say that it listens.
    signal?.throwIfAborted()
    core.handle.check()
    throw error
  } finally {
    forget()
  }
}

// Node knows no path of a server that it got as a descriptor, and a link-local address only in its own stack.
function answer(server: Server, address: AddressInfo | string): void {
  Object.defineProperty(server, 'address', { value: () => address, configurable: true })
  server.once('close', () => Reflect.deleteProperty(server, 'address'))
}

function nameZonesOf(server: Server): void {
  onEach(server, 'connection', (socket) => {
    const fd: unknown = Reflect.get(Reflect.get(socket, '_handle') ?? {}, 'fd')
    if (typeof fd === 'number' && fd >= 0) nameZones(socket, fd)
  })
}

// Before the user's own listeners, and until the server is closed: it may listen elsewhere then.
function onEach(server: Server, event: string, change: (socket: Socket) => void): void {
  server.prependListener(event, change)
  server.once('close', () => server.off(event, change))
}
