import { checkFamily, type Family } from '../addresses/family.js'
import { checkBoolean, checkObject } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { NetlinkError } from '../netlink/error.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type NexthopRequest, nexthopMessage } from '../netlink/messages/nexthop.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import type { RouteProtocol } from '../routes/route.js'
import { checkId, type Nexthop, type NexthopOptions, nexthopOf, nexthopValue } from './nexthop.js'

/** Which next hops to list. */
export interface NexthopFilter extends Limits {
  /** Groups have none. */
  family?: Family
  /** Those over this link. */
  link?: LinkReference
  /** Those over ports of this bridge or other master. */
  master?: LinkReference
  /** Only groups. */
  groups?: boolean
  /** Only those of forwarding tables. */
  fdb?: boolean
  protocol?: RouteProtocol
}

const filterKeys: Readonly<Record<keyof NexthopFilter, true>> = {
  family: true,
  link: true,
  master: true,
  groups: true,
  fdb: true,
  protocol: true,
  ...limitKeys,
}

const { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_ECHO, NLM_F_DUMP } = messageFlags

const table = new Table<NexthopFilter, Nexthop>({
  keys: filterKeys,
  links: ({ link, master }) => ({ oif: link, master }),
  reading(_core, { family, groups = false, fdb = false, protocol }, { oif, master }) {
    checkBoolean('groups', groups)
    checkBoolean('fdb', fdb)
    const of = family === undefined ? 'unspec' : checkFamily(family)
    const value: NexthopRequest = { family: of, oif, master, groups, fdb }
    return {
      dumps: [request('RTM_GETNEXTHOP', nexthopMessage, value, { flags: NLM_F_DUMP, words: 'the next hops' })],
      read: nexthopOf,
      keep: protocol === undefined ? undefined : (nexthop) => nexthop.protocol === protocol,
    }
  },
})

/** The next hop objects of a namespace: ways that routes share by their numbers, alone or in groups. */
export class Nexthops {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Adds a next hop, or a group of them.
   *
   * Kernel: RTM_NEWNEXTHOP, since Linux 5.3; resilient groups since 5.13.
   *
   * @returns its number
   * @throws {@link NetlinkError} `EEXIST` when there is one of this number, `ENETUNREACH` or `EHOSTUNREACH` when the gateway cannot
   * be reached, `ENODEV` when there is no such link, `EINVAL` when a member of the group is missing
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * const a = await ns.nexthops.add({ via: '10.0.0.2', link: 'eth0' })
   * const b = await ns.nexthops.add({ via: '10.0.1.2', link: 'eth1' })
   * const both = await ns.nexthops.add({ group: [{ id: a, weight: 3 }, b], resilient: { buckets: 32 } })
   * await ns.routes.add({ to: '10.9.0.0/16', nexthop: both })
   */
  async add(nexthop: NexthopOptions, limits?: Limits): Promise<number> {
    const value = nexthopValue(nexthop)
    const { id } = nexthop
    if (id !== undefined) {
      await this.#send({ ...value, id: checkId(id) }, nexthop.link, NLM_F_CREATE | NLM_F_EXCL, limits)
      return id
    }
    // The kernel tells the number it chose to who wants an echo.
    const replies = await this.#send(value, nexthop.link, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, limits)
    return nexthopOf(replies[0] as Reply).id
  }

  /**
   * Puts a next hop or a group in the place of the one of this number, or adds it: routes that use the number follow at once.
   * Throws as {@link add}.
   */
  async replace(nexthop: NexthopOptions & { id: number }, limits?: Limits): Promise<void> {
    const value: NexthopRequest = { ...nexthopValue(nexthop), id: checkId(nexthop.id) }
    await this.#send(value, nexthop.link, NLM_F_CREATE | NLM_F_REPLACE, limits)
  }

  /**
   * The next hops there are, in the order of their numbers.
   *
   * Kernel: RTM_GETNEXTHOP; all but the protocol is filtered by the kernel.
   */
  async list(filter: NexthopFilter = {}): Promise<Nexthop[]> {
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { id, via } of ns.nexthops.stream({ link: 'eth0' })) console.log(id, via)
   */
  stream(filter: NexthopFilter = {}): DumpStream<Nexthop> {
    return table.stream(this.#core, filter)
  }

  /**
   * One next hop.
   *
   * Kernel: RTM_GETNEXTHOP.
   *
   * @throws {@link NetlinkError} `ENOENT` when there is none of this number
   */
  async get(id: number, limits?: Limits): Promise<Nexthop> {
    const get = about('RTM_GETNEXTHOP', checkId(id))
    const [reply] = await this.#core.withConnection((connection) => connection.request(get, limits))
    return nexthopOf(reply as Reply)
  }

  /**
   * Deletes a next hop: routes that use it go with it, groups lose it as a member, and those that had no other go as well.
   *
   * Kernel: RTM_DELNEXTHOP.
   *
   * @throws {@link NetlinkError} `ENOENT` when there is none of this number
   */
  async delete(id: number, limits?: Limits): Promise<void> {
    const deletion = about('RTM_DELNEXTHOP', checkId(id))
    await this.#core.withConnection((connection) => connection.request(deletion, limits))
  }

  /** Deletes all next hops that {@link list} gives for this filter, and the routes that use them. */
  async flush(filter: NexthopFilter = {}): Promise<void> {
    const { signal, timeout } = checkObject('filter', filter)
    const nexthops = await this.list(filter)
    await this.#core.withConnection(async (connection) => {
      const deletions = nexthops.map(({ id }) => connection.request(about('RTM_DELNEXTHOP', id), { signal, timeout }))
      for (const result of await Promise.allSettled(deletions)) {
        // Groups go with their last member.
        if (result.status === 'rejected' && !isGone(result.reason)) throw result.reason
      }
    })
  }

  async #send(
    value: NexthopRequest,
    link: LinkReference | undefined,
    flags: number,
    limits: Limits | undefined,
  ): Promise<Reply[]> {
    const oif = link === undefined ? undefined : await resolveLink(this.#core, link, limits)
    const words = value.id === undefined ? 'a next hop' : `next hop ${value.id}`
    const change = request('RTM_NEWNEXTHOP', nexthopMessage, { ...value, oif }, { flags, words })
    return this.#core.withConnection((connection) => connection.request(change, limits))
  }
}

function about(name: 'RTM_GETNEXTHOP' | 'RTM_DELNEXTHOP', id: number): NetlinkRequest {
  return request(name, nexthopMessage, { id }, { words: `next hop ${id}` })
}

function isGone(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'ENOENT'
}
