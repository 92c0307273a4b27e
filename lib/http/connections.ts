import type { LookupFunction, Socket } from 'node:net'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { connect } from '../sockets/connect.js'

/** Where a connection of an agent goes to, in the words of http.request and undici. */
export interface Target extends Limits {
  host: string
  port: number
  localAddress?: string | null | undefined
  socketPath?: string | null | undefined
  family?: number | undefined
  hints?: number | undefined
  lookup?: LookupFunction | undefined
  noDelay?: boolean
}

/**
 * The connections of one agent, all of them made inside. While there are some, the agent is told when its namespace is closed,
 * to end those that are idle.
 */
export class Connections {
  readonly #core: NamespaceCore
  readonly #onClose: () => void
  #count = 0
  #forget: (() => void) | undefined

  constructor(core: NamespaceCore, onClose: () => void) {
    this.#core = core
    this.#onClose = onClose
  }

  /** Whether the namespace is closed. */
  get closed(): boolean {
    return this.#core.handle.closed
  }

  /** Connects, and counts the socket until it is closed. */
  async open(target: Target): Promise<Socket> {
    this.#core.handle.check()
    if (this.#count++ === 0) this.#forget = this.#core.handle.onClose(this.#onClose)
    try {
      const socket = await this.#connect(target)
      socket.once('close', () => this.#ended())
      return socket
    } catch (error) {
      this.#ended()
      throw error
    }
  }

  #connect({ host, port, localAddress, socketPath, signal, timeout, ...more }: Target): Promise<Socket> {
    const limits = { signal, timeout }
    if (socketPath) return connect(this.#core, { path: socketPath, ...limits })
    // As both have it by default: a request is not to wait for the answer to the one before.
    const local = localAddress ? { localAddress } : {}
    return connect(this.#core, { host, port, noDelay: true, ...more, ...limits, ...local })
  }

  #ended(): void {
    if (--this.#count === 0) this.#forget?.()
  }
}
