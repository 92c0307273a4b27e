import { Socket } from 'node:net'
import { checkBoolean, checkInteger, checkObject } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import { defaultTimeout, type Limits, withLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AF_INET6,
  EINPROGRESS,
  POLLOUT,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../native/constants.js'
import { startJob } from '../native/jobs.js'
import { socketAddress } from './address.js'
import { adopt } from './adopt.js'

/** Where {@link Namespace.connect} connects to. */
export interface ConnectOptions extends Limits {
  /** 1 to 65,535. */
  port: number
  /** An IP address. */
  host: string
  /** The address of the namespace to connect from. */
  localAddress?: string
  /** The port to connect from; 0, the default, lets the kernel choose. */
  localPort?: number
  /** Whether the socket stays writable when the other side has ended; false by default. */
  allowHalfOpen?: boolean
  /** Whether small packets are sent at once (TCP_NODELAY); false by default. */
  noDelay?: boolean
}

/** Makes a TCP connection from inside a namespace; see {@link Namespace.connect}. */
export async function connect(core: NamespaceCore, options: ConnectOptions): Promise<Socket> {
  const {
    host,
    port,
    localAddress,
    localPort = 0,
    allowHalfOpen = false,
    noDelay = false,
    signal,
    timeout = defaultTimeout,
  } = checkObject('options', options)
  checkInteger('port', port, 1, 65_535)
  checkBoolean('allowHalfOpen', allowHalfOpen)
  checkBoolean('noDelay', noDelay)
  const address = socketAddress(host, port)
  const any = address.domain === AF_INET6 ? '::' : '0.0.0.0'
  const local =
    localAddress === undefined && localPort === 0
      ? undefined
      : socketAddress(localAddress ?? any, localPort, 'localAddress')
  const operation = `connecting to ${address.text}`
  const limits = { signal, timeout }
  const { steps, values } = await core.visit(
    operation,
    (program) => {
      const socket = program.call('socket', [address.domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0], {
        descriptor: 'keep',
      })
      if (local !== undefined) {
        const name = program.bytes(local.bytes)
        program.call('bind', [socket, name, name.length])
      }
      const name = program.bytes(address.bytes)
      return { socket, connected: program.call('connect', [socket, name, name.length], { mayFail: true }) }
    },
    limits,
    ['net'],
  )
  const fd = values.of(steps.socket)
  const result = values.of(steps.connected)
  const failed = (errno: number) =>
    new SystemError(errno, { syscall: 'connect', operation: `${operation} in ${core.label}` })
  try {
    if (result < 0 && result !== -EINPROGRESS) throw failed(-result)
    if (result < 0) {
      const { errno } = await withLimits(operation, 'connect', limits, () =>
        startJob((id) => addon.wait(id, fd, POLLOUT, -1)),
      )
      // What the socket says counts, not the state that poll saw.
      const cause = errno === 0 ? pendingError(fd) : errno
      if (cause !== 0) throw failed(cause)
    }
  } catch (error) {
    addon.close(fd)
    throw error
  }
  // From here on the descriptor is Node's.
  addon.release(fd)
  const socket = adopt(fd, () => new Socket({ fd, readable: true, writable: true, allowHalfOpen }))
  socket.setNoDelay(noDelay)
  return socket
}

function pendingError(fd: number): number {
  const value = new Uint8Array(4)
  const length = Uint8Array.of(4, 0, 0, 0)
  const result = addon.syscall(addon.numbers.getsockopt, fd, SOL_SOCKET, SO_ERROR, value, length)
  return result < 0 ? -result : new DataView(value.buffer).getInt32(0, true)
}
