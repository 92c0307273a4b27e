import { checkFamily, type Family, familyOf } from '../addresses/family.js'
import { checkKeys, invalidArgument } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import { parseAddress, parseMac } from '../netlink/codec/index.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type NeighborMessage, type NeighborRequest, neighborMessage } from '../netlink/messages/neighbor.js'
import { type NetlinkRequest, type Reply, type RequestName, request } from '../netlink/request.js'

/** What is known of a neighbour: `'reachable'`, `'stale'`, `'permanent'`, `'failed'`, … */
export type NeighborState = Extract<NeighborMessage['state'][number], string>

/** An entry of the ARP (IPv4) or NDP (IPv6) table. */
export interface Neighbor {
  /** Its IP address. */
  readonly address: string
  /** Its Ethernet address; absent while it is not known. */
  readonly mac?: string
  /** The index of the link it is reached over. */
  readonly link: number
  readonly family: Family
  readonly state: NeighborState | number
  /** `'router'`, `'proxy'`, … */
  readonly flags: NeighborMessage['flags']
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: NeighborMessage
}

/** An entry to add. */
export interface NeighborOptions {
  /** Its IP address, of either family. */
  address: string
  /** Its Ethernet address, `'02:00:00:00:00:09'`. */
  mac: string
  /** The link it is reached over: the object, its name or its index. */
  link: LinkReference
  /** `'permanent'` by default: it never changes by itself. */
  state?: NeighborState
}

/** An entry to delete. */
export type NeighborKey = Pick<NeighborOptions, 'address' | 'link'>

/** Which entries to list. */
export interface NeighborFilter extends Limits {
  /** Those reached over this link: the object, its name or its index. */
  link?: LinkReference
  /** IPv4 (ARP) or IPv6 (NDP) only; both by default. */
  family?: Family
}

// An entry of the list can be given back as it is: it has some more.
const optionKeys: Record<keyof NeighborOptions | keyof Neighbor, true> = {
  address: true,
  mac: true,
  link: true,
  state: true,
  family: true,
  flags: true,
  message: true,
}

const filterKeys: Record<keyof NeighborFilter, true> = { link: true, family: true, ...limitKeys }

/** Reads an entry out of an answer. */
export function neighborOf({ bytes, start, end }: Reply): Neighbor {
  const message = neighborMessage.decode(bytes, start, end)
  const { dst = '', lladdr, index, family, state, flags } = message
  return {
    address: dst,
    ...(lladdr !== undefined && { mac: lladdr }),
    link: index,
    family: family === 'inet' ? 'inet' : 'inet6',
    state: state[0] ?? 0,
    flags,
    message,
  }
}

/** The neighbours of a namespace: its ARP and NDP tables. */
export class Neighbors {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * The entries there are, as `ip neighbor` shows them: without those that need no resolving (multicast, loopback).
   *
   * Kernel: RTM_GETNEIGH, filtered by the kernel.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * const known = await ns.neighbors.list({ link: 'eth0', family: 'inet' })
   */
  async list(filter: NeighborFilter = {}): Promise<Neighbor[]> {
    const { link, family, ...limits } = checkKeys('filter', filter, filterKeys)
    const ifindex = link === undefined ? undefined : await resolveLink(this.#core, link, limits)
    const value: NeighborRequest = { family: family === undefined ? 'unspec' : checkFamily(family), ifindex }
    const dump = request('RTM_GETNEIGH', neighborMessage, value, {
      flags: messageFlags.NLM_F_DUMP,
      words: 'the neighbors',
    })
    const neighbors = await this.#core.withConnection((connection) => connection.dump(dump, neighborOf, limits))
    return neighbors.filter(({ state }) => state !== 'noarp')
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
   */
  async add(neighbor: NeighborOptions, limits?: Limits): Promise<void> {
    const { mac, state = 'permanent' } = checkKeys('neighbor', neighbor, optionKeys)
    if (typeof mac !== 'string' || parseMac(mac) === undefined) {
      throw invalidArgument('mac', mac, "it must be an Ethernet address such as '02:00:00:00:00:01'")
    }
    const flags = messageFlags.NLM_F_CREATE | messageFlags.NLM_F_EXCL
    await this.#send('RTM_NEWNEIGH', neighbor, { lladdr: mac, state: [state] }, flags, limits)
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
    await this.#send('RTM_DELNEIGH', checkKeys('neighbor', neighbor, optionKeys), {}, 0, limits)
  }

  async #send(
    name: RequestName,
    key: NeighborKey,
    value: NeighborRequest,
    flags: number,
    limits: Limits | undefined,
  ): Promise<void> {
    const parsed = parseAddress(key.address)
    const index = await resolveLink(this.#core, key.link, limits)
    const whole: NeighborRequest = { family: familyOf(parsed), index, ...value, dst: parsed.address }
    const add: NetlinkRequest = request(name, neighborMessage, whole, { flags, words: `neighbor ${parsed.address}` })
    await this.#core.withConnection((connection) => connection.request(add, limits))
  }
}
