import { LinkAddresses } from '../addresses/link-addresses.js'
import { type BridgePort, bridgePortOf } from '../bridge/port.js'
import { checkObject, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import { NetlinkError } from '../netlink/error.js'
import { type LinkMessage, type LinkRequest, linkMessage } from '../netlink/messages/link.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import { altNameRequest } from './alt-names.js'
import { type FlagChanges, flagFields } from './flags.js'
import { checkAltName } from './name.js'
import { type CommonLinkOptions, linkAttributesOf } from './options.js'
import { decodeLink, getLinkRequest, type LinkReference, registerLink, resolveLink, wordsOf } from './reference.js'

const moveAttempts = 5

/** What can be changed of a link that is there. */
export interface LinkChanges
  extends Pick<CommonLinkOptions, 'name' | 'mac' | 'mtu' | 'group' | 'txQueueLength' | 'alias'>,
    FlagChanges {
  /** The bridge (or other master) it becomes a port of; null lets go of it. */
  master?: LinkReference | null
}

/** Counters of a link since it was made. */
export type LinkStats = NonNullable<LinkMessage['stats64']>

/** Names of a link's flags, those of `ip link` in lower case; numbers for those without a name. */
export type LinkFlags = LinkMessage['flags']

/**
 * A network link (interface, device) of a namespace, as it was when it was read: {@link refresh} reads it again.
 *
 * @example
 * const link = await ns.links.get('eth0')
 * await link.set({ mtu: 1400 })
 * await link.addresses.add('10.0.0.1/24')
 */
export class Link {
  #core: NamespaceCore
  // Read out of the kernel's message when first asked for.
  #reply: Reply | undefined
  #message: LinkMessage | undefined

  /** Its addresses. */
  readonly addresses: LinkAddresses

  /** @internal */
  constructor(core: NamespaceCore, reply: Reply) {
    this.#core = core
    this.#reply = reply
    this.addresses = new LinkAddresses(
      () => this.#core,
      () => this.index,
      () => this.name,
    )
    registerLink(this, () => this.#core)
  }

  /** Everything the kernel said about it, by the kernel's own names. */
  get message(): LinkMessage {
    if (this.#message === undefined || this.#reply !== undefined) {
      this.#message = decodeLink(this.#reply as Reply)
      this.#reply = undefined
    }
    return this.#message
  }

  /** Its name, 1 to 15 bytes, unique in its namespace. */
  get name(): string {
    return this.message.ifname ?? ''
  }

  /** Its number, unique in its namespace while it lives. */
  get index(): number {
    return this.message.index
  }

  /** What it is: `'veth'`, `'bridge'`, …; undefined for hardware and for the loopback device. */
  get kind(): string | undefined {
    return this.message.linkinfo?.kind
  }

  /** Its link-layer address, `'02:00:00:00:00:01'`; undefined where its kind has none. */
  get mac(): string | undefined {
    return this.message.address
  }

  /** Bytes of the largest packet it takes. */
  get mtu(): number {
    return this.message.mtu ?? 0
  }

  /** `'up'`, `'lowerUp'`, `'broadcast'`, … */
  get flags(): LinkFlags {
    return this.message.flags
  }

  /** Whether it has been set up (which says nothing about its carrier: see {@link operState}). */
  get isUp(): boolean {
    return this.flags.includes('up')
  }

  /** Whether packets can pass, as RFC 2863 has it: `'up'`, `'down'`, `'lowerlayerdown'`, `'unknown'` (loopback), … */
  get operState(): LinkMessage['operstate'] {
    return this.message.operstate
  }

  /** The index of the bridge or other master that it is a port of. */
  get master(): number | undefined {
    return this.message.master
  }

  /** What it is as the port of a bridge; undefined when it is none. Changed by {@link Bridge.setPort}. */
  get port(): BridgePort | undefined {
    return bridgePortOf(this.message)
  }

  /** The index of the link beneath it or, of a veth, of the other end, which may be in another namespace. */
  get parent(): number | undefined {
    return this.message.link
  }

  /** Its description; undefined when it has none. */
  get alias(): string | undefined {
    return this.message.ifalias
  }

  /** Its alternative names. */
  get altNames(): readonly string[] {
    return this.message.propList?.altIfname ?? []
  }

  /** Its group; 0 for most. */
  get group(): number {
    return this.message.group ?? 0
  }

  /** How many packets its queue holds. */
  get txQueueLength(): number {
    return this.message.txqlen ?? 0
  }

  /** Counters of packets, bytes and errors. */
  get stats(): LinkStats | undefined {
    return this.message.stats64
  }

  /**
   * Reads it again.
   *
   * @throws {@link NetlinkError} `ENODEV` when it is gone
   */
  async refresh(limits?: Limits): Promise<this> {
    const replies = await this.#core.withConnection((connection) =>
      connection.request(getLinkRequest(this.index, wordsOf(this)), limits),
    )
    this.#reply = replies[0]
    return this
  }

  /**
   * Changes it and reads it again.
   *
   * Kernel: RTM_SETLINK. Refused, some of several changes may have been made.
   *
   * @throws {@link NetlinkError} `EEXIST` when the new name is taken, `EINVAL` when the MTU is more than its kind takes,
   * `ENODEV` when it is gone
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for what no link could have
   * @example
   * await link.set({ name: 'eth0', mtu: 9000, up: true, master: bridge })
   * await link.set({ alias: 'to the lab', promisc: true })
   */
  async set(changes: LinkChanges, limits?: Limits): Promise<this> {
    const { master, ...rest } = checkObject('changes', changes)
    const value: LinkRequest = { ...linkAttributesOf(rest, ''), ...flagFields(rest), index: this.index }
    if (master !== undefined) value.master = master === null ? 0 : await resolveLink(this.#core, master, limits)
    return this.#change(this.#setRequest(value), limits)
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
      this.#message = { ...this.message, index }
      this.#core = target
      this.#reply = await target.withConnection(async (connection) => {
        const find = (link: string | number) => connection.request(getLinkRequest(link, wordsOf(name)), limits)
        const [reply] = await find(index).catch((error: unknown) => {
          // Before Linux 5.12, and when it was there already, the link has kept its index, or has one that the kernel chose.
          if (!(error instanceof NetlinkError && error.code === 'ENODEV')) throw error
          return find(name)
        })
        return reply
      })
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
    await this.#core.withConnection((connection) =>
      connection.request(deleteRequest(this.index, wordsOf(this)), limits),
    )
  }

  // What follows on the same socket is carried out after it: one trip changes and reads.
  async #change(change: NetlinkRequest, limits: Limits | undefined): Promise<this> {
    await this.#core.withConnection(async (connection) => {
      const changed = connection.request(change, limits)
      const read = connection.request(getLinkRequest(this.index, wordsOf(this)), limits)
      const [, replies] = await Promise.all([changed, read])
      this.#reply = replies[0]
    })
    return this
  }

  // Its index there is chosen here, to find it again: its name may be changed by then (udev does so on the host).
  async #move(target: NamespaceCore, limits: Limits | undefined): Promise<{ index: number; name: string }> {
    for (let attempt = 1; ; attempt++) {
      const index = target.nextLinkIndex()
      const value = { index: this.index, netNsFd: target.descriptor('net'), newIfindex: index }
      const [read, moved] = await this.#core.withConnection((connection) =>
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
    return request('RTM_SETLINK', linkMessage, value, { words: wordsOf(this) })
  }
}

/** Deletes a link by its index. */
export function deleteRequest(index: number, words: string): NetlinkRequest {
  return request('RTM_DELLINK', linkMessage, { index }, { words })
}

/** Refuses what is no Link. */
export function checkLink(link: unknown): Link {
  if (!(link instanceof Link)) throw invalidArgument('link', link, 'it must be a Link')
  return link
}
