import { checkFamily, type Family } from '../addresses/family.js'
import { checkKeys } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type NetconfMessage, netconfMessage } from '../netlink/messages/netconf.js'
import { type Reply, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'

/** IPv4, IPv6, or MPLS where the kernel has it. */
export type NetconfFamily = Family | 'mpls'

/** Whose settings: a link's, `'all'` (what counts for all of them beside their own), or `'default'` (what new ones get). */
export type NetconfLink = LinkReference | 'all' | 'default'

/** Settings of a family for a link; those that the family does not have are absent. */
export interface Netconf {
  readonly family: NetconfFamily
  /** The link's index. */
  readonly link: number | 'all' | 'default'
  /** Whether packets are forwarded. */
  readonly forwarding?: boolean
  /** Whether a source address must be reached over the same link (`'strict'`), or at all (`'loose'`). */
  readonly rpFilter?: 'off' | 'strict' | 'loose'
  /** Whether multicast is forwarded. */
  readonly mcForwarding?: boolean
  /** Whether packets to a network's broadcast address are forwarded. */
  readonly bcForwarding?: boolean
  /** Whether requests for neighbours are answered for others. */
  readonly proxyNeigh?: boolean
  /** Whether routes over links without a carrier do not count. */
  readonly ignoreRoutesWithLinkdown?: boolean
  /** MPLS: whether labelled packets are taken. */
  readonly input?: boolean
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: NetconfMessage
}

/** Which settings {@link Netconfs.list} gives. */
export interface NetconfFilter extends Limits {
  /** IPv4 and IPv6 by default. */
  family?: NetconfFamily
  link?: NetconfLink
}

const filterKeys: Readonly<Record<keyof NetconfFilter, true>> = { family: true, link: true, ...limitKeys }
const special = { all: -1, default: -2 } as const
const switches = [
  'forwarding',
  'mcForwarding',
  'bcForwarding',
  'proxyNeigh',
  'ignoreRoutesWithLinkdown',
  'input',
] as const satisfies (keyof Netconf)[]
const filterNames = ['off', 'strict', 'loose'] as const

const isSpecial = (link: NetconfLink | undefined) => link === 'all' || link === 'default'

const table = new Table<NetconfFilter, Netconf>({
  keys: filterKeys,
  links: ({ link }) => ({ link: isSpecial(link) ? undefined : link }),
  reading(_core, { family, link }, indexes) {
    const families = family === undefined ? (['inet', 'inet6'] as const) : [checkNetconfFamily(family)]
    const index = isSpecial(link) ? special[link] : indexes.link
    const flags = messageFlags.NLM_F_DUMP
    return {
      dumps: families.map((each) =>
        request('RTM_GETNETCONF', netconfMessage, { family: each }, { flags, words: `the settings of ${each}` }),
      ),
      read: netconfOf,
      // The kernel filters them by family at most, and shows those of all when it lacks the one asked for.
      keep: ({ family: of, message }) =>
        families.some((each) => each === of) && (index ?? message.ifindex) === message.ifindex,
    }
  },
})

/** The settings of a namespace's links that decide on forwarding. They are changed by `Namespace.prototype.sysctl`. */
export class Netconfs {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * The settings there are, as `ip netconf` shows them.
   *
   * Kernel: RTM_GETNETCONF.
   *
   * @returns nothing of a family that the kernel lacks
   * @throws {@link NetlinkError} `ENODEV` when there is no link of this name
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * const forwarding = (await ns.netconf.list({ family: 'inet' })).filter((each) => each.forwarding)
   */
  async list(filter: NetconfFilter = {}): Promise<Netconf[]> {
    return table.list(this.#core, filter)
  }

  /** The same one after the other, in little memory; see {@link Routes.stream}. */
  stream(filter: NetconfFilter = {}): DumpStream<Netconf> {
    return table.stream(this.#core, filter)
  }

  /**
   * The settings of one family for a link, for all, or for new ones.
   *
   * Kernel: RTM_GETNETCONF.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is no such link or the family has no settings for it (older kernels say `EINVAL`),
   * `EOPNOTSUPP` when the kernel lacks the family
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for what is no family and no link
   * @example
   * const { forwarding } = await ns.netconf.get({ family: 'inet', link: 'all' })
   */
  async get(of: { family: NetconfFamily; link: NetconfLink }, limits?: Limits): Promise<Netconf> {
    const { family, link } = checkKeys('of', of, { family: true, link: true })
    checkNetconfFamily(family)
    const ifindex = await this.#indexOf(link, limits)
    const words = `the settings of ${family}`
    const get = request('RTM_GETNETCONF', netconfMessage, { family, ifindex }, { words })
    const [reply] = await this.#core.withConnection((connection) => connection.request(get, limits))
    return netconfOf(reply as Reply)
  }

  #indexOf(link: NetconfLink, limits: Limits | undefined): number | Promise<number> {
    return isSpecial(link) ? special[link] : resolveLink(this.#core, link, limits)
  }
}

function checkNetconfFamily(family: unknown): NetconfFamily {
  return family === 'mpls' ? family : checkFamily(family)
}

function netconfOf({ bytes, start, end }: Reply): Netconf {
  const message = netconfMessage.decode(bytes, start, end)
  const { family, ifindex = 0, rpFilter } = message
  const link = ifindex === special.all ? 'all' : ifindex === special.default ? 'default' : ifindex
  const values: Record<string, boolean> = {}
  for (const name of switches) {
    const value = message[name]
    if (value !== undefined) values[name] = value !== 0
  }
  const filter = rpFilter === undefined ? undefined : filterNames[rpFilter]
  return {
    family: family as NetconfFamily,
    link,
    ...values,
    ...(filter !== undefined && { rpFilter: filter }),
    message,
  }
}
