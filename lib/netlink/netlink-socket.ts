import { checkInteger } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import { coreOf } from '../namespace/core.js'
import { Handle } from '../namespace/handle.js'
import type { Namespace } from '../namespace/namespace.js'
import { Connection } from './connection.js'
import { messageFlags } from './messages/constants.js'
import { copyReply, type NetlinkRequest, type Reply } from './request.js'
import { openNetlinkSocket } from './socket.js'

/** Options of {@link NetlinkSocket.open}. */
export interface NetlinkSocketOptions {
  /** Where the socket is: what it asks about and changes is this namespace's. */
  namespace: Namespace
  /** `NETLINK_ROUTE` (0) by default; 12 is netfilter's, 16 the generic one's. */
  protocol?: number
}

/**
 * A netlink socket in a namespace, of any protocol.
 *
 * @example
 * using socket = await NetlinkSocket.open({ namespace })
 * const links = await socket.dump(
 *   { name: 'RTM_GETLINK', type: messageTypes.RTM_GETLINK, flags: 0, message: linkMessage, value: {}, words: 'the links' },
 *   ({ bytes, start, end }) => linkMessage.decode(bytes, start, end),
 * )
 */
export class NetlinkSocket implements AsyncDisposable, Disposable {
  readonly #handle: Handle
  readonly #connection: Connection

  private constructor(socket: number, label: string) {
    const handle = new Handle([socket], () => `netlink socket in ${label}`)
    this.#handle = handle
    this.#connection = new Connection(socket, { label, handle })
  }

  /** Opens one. Throws {@link SystemError} `EPROTONOSUPPORT` when this kernel has no such protocol. */
  static async open({ namespace, protocol = 0 }: NetlinkSocketOptions): Promise<NetlinkSocket> {
    checkInteger('protocol', protocol, 0, 31)
    const core = coreOf(namespace)
    const socket = await core.handle.use(() => openNetlinkSocket(core, { protocol }))
    return new NetlinkSocket(socket, core.label)
  }

  /** Its descriptor: this object's own, not to be closed. */
  get fd(): number {
    this.#handle.check()
    return this.#connection.socket
  }

  /**
   * Sends a request, with the others of the same tick, and gives what came in answer: nothing, for most changes.
   *
   * @throws {@link NetlinkError} when the kernel refuses it
   */
  request<In>(request: NetlinkRequest<In>, limits?: Limits): Promise<Reply[]> {
    return this.#connection.request(request as unknown as NetlinkRequest, limits)
  }

  /**
   * Reads a table, each of its entries through `decode`; those of which that makes undefined are left out.
   *
   * @throws DumpInterruptedError when the table changed each time it was read
   */
  dump<In, T>(request: NetlinkRequest<In>, decode: (reply: Reply) => T | undefined, limits?: Limits): Promise<T[]> {
    const dump = { ...request, flags: request.flags | messageFlags.NLM_F_DUMP } as unknown as NetlinkRequest
    // What the caller is given is the caller's to keep.
    return this.#connection.dump(dump, (reply) => decode(copyReply(reply)), limits)
  }

  /** Closes it; what is under way ends first. */
  close(): void {
    this.#handle.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}
