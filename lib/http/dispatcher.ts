import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Agent, buildConnector, Dispatcher } from 'undici'
import { checkObject, invalidArgument } from '../errors/argument.js'
import type { NamespaceCore } from '../namespace/core.js'
import { refuseReconnect } from '../sockets/adopt.js'
import { Connections } from './connections.js'

/** Options of {@link Namespace.dispatcher}: those of undici's Agent, with an object as `connect`. */
export interface DispatcherOptions extends Omit<Agent.Options, 'connect'> {
  /** How to connect: `ca`, `servername`, `rejectUnauthorized`, … of `tls.connect`, `timeout`, `keepAlive`, … of undici. */
  connect?: ConnectionOptions & ConnectorOptions
}

// What undici's Agent hands on to the maker of its connections.
interface ConnectorOptions {
  allowH2?: boolean | undefined
  useH2c?: boolean | undefined
  socketPath?: string | null | undefined
  maxCachedSessions?: number | null | undefined
  /** Milliseconds to connect; 10,000 by default, 0 for no limit. */
  timeout?: number | undefined
  keepAlive?: boolean | null | undefined
  keepAliveInitialDelay?: number | null | undefined
}

let loaded: typeof import('undici') | undefined

// At first need, since most programs have none. By the name of its file: some runtimes put a module of their own in the place of
// 'undici', which pays no heed to `connect`.
export function undici(): typeof import('undici') {
  loaded ??= createRequire(import.meta.url)('undici/index.js') as typeof import('undici')
  return loaded
}

const made = new WeakMap<object, NamespaceCore>()

/** Whether a dispatcher is one of this namespace. */
export function isDispatcherOf(core: NamespaceCore, dispatcher: object): boolean {
  return made.get(dispatcher) === core
}

/** Makes an undici Agent whose connections are made inside; see {@link Namespace.dispatcher}. */
export function dispatcher(core: NamespaceCore, options: DispatcherOptions): Dispatcher {
  core.handle.check()
  const { connect: tls, ...rest } = checkObject('options', options)
  if (tls !== undefined && typeof tls !== 'object')
    throw invalidArgument('options.connect', tls, 'it must be an object: the connections are made by the namespace')
  const connections = new Connections(core, () => {
    if (!agent.closed && !agent.destroyed) agent.close()
  })
  const { allowH2, socketPath, maxCachedSessions, connectTimeout: timeout = 10_000 } = options
  const { useH2c }: ConnectorOptions = rest
  const connect = connector(connections, { allowH2, useH2c, socketPath, maxCachedSessions, timeout, ...tls })
  const agent = new (undici().Agent)({ ...rest, connect })
  made.set(agent, core)
  return agent
}

function connector(connections: Connections, options: ConnectionOptions & ConnectorOptions): buildConnector.connector {
  const { socketPath, timeout, useH2c = false, keepAlive, keepAliveInitialDelay = 60_000, lookup } = options
  // Given a socket, undici's own starts TLS on it (with ALPN, and the sessions that it keeps) and makes no other.
  const secure = undici().buildConnector(options as buildConnector.BuildOptions)
  return (request, done) => {
    const { protocol, hostname, port, localAddress } = request
    const tls = protocol === 'https:'
    const secureOver = (socket: Socket) => {
      try {
        secure({ ...request, httpSocket: socket }, (...[error, secured]) =>
          error ? done(error, null) : done(null, refuseReconnect(secured)),
        )
      } catch (error) {
        // Options that TLS does not take.
        socket.destroy()
        done(error as Error, null)
      }
    }
    const target = { host: hostname, port: Number(port) || (tls ? 443 : 80), localAddress, socketPath }
    connections.open({ ...target, lookup, timeout }).then(
      (socket) => {
        if (tls) return secureOver(socket)
        if (keepAlive !== false) socket.setKeepAlive(true, keepAliveInitialDelay ?? 0)
        // As undici marks a socket on which HTTP/2 is spoken without TLS.
        if (useH2c) Object.assign(socket, { alpnProtocol: 'h2' })
        return done(null, socket)
      },
      (error: Error) => done(error, null),
    )
  }
}
