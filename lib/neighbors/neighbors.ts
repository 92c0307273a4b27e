import { checkFamily, type Family } from '../addresses/family.js'
import { checkBoolean, checkKeys } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { NetlinkError } from '../netlink/error.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type NeighborRequest, neighborMessage } from '../netlink/messages/neighbor.js'
import { type RequestName, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import type { RouteProtocol } from '../routes/route.js'
import {
  entryKeys,
  keyValue,
  type Neighbor,
  type NeighborKey,
  type NeighborOptions,
  type NeighborState,
  neighborOf,
  neighborValue,
} from './neighbor.js'
import { NeighborTables } from './tables.js'

/** Which entries to list. */
export interface NeighborFilter extends Limits {
  /** Those reached over this link: the object, its name or its index. */
  link?: LinkReference
  /** IPv4 (ARP) or IPv6 (NDP) only; both by default. */
  family?: Family
  /** Only those in this state; `'noarp'` for those that need no resolving. */
  state?: NeighborState
  /** The addresses that this host answers for, which are kept apart, instead of the neighbours; false by default. */
  proxy?: boolean
  protocol?: RouteProtocol
}

const filterKeys: Record<keyof NeighborFilter, true> = {
  link: true,
  family: true,
  state: true,
  proxy: true,
  protocol: true,
  ...limitKeys,
}

const { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_DUMP } = messageFlags

const table = new Table<NeighborFilter, Neighbor>({
  keys: filterKeys,
  links: ({ link }) => ({ ifindex: link }),
  reading(_core, filter, { ifindex }) {
    const { family, state, proxy = false, protocol } = filter
    checkBoolean('proxy', proxy)
    const of = family === undefined ? 'unspec' : checkFamily(family)
    const value: NeighborRequest = { family: of, ifindex, flags: proxy ? ['proxy'] : undefined }
    return {
      dumps: [request('RTM_GETNEIGH', neighborMessage, value, { flags: NLM_F_DUMP, words: 'the neighbors' })],
      read: neighborOf,
      keep: (each) =>
        (state === undefined ? each.state !== 'noarp' : each.state === state) &&
        (protocol === undefined || each.protocol === protocol),
    }
  },
})

/** The neighbours of a namespace: its ARP and NDP tables. */
export class Neighbors {
  readonly #core: NamespaceCore

  /** How they are looked after: the tables' parameters, for each link. */
  readonly tables: NeighborTables

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
    this.tables = new NeighborTables(core)
  }

  /**
   * The entries there are, as `ip neighbor` shows them: without those that need no resolving (multicast, loopback).
   *
   * Kernel: RTM_GETNEIGH; link, family and proxy are filtered by the kernel.
   *
   * @example
   * const stale = await ns.neighbors.list({ link: 'eth0', state: 'stale' })
   */
  async list(filter: NeighborFilter = {}): Promise<Neighbor[]> {
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { address, mac } of ns.neighbors.stream({ family: 'inet' })) console.log(address, mac)
   */
  stream(filter: NeighborFilter = {}): DumpStream<Neighbor> {
    return table.stream(this.#core, filter)
  }

  /**
   * Adds an entry.
   *
   * Kernel: RTM_NEWNEIGH.
   *
   * @throws {@link NetlinkError} `EEXIST` when there is one for this address, `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for bad addresses
   * @example
   * await ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
   * await ns.neighbors.add({ address: '10.0.0.7', link: 'eth0', flags: ['proxy'] })
   */
  async add(neighbor: NeighborOptions, limits?: Limits): Promise<void> {
    const value = neighborValue(neighbor)
    await this.#send('RTM_NEWNEIGH', neighbor.link, value, NLM_F_CREATE | NLM_F_EXCL, limits)
  }

  /** Adds an entry, or puts it in the place of the one for this address. Throws as {@link add}, but for `EEXIST`. */
  async replace(neighbor: NeighborOptions, limits?: Limits): Promise<void> {
    const value = neighborValue(neighbor)
    await this.#send('RTM_NEWNEIGH', neighbor.link, value, NLM_F_CREATE | NLM_F_REPLACE, limits)
  }

  /**
   * Deletes an entry.
   *
   * Kernel: RTM_DELNEIGH.
   *
   * @throws {@link NetlinkError} `ENOENT` when there is none for this address, `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for bad addresses
   * @example
   * await ns.neighbors.delete({ address: '10.0.0.9', link: 'eth0' })
   */
  async delete(neighbor: NeighborKey, limits?: Limits): Promise<void> {
    const { link } = checkKeys('neighbor', neighbor, entryKeys)
    await this.#send('RTM_DELNEIGH', link, keyValue(neighbor), 0, limits)
  }

  /**
   * Deletes all entries that {@link list} gives for this filter, but for permanent ones, unless the filter is for those or for
   * proxies: as `ip neighbor flush` does.
   *
   * @example
   * await ns.neighbors.flush({ link: 'eth0' })
   * await ns.neighbors.flush({ state: 'permanent' })
   */
  async flush(filter: NeighborFilter = {}): Promise<void> {
    const { state, signal, timeout } = checkKeys('filter', filter, filterKeys)
    const found = await this.list(filter)
    const entries = found.filter((entry) => state !== undefined || entry.state !== 'permanent')
    const deletions = entries.map((entry) => this.delete(entry, { signal, timeout }))
    for (const result of await Promise.allSettled(deletions)) {
      // The kernel forgets some by itself.
      if (result.status === 'rejected' && !isGone(result.reason)) throw result.reason
    }
  }

  async #send(
    name: RequestName,
    link: LinkReference,
    value: NeighborRequest,
    flags: number,
    limits: Limits | undefined,
  ): Promise<void> {
    const index = await resolveLink(this.#core, link, limits)
    const change = request(name, neighborMessage, { ...value, index }, { flags, words: `neighbor ${value.dst}` })
    await this.#core.withConnection((connection) => connection.request(change, limits))
  }
}

function isGone(error: unknown): boolean {
  return error instanceof NetlinkError && (error.code === 'ENOENT' || error.code === 'ENODEV')
}
