import { LinkAddresses } from '../addresses/link-addresses.js'
import { invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import type { Connection } from '../netlink/connection.js'
import { NetlinkError } from '../netlink/error.js'
import { type LinkRequest, linkMessage } from '../netlink/messages/link.js'
import { type NetlinkRequest, request } from '../netlink/request.js'
import { altNameRequest } from './alt-names.js'
import { type ChangePlan, changeHint, type KindChanges, type LinkChanges, planChanges } from './changes.js'
import { checkAltName } from './name.js'
import { LinkProperties } from './properties.js'
import { decodeLink, getLinkRequest, linkSelector, wordsOf } from './reference.js'

const moveAttempts = 5
/**
 * A network link (interface, device) of a namespace, as it was when it was read: {@link refresh} reads it again.
 *
 * @example
 * const link = await ns.links.get('eth0')
 * await link.set({ mtu: 1400 })
 * await link.addresses.add('10.0.0.1/24')
 */
export class Link extends LinkProperties {
  #addresses: LinkAddresses | undefined

  /** Its addresses. */
  get addresses(): LinkAddresses {
    this.#addresses ??= new LinkAddresses(
      () => this.core,
      () => this.index,
      () => this.name,
    )
    return this.#addresses
  }

  /**
   * Reads it again.
   *
   * @throws {@link NetlinkError} `ENODEV` when it is gone
   */
  async refresh(limits?: Limits): Promise<this> {
    const replies = await this.core.withConnection((connection) =>
      connection.request(getLinkRequest(this.index, wordsOf(this)), limits),
    )
    this.heard(replies[0])
    return this
  }

  /**
   * Changes it and reads it again: what all links have and, with `kind`, the kernel's attributes of its kind, as `ip link set …
   * type KIND …` does. With `port`, those of a port of its master (or of the one given with it). Links among the attributes are
   * named as such, and null is none: `{ kind: 'bond', activeSlave: null }`.
   *
   * Kernel: RTM_SETLINK; RTM_NEWLINK with IFLA_INFO_DATA and IFLA_INFO_SLAVE_DATA. Refused, some of several changes may have been
   * made. Of tunnels the kernel changes all attributes of the kind at once, so that those that are not given are read first.
   *
   * @throws {@link NetlinkError} `EEXIST` when the new name is taken, `EINVAL` when the MTU is more than its kind takes,
   * `ENODEV` when it is gone, `EOPNOTSUPP` when it is of another kind, or when its kind cannot be changed
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for what no link could have, and for attributes of a
   * port of another kind than the link is
   * @example
   * await link.set({ name: 'eth0', mtu: 9000, up: true, master: bridge })
   * await link.set({ alias: 'to the lab', promisc: true })
   * await bridge.set({ kind: 'bridge', ageingTime: 30_000 })
   * await link.set({ master: bridge, port: { kind: 'bridge', learning: 0, isolated: 1 } })
   */
  async set(changes: LinkChanges, limits?: Limits): Promise<this>
  async set<K extends string>(changes: KindChanges<K>, limits?: Limits): Promise<this>
  async set(changes: LinkChanges & { kind?: string }, limits?: Limits): Promise<this> {
    const read = async () => (await this.refresh(limits)).message
    const plan = planChanges(this.core, changes, read, limits)
    const requestOf = ({ first }: ChangePlan) => this.#setRequest({ ...first, index: this.index })
    // Requests go to the kernel in the order in which they were made: what is looked up first is waited for by those after it.
    await this.#change(plan instanceof Promise ? plan.then(requestOf) : requestOf(plan), limits)
    const { port } = await plan
    if (port === undefined) return this
    // The kernel would take the attributes for those of its master's kind, whatever that is.
    const { slaveKind } = this.message.linkinfo ?? {}
    if (slaveKind !== port.kind)
      throw invalidArgument('port.kind', port.kind, `it is a port of ${slaveKind ?? 'nothing'}`)
    return this.#change(this.#setRequest({ ...port.request, index: this.index }), limits)
  }

  /** Sets it up. Throws as {@link set}. */
  up(limits?: Limits): Promise<this> {
    return this.set({ up: true }, limits)
  }

  /** Sets it down. Throws as {@link set}. */
  down(limits?: Limits): Promise<this> {
    return this.set({ up: false }, limits)
  }

  /**
   * Gives it an alternative name, by which it is found as by its own, and reads it again.
   *
   * Kernel: RTM_NEWLINKPROP (Linux 5.5).
   *
   * @param name 1 to 127 bytes, unique in the namespace among names of both kinds
   * @throws {@link NetlinkError} `EEXIST` when a link has this name, `ENODEV` when the link is gone
   * @example
   * await link.addAltName('uplink-to-the-lab-switch')
   * const same = await ns.links.get('uplink-to-the-lab-switch')
   */
  async addAltName(name: string, limits?: Limits): Promise<this> {
    return this.#change(altNameRequest('RTM_NEWLINKPROP', this.index, checkAltName(name), wordsOf(this)), limits)
  }

  /**
   * Takes an alternative name away, and reads it again.
   *
   * Kernel: RTM_DELLINKPROP.
   *
   * @throws {@link NetlinkError} `ENOENT` when no link has this alternative name, `EINVAL` when another link has it
   */
  async deleteAltName(name: string, limits?: Limits): Promise<this> {
    return this.#change(altNameRequest('RTM_DELLINKPROP', this.index, checkAltName(name), wordsOf(this)), limits)
  }

  /**
   * Moves it into another namespace, as `ip link set NAME netns …` does: it is down there and without addresses, and has
   * another {@link index}. To make a veth pair in its namespaces at once ({@link VethPair.create}) is some ten times faster.
   *
   * Kernel: RTM_SETLINK with IFLA_NET_NS_FD and IFLA_NEW_IFINDEX.
   *
   * @throws {@link NetlinkError} `EEXIST` when its name is taken there, `EPERM` between namespaces of different users,
   * `ENODEV` when it is gone, `EINVAL` for the loopback device
   * @example
   * await link.moveTo(blue)
   * await link.set({ name: 'eth0', up: true })
   */
  async moveTo(namespace: Namespace, limits?: Limits): Promise<this> {
    const target = coreOf(namespace)
    await target.handle.use(async () => {
      const { index, name } = await this.#move(target, limits)
      this.heard({ ...this.message, index })
      this.core = target
      const found = await target.withConnection(async (connection) => {
        const find = (link: string | number) => connection.request(getLinkRequest(link, wordsOf(name)), limits)
        const [reply] = await find(index).catch((error: unknown) => {
          // Before Linux 5.12, and when it was there already, the link has kept its index, or has one that the kernel chose.
          if (!(error instanceof NetlinkError && error.code === 'ENODEV')) throw error
          return find(name)
        })
        return reply
      })
      this.heard(found)
    })
    return this
  }

  /**
   * Deletes it; of a veth pair, both ends.
   *
   * Kernel: RTM_DELLINK, which takes 15 ms: closing the namespace is faster where nothing else is to stay.
   *
   * @throws {@link NetlinkError} `ENODEV` when it is gone already, `EOPNOTSUPP` for hardware and loopback
   */
  async delete(limits?: Limits): Promise<void> {
    await this.core.withConnection((connection) => connection.request(deleteRequest(this.index, wordsOf(this)), limits))
  }

  // What follows on the same socket is carried out after it: one trip changes and reads.
  async #change(change: NetlinkRequest | Promise<NetlinkRequest>, limits: Limits | undefined): Promise<this> {
    const use = async (connection: Connection, request: NetlinkRequest) => {
      const changed = connection.request(request, limits)
      const read = connection.request(getLinkRequest(this.index, wordsOf(this)), limits)
      const [, replies] = await Promise.all([changed, read])
      this.heard(replies[0])
    }
    await (change instanceof Promise
      ? this.core.withConnectionAfter(change, use)
      : this.core.withConnection((connection) => use(connection, change)))
    return this
  }

  // Its index there is chosen here, to find it again: its name may be changed by then (udev does so on the host).
  async #move(target: NamespaceCore, limits: Limits | undefined): Promise<{ index: number; name: string }> {
    for (let attempt = 1; ; attempt++) {
      const index = target.nextLinkIndex()
      const value = { index: this.index, netNsFd: target.descriptor('net'), newIfindex: index }
      const [read, moved] = await this.core.withConnection((connection) =>
        Promise.allSettled([
          connection.request(getLinkRequest(this.index, wordsOf(this)), limits),
          connection.request(this.#setRequest(value), limits),
        ]),
      )
      if (moved.status === 'fulfilled') {
        const reply = read.status === 'fulfilled' ? read.value[0] : undefined
        return { index, name: (reply && decodeLink(reply).ifname) ?? this.name }
      }
      // Somebody else has a link of this index.
      const taken = moved.reason instanceof NetlinkError && moved.reason.code === 'EBUSY'
      if (!taken || attempt === moveAttempts) throw moved.reason
    }
  }

  #setRequest(value: LinkRequest): NetlinkRequest {
    const { kind } = value.linkinfo ?? {}
    const hint = (refusal: NetlinkError) => (kind === undefined ? undefined : changeHint(kind, refusal))
    // Only RTM_NEWLINK changes what is in IFLA_LINKINFO.
    const name = value.linkinfo === undefined ? 'RTM_SETLINK' : 'RTM_NEWLINK'
    return request(name, linkMessage, value, { words: wordsOf(this), hint })
  }
}

/** Deletes a link, by its index or by one of its names. */
export function deleteRequest(link: string | number, words: string): NetlinkRequest {
  return request('RTM_DELLINK', linkMessage, linkSelector(link), { words })
}

/** Refuses what is no Link. */
export function checkLink(link: unknown): Link {
  if (!(link instanceof Link)) throw invalidArgument('link', link, 'it must be a Link')
  return link
}
