import { checkObject, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type LinkRequest, linkMessage } from '../netlink/messages/link.js'
import { type Reply, request } from '../netlink/request.js'
import { createOfKind, type KindOptions } from './kind.js'
import { deleteRequest, Link } from './link.js'
import type { CommonLinkOptions } from './options.js'
import { getLinkRequest, type LinkReference, resolveLink, wordsOf } from './reference.js'
import { createVeth } from './veth.js'

/** The other end of a veth: in the same namespace unless it says where. */
export interface VethPeer extends CommonLinkOptions {
  namespace?: Namespace
}

/** Options of a veth. */
export interface VethOptions extends CommonLinkOptions {
  kind: 'veth'
  peer?: VethPeer
}

/** Options of {@link Links.create}. */
export type LinkOptions = VethOptions | KindOptions<'bridge'> | (CommonLinkOptions & { kind: string })

/** Which links {@link Links.list} gives. */
export interface LinkFilter extends Limits {
  /** Those of this kind: `'veth'`, `'bridge'`, … */
  kind?: string
  /** Ports of this master. */
  master?: LinkReference
  /** Those that have been set up, or that have not; both by default. */
  up?: boolean
}

/** The links of a namespace. */
export class Links {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Makes a link, up and with its addresses; all of it or nothing.
   *
   * Kernel: RTM_NEWLINK.
   *
   * @throws {@link NetlinkError} `EEXIST` when the name is taken, `EOPNOTSUPP` when this kernel has no such kind
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.links.create({ kind: 'bridge', name: 'br0', vlanFiltering: 1, addresses: ['10.0.0.1/24'] })
   * await ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } })
   */
  async create(options: LinkOptions, limits: Limits = {}): Promise<Link> {
    if (typeof options !== 'object' || options === null || typeof options.kind !== 'string' || options.kind === '') {
      throw invalidArgument('options', options, 'it must be an object with a kind')
    }
    if (options.kind === 'veth') return this.#createVeth(options as VethOptions, limits)
    return new Link(this.#core, await createOfKind(this.#core, options, limits))
  }

  /**
   * The links there are, in the order of their indexes.
   *
   * Kernel: RTM_GETLINK; kind and master are filtered by the kernel.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is no such master; DumpInterruptedError when the links changed each time
   * they were read
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * const ports = await ns.links.list({ master: 'br0', up: true })
   */
  async list(filter: LinkFilter = {}): Promise<Link[]> {
    const { kind, master, up, ...limits } = checkObject('filter', filter)
    const value: LinkRequest = {
      master: master === undefined ? undefined : await resolveLink(this.#core, master, limits),
      linkinfo: kind === undefined ? undefined : { kind },
    }
    const dump = request('RTM_GETLINK', linkMessage, value, { flags: messageFlags.NLM_F_DUMP, words: 'the links' })
    const links = await this.#core.withConnection((connection) =>
      connection.dump(dump, (reply) => new Link(this.#core, reply), limits),
    )
    // A kernel without loaded support for a kind ignores the filter by it.
    return links.filter((link) => (up === undefined || link.isUp === up) && (kind === undefined || link.kind === kind))
  }

  /**
   * One link.
   *
   * Kernel: RTM_GETLINK.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is none
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for what is no name and no index
   * @example
   * const lo = await ns.links.get('lo')
   */
  async get(nameOrIndex: string | number, limits?: Limits): Promise<Link> {
    const get = getLinkRequest(nameOrIndex)
    const [reply] = await this.#core.withConnection((connection) => connection.request(get, limits))
    return new Link(this.#core, reply as Reply)
  }

  /**
   * Deletes a link; see {@link Link.delete}.
   *
   * Kernel: RTM_DELLINK.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is none, `EOPNOTSUPP` for hardware and loopback
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for what is no link
   * @example
   * await ns.links.delete('br0')
   */
  async delete(link: LinkReference, limits?: Limits): Promise<void> {
    const index = await resolveLink(this.#core, link, limits)
    await this.#core.withConnection((connection) => connection.request(deleteRequest(index, wordsOf(link)), limits))
  }

  async #createVeth(options: VethOptions, limits: Limits): Promise<Link> {
    const { kind: _, peer = {}, ...rest } = options
    const { namespace, ...peerOptions } = checkObject('peer', peer)
    const other = namespace === undefined ? this.#core : coreOf(namespace)
    const [link] = await createVeth(
      { core: this.#core, options: rest, argument: '' },
      { core: other, options: peerOptions, argument: 'peer.' },
      limits,
    )
    return link as Link
  }
}
