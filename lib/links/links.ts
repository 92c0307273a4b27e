import { checkBoolean, checkInteger, checkObject, invalidArgument } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type LinkKind, type LinkRequest, linkMessage } from '../netlink/messages/link.js'
import { copyReply, type Reply, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import { makePersistent } from '../tuntap/device.js'
import type { TunLinkOptions } from '../tuntap/options.js'
import type { KindAttributes } from './attributes.js'
import { createOfKind, type KindOptions, type OtherKindOptions, type PairKind } from './kind.js'
import { deleteRequest, Link } from './link.js'
import { type CommonLinkOptions, commonOptions } from './options.js'
import { createPair } from './pair.js'
import { getLinkRequest, knownIndex, type LinkReference, wordsOf } from './reference.js'

/** The other end of a veth: in the same namespace unless it says where. */
export interface VethPeer extends CommonLinkOptions {
  namespace?: Namespace
}

/** Options of a link that is made together with another one. */
export type PairOptions<K extends PairKind> = CommonLinkOptions & { kind: K; peer?: VethPeer } & Omit<
    KindAttributes<K>,
    'peer' | 'unknown'
  >

/** Options of a veth. */
export type VethOptions = PairOptions<'veth'>

/** Options of {@link Links.create}, by kind. */
export type LinkOptions<K extends string = LinkKind> = K extends PairKind
  ? PairOptions<K>
  : K extends 'tun'
    ? TunLinkOptions
    : K extends LinkKind
      ? KindOptions<K>
      : OtherKindOptions<K>

/** Which links {@link Links.list} gives. */
export interface LinkFilter extends Limits {
  /** Those of this kind: `'veth'`, `'bridge'`, … */
  kind?: string
  /** Ports of this master. */
  master?: LinkReference
  /** Those that have been set up, or that have not; both by default. */
  up?: boolean
}

const filterKeys: Readonly<Record<keyof LinkFilter, true>> = { kind: true, master: true, up: true, ...limitKeys }

const table = new Table<LinkFilter, Link>({
  keys: filterKeys,
  links: ({ master }) => ({ master }),
  reading(core, { kind, up }, { master }) {
    if (kind !== undefined && typeof kind !== 'string') throw invalidArgument('kind', kind, 'it must be a string')
    if (up !== undefined) checkBoolean('up', up)
    const value: LinkRequest = { master, linkinfo: kind === undefined ? undefined : { kind } }
    const about = { flags: messageFlags.NLM_F_DUMP, words: 'the links' }
    return {
      dumps: [request('RTM_GETLINK', linkMessage, value, about)],
      read: (reply) => new Link(core, copyReply(reply)),
      // A kernel without loaded support for a kind ignores the filter by it.
      keep:
        (up ?? kind) === undefined
          ? undefined
          : (link) => (up === undefined || link.isUp === up) && (kind === undefined || link.kind === kind),
    }
  },
})

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
   * Kernel: RTM_NEWLINK; for kind `tun`, which is then persistent, /dev/net/tun (see {@link TunTap} to read and write packets).
   *
   * @throws {@link NetlinkError} `EEXIST` when the name is taken, `EOPNOTSUPP` when this kernel has no such kind (the message
   * names the option it lacks), `ENETDOWN` when the link beneath a VLAN is down
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.links.create({ kind: 'bridge', name: 'br0', vlanFiltering: 1, addresses: ['10.0.0.1/24'] })
   * await ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } })
   * await ns.links.create({ kind: 'vlan', name: 'eth0.5', link: 'eth0', id: 5 })
   * await ns.links.create({ kind: 'vxlan', name: 'vx0', id: 42, dev: 'eth0', remote: '239.1.1.1', port: 4789 })
   * await ns.links.create({ kind: 'tun', mode: 'tap', name: 'tap0', uid: 1000 })
   * await blue.links.create({ kind: 'macvlan', name: 'eth0', link: await ns.links.get('eth0'), mode: 'bridge' })
   */
  async create<K extends string>(options: { kind: K } & LinkOptions<K>, limits: Limits = {}): Promise<Link> {
    if (typeof options !== 'object' || options === null || typeof options.kind !== 'string' || options.kind === '') {
      throw invalidArgument('options', options, 'it must be an object with a kind')
    }
    const { kind } = options
    if (kind === 'tun') return makePersistent(this.#core, options as TunLinkOptions, limits)
    if (isPairKind(kind)) return this.#createPair(kind, options as PairOptions<PairKind>, limits)
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
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { name, mtu } of ns.links.stream({ kind: 'veth' })) console.log(name, mtu)
   */
  stream(filter: LinkFilter = {}): DumpStream<Link> {
    return table.stream(this.#core, filter)
  }

  /**
   * One link, by its name, an alternative name or its index.
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
    // By its name in one trip: what is asked for in the same tick does not get ahead of it.
    const target = knownIndex(this.#core, link) ?? (link as string)
    await this.#core.withConnection((connection) => connection.request(deleteRequest(target, wordsOf(link)), limits))
  }

  /**
   * Deletes all links of a group in one request, some fifty times faster than one by one.
   *
   * Kernel: RTM_DELLINK with IFLA_GROUP.
   *
   * @param group 1 to 2,147,483,647; group 0 has the loopback device in it, which stays
   * @throws {@link NetlinkError} `ENODEV` when the group has no links, `EOPNOTSUPP` when one of them is hardware: then all stay
   * @example
   * await ns.links.deleteGroup(7)
   */
  async deleteGroup(group: number, limits?: Limits): Promise<void> {
    checkInteger('group', group, 1, 0x7fffffff)
    const words = `the links of group ${group}`
    await this.#core.withConnection((connection) =>
      connection.request(request('RTM_DELLINK', linkMessage, { group }, { words }), limits),
    )
  }

  async #createPair(kind: PairKind, options: PairOptions<PairKind>, limits: Limits): Promise<Link> {
    const { peer = {}, kind: _, ...rest } = options
    const { namespace, ...peerOptions } = checkObject('peer', peer)
    const other = namespace === undefined ? this.#core : coreOf(namespace)
    // A veth has no attributes of its kind: what is not a common option of it is refused.
    const isOwn = (name: string) => kind !== 'veth' && !Object.hasOwn(commonOptions, name)
    const entries = Object.entries(rest)
    const common: CommonLinkOptions = Object.fromEntries(entries.filter(([name]) => !isOwn(name)))
    const data = Object.fromEntries(entries.filter(([name]) => isOwn(name)))
    const [link] = await createPair(
      kind,
      { core: this.#core, options: common, argument: '' },
      { core: other, options: peerOptions, argument: 'peer.' },
      data,
      limits,
    )
    return link as Link
  }
}

function isPairKind(kind: string): kind is PairKind {
  return kind === 'veth' || kind === 'netkit' || kind === 'vxcan'
}
