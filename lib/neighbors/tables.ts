import { checkFamily, type Family } from '../addresses/family.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import type { NetlinkError } from '../netlink/error.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { neighborTableMessage } from '../netlink/messages/neighbor-table.js'
import { request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import { type NeighborTable, type NeighborTableChanges, neighborTableOf, neighborTableValue } from './table.js'

/** Which tables {@link NeighborTables.list} gives. */
export interface NeighborTableFilter extends Limits {
  /** IPv4 (ARP) or IPv6 (NDP) only; both by default. */
  family?: Family
  /** Only what there is for this link, without the tables themselves. */
  link?: LinkReference
}

const filterKeys: Readonly<Record<keyof NeighborTableFilter, true>> = { family: true, link: true, ...limitKeys }

const ofTheHost =
  'The limits of a table and its defaults belong to the first network namespace of the machine; those of a link are changed with a link'

const table = new Table<NeighborTableFilter, NeighborTable>({
  keys: filterKeys,
  links: ({ link }) => ({ link }),
  reading(_core, { family }, { link }) {
    const of = family === undefined ? 'unspec' : checkFamily(family)
    const about = { flags: messageFlags.NLM_F_DUMP, words: 'the neighbor tables' }
    return {
      dumps: [request('RTM_GETNEIGHTBL', neighborTableMessage, { family: of }, about)],
      read: neighborTableOf,
      keep: (each) => link === undefined || each.link === link,
    }
  },
})

/** How a namespace looks after its neighbours: the parameters of the ARP and NDP tables, for each link. */
export class NeighborTables {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * The tables, which are the machine's, and what they have for each link, as `ip ntable` shows them.
   *
   * Kernel: RTM_GETNEIGHTBL; the family is filtered by the kernel.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * const [arp] = await ns.neighbors.tables.list({ family: 'inet', link: 'eth0' })
   * console.log(arp.baseReachableTime) // 30000
   */
  async list(filter: NeighborTableFilter = {}): Promise<NeighborTable[]> {
    return table.list(this.#core, filter)
  }

  /** The same one after the other, in little memory; see {@link Routes.stream}. */
  stream(filter: NeighborTableFilter = {}): DumpStream<NeighborTable> {
    return table.stream(this.#core, filter)
  }

  /**
   * Changes what a table has for a link, as `ip ntable change` does. Each link has its own parameters, also in the table of its
   * own namespace; the table's limits and defaults are the machine's, and only changed by {@link Namespace.current} of the host.
   *
   * Kernel: RTM_SETNEIGHTBL.
   *
   * @throws {@link NetlinkError} `ENOENT` without a link elsewhere than in the first namespace of the machine, `ENODEV` when there
   * is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad changes
   * @example
   * await ns.neighbors.tables.set({ family: 'inet', link: 'eth0', baseReachableTime: 5000, ucastProbes: 1 })
   */
  async set(changes: NeighborTableChanges, limits?: Limits): Promise<void> {
    const { parms, ...value } = neighborTableValue(changes)
    const { link } = changes
    const ifindex = link === undefined ? undefined : await resolveLink(this.#core, link, limits)
    const hint = ({ code }: NetlinkError) => (code === 'ENOENT' && link === undefined ? ofTheHost : undefined)
    // Without a parameter of its own, NDTA_PARMS would name the defaults.
    const isPart = ifindex !== undefined || Object.keys(parms ?? {}).length > 0
    const whole = isPart ? { ...value, parms: { ifindex, ...parms } } : value
    const change = request('RTM_SETNEIGHTBL', neighborTableMessage, whole, { words: `table ${value.name}`, hint })
    await this.#core.withConnection((connection) => connection.request(change, limits))
  }
}
