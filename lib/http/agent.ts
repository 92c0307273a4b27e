import { type AgentOptions, type ClientRequest, type ClientRequestArgs, Agent as NodeHttpAgent } from 'node:http'
import { type AgentOptions as HttpsAgentOptions, Agent as NodeHttpsAgent, type RequestOptions } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { checkObject, invalidArgument } from '../errors/argument.js'
import type { NamespaceCore } from '../namespace/core.js'
import { refuseReconnect } from '../sockets/adopt.js'
import { Connections } from './connections.js'
import { watchRequest } from './request.js'

type Created = (error: Error | null, socket?: Duplex) => void

// What Node's agents have beside what their types say: methods to override that its documentation names, and the books they keep.
interface Agent extends NodeHttpsAgent {
  readonly sockets: NodeJS.Dict<Socket[]>
  readonly requests: NodeJS.Dict<ClientRequest[]>
  totalSocketCount: number
  keepSocketAlive(socket: Duplex): boolean
  createSocket(request: ClientRequest, options: ClientRequestArgs, created: Created): void
  removeSocket(socket: Socket, options: ClientRequestArgs): void
}

type AgentClass = new (options: HttpsAgentOptions) => Agent
const HttpAgent = NodeHttpAgent as unknown as AgentClass
const HttpsAgent = NodeHttpsAgent as unknown as AgentClass

// Those of http.globalAgent.
const defaults = { keepAlive: true, scheduling: 'lifo', timeout: 5000 } as const

/** What an agent hands over for a socket that is connected: the socket, or TLS on it, which `start` begins as the agent's own class does. */
type Wrap = (socket: Socket, options: ClientRequestArgs, start: () => TLSSocket) => Duplex

const inside = (Base: AgentClass, wrap: Wrap) =>
  class NamespaceAgent extends Base {
    readonly #connections: Connections
    // For which Node asks for a connection just now.
    #request: ClientRequest | undefined

    constructor(core: NamespaceCore, options: HttpsAgentOptions) {
      super({ ...defaults, ...options })
      this.#connections = new Connections(core, () => endIdle(this))
    }

    override createConnection(options: RequestOptions, created: Created): undefined {
      // Given a socket, Node's own starts TLS on it (with the sessions that it keeps) and makes no other.
      const start = (socket: Socket) => () => super.createConnection({ ...options, ...{ socket } }) as TLSSocket
      const wrapped = (socket: Socket) => wrap(socket, options, start(socket))
      open(this, this.#connections, this.#request, options, created, wrapped)
    }

    override createSocket(request: ClientRequest, options: ClientRequestArgs, created: Created): void {
      this.#request = request
      try {
        super.createSocket(request, options, dequeueFailed(this, request, created))
      } finally {
        this.#request = undefined
      }
    }

    override keepSocketAlive(socket: Duplex): boolean {
      return super.keepSocketAlive(socket) && !this.#connections.closed
    }
  }

const NamespaceHttpAgent = inside(HttpAgent, (socket, { timeout }) => socket.setTimeout(timeout ?? 0))
const NamespaceHttpsAgent = inside(HttpsAgent, (_socket, _options, start) => refuseReconnect(start()))

/** Node counts a connection once it is made; with a stand-in, `maxSockets` holds for those under way, and `destroy()` ends them. */
function open(
  agent: Agent,
  connections: Connections,
  request: ClientRequest | undefined,
  options: ClientRequestArgs,
  created: Created,
  wrap: (socket: Socket) => Duplex,
): void {
  const name = agent.getName(options)
  const abort = new AbortController()
  const forget = request && watchRequest(request, options.timeout, abort)
  const standIn = new Socket()
  standIn.destroy = (error) => {
    abort.abort(error ?? new Error('The agent was destroyed'))
    return standIn
  }
  const sockets = agent.sockets as NodeJS.Dict<Socket[]>
  const places = sockets[name] ?? []
  sockets[name] = places
  places.push(standIn)
  agent.totalSocketCount++
  const leave = () => {
    forget?.()
    places.splice(places.indexOf(standIn), 1)
    if (places.length === 0) delete sockets[name]
    agent.totalSocketCount--
  }
  const { host, port, localAddress, socketPath, family, hints, lookup } = options
  const { noDelay = true } = agent.options
  const where = { host: host ?? 'localhost', port: Number(port), localAddress, socketPath }
  const failed = (error: Error) => {
    leave()
    created(error)
    // Gives the place to a request that waits.
    agent.removeSocket(standIn, options)
  }
  connections.open({ ...where, family, hints, lookup, noDelay, signal: abort.signal }).then((socket) => {
    let wrapped: Duplex
    try {
      wrapped = wrap(socket)
    } catch (error) {
      // Options that TLS does not take.
      socket.destroy()
      return failed(error as Error)
    }
    leave()
    created(null, wrapped)
  }, failed)
}

// Node would leave the request that has failed in the queue, and connect for it again and again.
function dequeueFailed(agent: Agent, request: ClientRequest, created: Created): Created {
  return (error, socket) => {
    const queues = agent.requests as NodeJS.Dict<ClientRequest[]>
    for (const [name, queue = []] of error ? Object.entries(queues) : []) {
      const waiting = queue.filter((other) => other !== request)
      if (waiting.length > 0) queues[name] = waiting
      else delete queues[name]
    }
    created(error, socket)
  }
}

function endIdle(agent: Agent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
}

// Through a proxy Node connects by itself, from the host.
function checkOptions(options: object): void {
  const { proxyEnv } = checkObject('options', options) as { proxyEnv?: unknown }
  if (proxyEnv !== undefined)
    throw invalidArgument('options.proxyEnv', proxyEnv, 'an agent of a namespace uses no proxy')
}

/** Makes an agent whose connections are made inside; see {@link Namespace.httpAgent}. */
export function httpAgent(core: NamespaceCore, options: AgentOptions): NodeHttpAgent {
  core.handle.check()
  checkOptions(options)
  return new NamespaceHttpAgent(core, options)
}

/** The same with TLS; see {@link Namespace.httpsAgent}. */
export function httpsAgent(core: NamespaceCore, options: HttpsAgentOptions): NodeHttpsAgent {
  core.handle.check()
  checkOptions(options)
  return new NamespaceHttpsAgent(core, options)
}
