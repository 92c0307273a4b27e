import { closeSync } from 'node:fs'
import { type AddressInfo, Socket, type SocketConstructorOpts } from 'node:net'
import { stateError } from '../errors/argument.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import { readAddress } from './address.js'
import { endSocketWith } from './ending.js'
import { linkNameOn } from './link.js'
import { int } from './open.js'

/** Has Node take a descriptor over from the addon; what it refuses is closed. */
export function adopt<T>(fd: number, take: () => T): T {
  addon.release(fd)
  try {
    return take()
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

// Node would make another socket for it, in another network stack.
function connectAgain(): never {
  const words = 'A socket of a namespace cannot be connected again: Node would do so in its own network stack'
  throw stateError('ERR_NAMESPACE_SOCKET', `${words}. Make a new one with ns.connect`)
}

/** A connected socket of a namespace, made elsewhere and taken over by Node. */
export class NamespaceSocket extends Socket {
  /** Refused. */
  override connect(): never {
    return connectAgain()
  }
}

/** The same for a socket that Node has made: one that it has accepted, or TLS over another one. */
export function refuseReconnect<T extends Socket>(socket: T): T {
  return Object.defineProperty(socket, 'connect', { value: connectAgain, configurable: true, writable: true })
}

/** Has Node take a connected socket over; it ends with its namespace. */
export function adoptConnected(core: NamespaceCore, fd: number, options: SocketConstructorOpts): Socket {
  const socket = adopt(fd, () => new NamespaceSocket({ ...options, fd, readable: true, writable: true }))
  nameZones(socket, fd)
  endSocketWith(core, socket)
  return socket
}

/** The address of a socket of this call: getsockname or getpeername. */
export function addressBy(call: 'getsockname' | 'getpeername', fd: number): AddressInfo | undefined {
  const bytes = new Uint8Array(28)
  const result = addon.syscall(addon.numbers[call], fd, bytes, int(bytes.length))
  return result < 0 ? undefined : readAddress(bytes, (index) => linkNameOn(fd, index))
}

/**
 * Gives a socket the addresses that it has, where they are link-local: Node looks up the name of their link in its own
 * stack, which gives the wrong one, or an error (ENXIO) for an index that is not there.
 */
export function nameZones(socket: Socket, fd: number): void {
  const local = addressBy('getsockname', fd)
  if (local === undefined || !local.address.includes('%')) return
  const remote = addressBy('getpeername', fd)
  if (remote === undefined) return
  const values = {
    localAddress: local.address,
    localPort: local.port,
    localFamily: local.family,
    remoteAddress: remote.address,
    remotePort: remote.port,
    remoteFamily: remote.family,
  }
  for (const [name, value] of Object.entries(values)) Object.defineProperty(socket, name, { value, configurable: true })
  Object.defineProperty(socket, 'address', { value: () => ({ ...local }), configurable: true })
}
