import type { Socket as DatagramSocket, SocketType } from 'node:dgram'
import type { AddressInfo, Server, Socket } from 'node:net'
import { type Lookup, lookupOf } from '../dns/callback.js'
import type { NamespaceCore } from '../namespace/core.js'
import { NetworkStack } from '../namespace/stack.js'
import { type PingOptions, type PingResult, ping } from '../ping/ping.js'
import { type ConnectOptions, connect } from './connect.js'
import { type DatagramOptions, datagramSocket } from './datagram.js'
import { type ListenOptions, listen } from './listen.js'
import { type RawSocketOptions, rawSocket, type SocketDomain, type SocketKind } from './raw.js'

/** The sockets of a {@link Namespace}: what this process's event loop does in there. */
export abstract class NamespaceSockets extends NetworkStack {
  readonly #core: NamespaceCore

  /**
   * Looks a name up, as Node's `dns.promises.lookup` does and with a callback as `dns.lookup`; a function that needs no `this`,
   * to be passed wherever there is a `lookup` option.
   *
   * Asked are hosts(5) and then the servers of resolv.conf(5), from inside; both files in /etc/netns/NAME where the namespace
   * has a name, else in /etc. The order of the results is Node's default one (`dns.setDefaultResultOrder`), in which `verbatim`
   * means: first what the namespace has a route to, and IPv6 before IPv4.
   *
   * @throws {@link LookupError} `ENOTFOUND`, `EAI_AGAIN`; the signal's reason when it is aborted
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * const { address } = await ns.lookup('db.internal', { servers: ['10.0.0.53'] })
   * const agent = new http.Agent({ lookup: ns.lookup })
   */
  readonly lookup: Lookup

  /** @internal */
  protected constructor(core: NamespaceCore) {
    super(core)
    this.#core = core
    this.lookup = lookupOf(core)
  }

  /**
   * Has a server of this process (net, http, http2, https, tls) listen inside: it accepts there, and its connections are
   * objects of this event loop as any others. Ports below 1024 are free to an ordinary user, too.
   *
   * @returns where it listens, as `server.address()` gives it: the path where it listens at one
   * @throws {@link SystemError} `EADDRINUSE`, `EADDRNOTAVAIL`; {@link LookupError} for an unknown `host`
   * @throws Error `ERR_SERVER_ALREADY_LISTEN`, `ERR_NAMESPACE_CLUSTER` in a worker of node:cluster; TypeError `ERR_INVALID_ARG_VALUE` for bad options
   * @example
   * await ns.listen(http.createServer((request, response) => response.end('hello')), { port: 80 })
   */
  listen(server: Server, options: ListenOptions & { path: string }): Promise<string>
  listen(server: Server, options?: ListenOptions & { path?: undefined }): Promise<AddressInfo>
  listen(server: Server, options?: ListenOptions): Promise<AddressInfo | string>
  listen(server: Server, options: ListenOptions = {}): Promise<AddressInfo | string> {
    return listen(this.#core, server, options)
  }

  /**
   * Makes a TCP or Unix connection from inside. The socket is an ordinary one, connected already; to be used by `http.request`
   * as its `createConnection`, for instance. It cannot be connected a second time (`ERR_NAMESPACE_SOCKET`).
   *
   * A name is looked up by {@link lookup}; its addresses are tried in turn, of both families alternately, one 250 ms after the
   * other, until the first one answers (RFC 8305).
   *
   * @throws {@link SystemError} `ECONNREFUSED`, `ENETUNREACH`, `ETIMEDOUT`, …, in an AggregateError where several addresses
   * failed; {@link LookupError} for an unknown `host`; the signal's reason when it is aborted
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * const socket = await ns.connect({ host: '10.0.0.1', port: 80 })
   */
  connect(options: ConnectOptions): Promise<Socket> {
    return connect(this.#core, options)
  }

  /**
   * Makes a UDP socket inside: Node's own, bound already. Names it sends to are looked up by {@link lookup}, and a multicast
   * interface may be the name of a link of the namespace. Not possible in Node: to get messages from link-local IPv6 addresses
   * (`'error'` `ENXIO`, unless this process's own stack has a link of the same index).
   *
   * @throws {@link SystemError} `EADDRINUSE`, `EADDRNOTAVAIL`, `ENODEV` when there is no such link; {@link LookupError}
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * const socket = await ns.createSocket({ type: 'udp4', port: 5353, reuseAddr: true })
   * socket.addMembership('224.0.0.251', 'eth0')
   */
  createSocket(options: SocketType | DatagramOptions): Promise<DatagramSocket> {
    return datagramSocket(this.#core, options)
  }

  /**
   * Makes a socket inside and gives its descriptor, which is the caller's to close (`fs.closeSync`): packet, raw, netlink or
   * Unix sockets, for one's own system calls or another library's.
   *
   * Kernel: socket(2) with SOCK_CLOEXEC.
   *
   * @param protocol 0 by default; of a packet socket the EtherType as it is (3 is ETH_P_ALL), without htons
   * @throws {@link SystemError} `EPERM`, `EAFNOSUPPORT`, `EPROTONOSUPPORT`
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad arguments
   * @example
   * const fd = await ns.socket('packet', 'raw', 3)
   */
  socket(domain: SocketDomain, type: SocketKind, protocol = 0, options: RawSocketOptions = {}): Promise<number> {
    return rawSocket(this.#core, domain, type, protocol, options)
  }

  /**
   * Asks a host for echoes, as ping(8) does. An ordinary user can do it in their own namespaces, and in others where
   * `net.ipv4.ping_group_range` says so.
   *
   * Kernel: ICMP and ICMPv6 raw sockets, or datagram sockets where those are for root only; the kernel's time stamps.
   *
   * @param address an IP address (`'10.0.0.1'`, `'fe80::1%eth0'`) or a name that {@link lookup} knows
   * @throws {@link SystemError} `ETIMEDOUT` without a reply in time, `EHOSTUNREACH`, `ENETUNREACH`, … as a router or the own
   * stack says, `EACCES` when it is not allowed; {@link LookupError}
   * @example
   * const { rttMs } = await ns.ping('10.0.0.1')
   */
  ping(address: string, options: PingOptions = {}): Promise<PingResult> {
    return ping(this.#core, address, options)
  }
}
