import { checkKeys, invalidArgument } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLinks, wordsOf } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import { parseMac } from '../netlink/codec/index.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { NetlinkError } from '../netlink/error.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type NeighborRequest, neighborMessage } from '../netlink/messages/neighbor.js'
import { type Reply, type RequestName, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import { type FdbEntry, type FdbKey, type FdbOptions, fdbEntryOf, fdbKeyValue, fdbValue } from './fdb-entry.js'
import { checkMac } from './mac.js'
import { checkVlan } from './vlan.js'

/** Which entries to list. */
export interface FdbFilter extends Limits {
  /** Those over this link. */
  link?: LinkReference
  /** Those of this bridge and its ports. */
  bridge?: LinkReference
  mac?: string
  vlan?: number
  state?: FdbEntry['state']
}

const filterKeys: Record<keyof FdbFilter, true> = {
  link: true,
  bridge: true,
  mac: true,
  vlan: true,
  state: true,
  ...limitKeys,
}

const { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_APPEND, NLM_F_DUMP } = messageFlags

const table = new Table<FdbFilter, FdbEntry>({
  keys: filterKeys,
  links: ({ link, bridge }) => ({ link, bridge }),
  reading(_core, { mac, vlan, state }, { link, bridge }) {
    const wanted = mac === undefined ? undefined : checkMac('mac', mac).toLowerCase()
    if (vlan !== undefined) checkVlan('vlan', vlan)
    const value: NeighborRequest = { family: 'bridge', ifindex: link, master: bridge }
    const about = { flags: NLM_F_DUMP, words: 'the forwarding tables' }
    return {
      dumps: [request('RTM_GETNEIGH', neighborMessage, value, about)],
      read: fdbEntryOf,
      keep: (entry) =>
        (wanted === undefined || entry.mac === wanted) &&
        (vlan === undefined || entry.vlan === vlan) &&
        (state === undefined || entry.state === state),
    }
  },
})

/**
 * The forwarding tables of a namespace, as `bridge fdb` shows them: of bridges, of vxlans, and the addresses that cards take
 * beside their own. Of one bridge: {@link Bridge.fdb}.
 */
export class Fdb {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Adds an entry.
   *
   * Kernel: RTM_NEWNEIGH of family AF_BRIDGE.
   *
   * @throws {@link NetlinkError} `EEXIST` when there is one, `ENODEV` when there is no such link, `EOPNOTSUPP` with `master` for
   * a link that is no port of a bridge, `EINVAL` for a VLAN that the port does not have
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.fdb.add({ mac: '02:00:00:00:00:09', link: 'eth1', master: true, state: 'static', vlan: 10 })
   * await ns.fdb.add({ mac: '02:00:00:00:00:09', link: 'vx0', dst: '192.0.2.9' })
   */
  async add(entry: FdbOptions, limits?: Limits): Promise<void> {
    await this.#change('RTM_NEWNEIGH', entry, fdbValue(entry), NLM_F_CREATE | NLM_F_EXCL, limits)
  }

  /**
   * Adds a further destination to the entry of a vxlan for a multicast address, or for all zeros. Throws as {@link add}; for other
   * addresses a TypeError, for the kernel would keep the destination there is, without a word.
   *
   * @example
   * const everything = { mac: '00:00:00:00:00:00', link: 'vx0' }
   * await ns.fdb.append({ ...everything, dst: '192.0.2.9' })
   * await ns.fdb.append({ ...everything, dst: '192.0.2.10' })
   */
  async append(entry: FdbOptions, limits?: Limits): Promise<void> {
    const value = fdbValue(entry)
    const octets = parseMac(entry.mac) ?? []
    if (((octets[0] ?? 0) & 1) === 0 && octets.some((octet) => octet !== 0))
      throw invalidArgument('mac', entry.mac, 'only a multicast address and all zeros have several destinations')
    await this.#change('RTM_NEWNEIGH', entry, value, NLM_F_CREATE | NLM_F_APPEND, limits)
  }

  /** Adds an entry, or puts it in the place of the one there is. Throws as {@link add}, but for `EEXIST`. */
  async replace(entry: FdbOptions, limits?: Limits): Promise<void> {
    await this.#change('RTM_NEWNEIGH', entry, fdbValue(entry), NLM_F_CREATE | NLM_F_REPLACE, limits)
  }

  /**
   * Deletes an entry; of a vxlan's with several destinations, the one given.
   *
   * Kernel: RTM_DELNEIGH of family AF_BRIDGE.
   *
   * @throws {@link NetlinkError} `ENOENT` when there is none, `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.fdb.delete({ mac: '02:00:00:00:00:09', link: 'eth1', master: true })
   */
  async delete(entry: FdbKey, limits?: Limits): Promise<void> {
    // An address that a link takes for itself is only let go of as a permanent one.
    const value: NeighborRequest = { ...fdbKeyValue(entry), state: ['permanent'] }
    await this.#change('RTM_DELNEIGH', entry, value, 0, limits)
  }

  /**
   * One entry, by address, link and VLAN. With a bridge as `link`, the entry of any of its ports.
   *
   * Kernel: RTM_GETNEIGH of family AF_BRIDGE (Linux 5.0).
   *
   * @throws {@link NetlinkError} `ENOENT` when there is none, `EOPNOTSUPP` for links without a table of their own
   * @example
   * const { link } = await ns.fdb.get({ mac: '02:00:00:00:00:09', link: 'br0' })
   */
  async get(entry: FdbKey, limits?: Limits): Promise<FdbEntry> {
    const [reply] = await this.#change('RTM_GETNEIGH', entry, fdbKeyValue(entry), 0, limits)
    return fdbEntryOf(reply as Reply)
  }

  /**
   * The entries there are.
   *
   * Kernel: RTM_GETNEIGH of family AF_BRIDGE; link and bridge are filtered by the kernel.
   *
   * @example
   * const learned = await ns.fdb.list({ bridge: 'br0', state: 'dynamic' })
   */
  async list(filter: FdbFilter = {}): Promise<FdbEntry[]> {
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { mac, link } of ns.fdb.stream({ bridge: 'br0' })) console.log(mac, link)
   */
  stream(filter: FdbFilter = {}): DumpStream<FdbEntry> {
    return table.stream(this.#core, filter)
  }

  /**
   * Deletes all entries of bridges and vxlans (with `bridge`, of that bridge only) that {@link list} gives for this filter, but for
   * permanent ones, unless the filter is for those. The addresses that links take for themselves stay.
   *
   * @example
   * await ns.fdb.flush({ bridge: 'br0', state: 'dynamic' })
   * await ns.fdb.flush({ link: 'vx0', state: 'permanent' })
   */
  async flush(filter: FdbFilter = {}): Promise<void> {
    const { state, bridge, signal, timeout } = checkKeys('filter', filter, filterKeys)
    const isOfTable = (entry: FdbEntry) =>
      (bridge === undefined ? (entry.bridge ?? entry.dst ?? entry.nexthop) : entry.bridge) !== undefined
    const found = (await this.list(filter)).filter(isOfTable)
    const entries = found.filter((entry) => state !== undefined || entry.state !== 'permanent')
    const deletions = entries.map((entry) => this.delete(entry, { signal, timeout }))
    for (const result of await Promise.allSettled(deletions)) {
      // The kernel forgets some by itself.
      if (result.status === 'rejected' && !isGone(result.reason)) throw result.reason
    }
  }

  async #change(
    name: RequestName,
    { link, via }: FdbKey,
    value: NeighborRequest,
    flags: number,
    limits: Limits | undefined,
  ): Promise<Reply[]> {
    const known = resolveLinks(this.#core, { link, via }, limits)
    // Requests go to the kernel in the order in which they were made, so nothing waits that need not.
    const indexes = known instanceof Promise ? await known : known
    const change = request(
      name,
      neighborMessage,
      { ...value, index: indexes.link, ifindex: indexes.via },
      { flags, words: `forwarding entry ${value.lladdr} of ${wordsOf(link)}`, hint },
    )
    return this.#core.withConnection((connection) => connection.request(change, limits))
  }
}

function hint({ code, kernelMessage }: NetlinkError): string | undefined {
  return code === 'EOPNOTSUPP' && kernelMessage === undefined
    ? 'With `master` the link must be the port of a bridge; with `self` its kind must have a forwarding table'
    : undefined
}

function isGone(error: unknown): boolean {
  return error instanceof NetlinkError && (error.code === 'ENOENT' || error.code === 'ENODEV')
}
