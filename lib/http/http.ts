import type { Agent as HttpAgent, AgentOptions as HttpAgentOptions } from 'node:http'
import type { Agent as HttpsAgent, AgentOptions as HttpsAgentOptions } from 'node:https'
import type { Dispatcher, RequestInfo, Response } from 'undici'
import type { NamespaceCore } from '../namespace/core.js'
import { NamespaceSockets } from '../sockets/sockets.js'
import { httpAgent, httpsAgent } from './agent.js'
import { type DispatcherOptions, dispatcher } from './dispatcher.js'
import { type FetchInit, fetch } from './fetch.js'

/** HTTP of a {@link Namespace}: whatever makes connections for requests, from inside. */
export abstract class NamespaceHttp extends NamespaceSockets {
  readonly #core: NamespaceCore

  /** @internal */
  protected constructor(core: NamespaceCore) {
    super(core)
    this.#core = core
  }

  /**
   * An agent for `http.request` whose connections are made inside. Its defaults are those of `http.globalAgent`: connections are
   * kept open for the next request. Closing the namespace ends them, and what is under way with an error.
   *
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for bad options, and for `proxyEnv`
   * @throws Error `ERR_NAMESPACE_CLOSED` after `close()`
   * @example
   * http.get('http://10.0.0.1/', { agent: ns.httpAgent() }, (response) => response.pipe(process.stdout))
   */
  httpAgent(options: HttpAgentOptions = {}): HttpAgent {
    return httpAgent(this.#core, options)
  }

  /**
   * The same for `https.request`, with TLS options and sessions as Node's own has them. Throws as {@link httpAgent}.
   *
   * @example
   * https.get('https://10.0.0.1/', { agent: ns.httpsAgent({ ca }) }, (response) => response.pipe(process.stdout))
   */
  httpsAgent(options: HttpsAgentOptions = {}): HttpsAgent {
    return httpsAgent(this.#core, options)
  }

  /**
   * An undici Agent whose connections are made inside, with its options: for undici's `request`, `fetch`, `WebSocket` and
   * `EventSource`, HTTP/1.1 and, with `allowH2`, HTTP/2. Closing the namespace closes it, and ends what is under way with an error.
   *
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a `connect` function, Error `ERR_NAMESPACE_CLOSED` after `close()`, undici's
   * `InvalidArgumentError` for other bad options
   * @example
   * new WebSocket('ws://10.0.0.1/', { dispatcher: ns.dispatcher() }) // undici's WebSocket
   */
  dispatcher(options: DispatcherOptions = {}): Dispatcher {
    return dispatcher(this.#core, options)
  }

  /**
   * Fetches from inside: undici's `fetch`, its options and its Response. Time limits are those of undici (10 seconds to connect,
   * 300 for the head and between two parts of the body); a `signal` ends it at once. Connections stay open for a few seconds
   * for the next fetch; closing the namespace ends them, with an error where something is under way.
   *
   * @throws TypeError `fetch failed` with the reason as `cause`; TypeError `ERR_INVALID_ARG_VALUE` for a dispatcher that this
   * namespace has not made; Error `ERR_NAMESPACE_CLOSED` after `close()`
   * @example
   * const response = await ns.fetch('http://10.0.0.1/users', { method: 'POST', body: JSON.stringify({ name: 'blue' }) })
   */
  fetch(input: RequestInfo | globalThis.Request, init?: FetchInit): Promise<Response> {
    return fetch(this.#core, input, init)
  }
}
