import { BridgeFdb } from '../bridge/bridge-fdb.js'
import { BridgeVlans } from '../bridge/bridge-vlans.js'
import { Fdb } from '../bridge/fdb.js'
import { Mdb } from '../bridge/mdb.js'
import { type BridgePortChanges, bridgePortValue } from '../bridge/port.js'
import { Vlans } from '../bridge/vlans.js'
import { checkObject, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import { type BridgeLinkRequest, bridgeLinkMessage } from '../netlink/messages/bridge-link.js'
import { type LinkData, linkData } from '../netlink/messages/link.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import type { KindAttributes } from './attributes.js'
import type { LinkChanges } from './changes.js'
import { createOfKind, type KindOptions } from './kind.js'
import { checkLink, Link } from './link.js'
import { Links } from './links.js'
import { getLinkRequest, knownIndex, type LinkReference, resolveLink, wordsOf } from './reference.js'

/** Options of {@link Bridge.create}: the common ones, and the kernel's own of a bridge (`stpState`, `vlanFiltering`, …). */
export type BridgeOptions = Omit<KindOptions<'bridge'>, 'kind' | 'link'> & { namespace: Namespace }

/** What can be changed of a bridge: what can of any link, and the kernel's own options of a bridge. */
export type BridgeChanges = LinkChanges & KindAttributes<'bridge'>

/**
 * A bridge (a switch in software): the links attached to it are its ports.
 *
 * @example
 * const bridge = await Bridge.create({ namespace: hub, name: 'br0', addresses: ['10.0.0.1/24'] })
 * await VethPair.create({ namespace: hub, master: bridge }, { namespace: leaf, name: 'eth0', addresses: ['10.0.0.2/24'] })
 */
export class Bridge extends Link {
  /** Its forwarding table: behind which port an Ethernet address is. */
  readonly fdb: BridgeFdb
  /** Its VLANs, and those of its ports. */
  readonly vlans: BridgeVlans
  /** Its multicast groups: which ports get which. */
  readonly mdb: Mdb

  /** @internal */
  constructor(core: NamespaceCore, reply: Reply) {
    super(core, reply)
    this.fdb = new BridgeFdb(new Fdb(core), this)
    this.vlans = new BridgeVlans(new Vlans(core), this)
    this.mdb = new Mdb(core, this)
  }

  /** Makes a bridge, up and with its addresses. Throws as {@link Links.create}. */
  static async create(bridge: BridgeOptions, limits?: Limits): Promise<Bridge> {
    const { namespace, ...options } = checkObject('options', bridge)
    const core = coreOf(namespace)
    return new Bridge(core, await createOfKind(core, { ...options, kind: 'bridge' }, limits))
  }

  /**
   * A bridge that is there, by its name, an alternative name or its index.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a link that is no bridge
   * @example
   * const docker0 = await Bridge.get(Namespace.current(), 'docker0')
   */
  static async get(namespace: Namespace, nameOrIndex: string | number, limits?: Limits): Promise<Bridge> {
    const core = coreOf(namespace)
    const bridge = new Bridge(core, await readLink(core, nameOrIndex, limits))
    if (bridge.kind !== 'bridge') throw invalidArgument('nameOrIndex', nameOrIndex, 'it is no bridge')
    return bridge
  }

  /** The kernel's own options of it and its state (`stpState`, `rootId`, `ageingTime` …), as when it was read. */
  get options(): LinkData<'bridge'> {
    return linkData(this.message, 'bridge') ?? {}
  }

  /**
   * Changes it and reads it again: as {@link Link.set}, and the kernel's own options of a bridge.
   *
   * Kernel: RTM_NEWLINK with IFLA_INFO_DATA. Refused, some of several changes may have been made.
   *
   * @throws {@link NetlinkError} `EOPNOTSUPP` for `vlanFiltering` where the kernel is built without it, `ERANGE` and `EINVAL` for
   * values that the kernel does not take, `ENODEV` when it is gone
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for what no bridge could have
   * @example
   * await bridge.set({ stpState: 1, priority: 4096, ageingTime: 60_00 }) // a minute
   */
  override async set(changes: BridgeChanges, limits?: Limits): Promise<this> {
    return super.set({ ...checkObject('changes', changes), kind: 'bridge' }, limits)
  }

  /**
   * Makes a link of the same namespace a port; one that is another master's port changes over.
   *
   * Kernel: RTM_SETLINK with IFLA_MASTER.
   *
   * @throws {@link NetlinkError} `EOPNOTSUPP` for what cannot be a port (another bridge is `ELOOP`, the loopback device
   * `EINVAL`), `ENODEV` when one of the two is gone
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for what is no Link, and for a link of another namespace
   * @example
   * await bridge.attach(await hub.links.get('eth1'))
   */
  async attach(link: Link, limits?: Limits): Promise<void> {
    await checkLink(link).set({ master: this }, limits)
  }

  /**
   * Lets go of a port; no error for a link that is none.
   *
   * Kernel: RTM_SETLINK with IFLA_MASTER 0.
   *
   * @throws {@link NetlinkError} `ENODEV` when it is gone
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for what is no Link
   * @example
   * await bridge.detach(port)
   */
  async detach(link: Link, limits?: Limits): Promise<void> {
    await checkLink(link).set({ master: null }, limits)
  }

  /**
   * The links that are its ports, in the order of their indexes; what they are as such is {@link Link.port}.
   *
   * Kernel: RTM_GETLINK, filtered by IFLA_MASTER.
   *
   * @example
   * const blocked = (await bridge.ports()).filter(({ port }) => port?.state === 'blocking')
   */
  async ports(limits: Limits = {}): Promise<Link[]> {
    return new Links(this.core).list({ ...limits, master: this })
  }

  /**
   * Changes what a link is as a port of it, by the names of `bridge link`, and reads the link again. By the kernel's names, and
   * together with other changes of the link: {@link Link.set} with `port`.
   *
   * Kernel: RTM_SETLINK of family AF_BRIDGE with IFLA_PROTINFO. Options newer than the kernel are ignored by it: {@link Link.port}
   * lacks them. Refused, some of several changes may have been made.
   *
   * @returns the link; the same object where one was given
   * @throws {@link NetlinkError} `EBUSY` for a `state` while the kernel's spanning tree runs, `ERANGE` and `EINVAL` for values that the
   * kernel does not take, `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options, and a link that is no port of it
   * @example
   * await bridge.setPort('eth1', { isolated: true, learning: false })
   * const { port } = await bridge.setPort(link, { state: 'blocking' })
   */
  async setPort(link: LinkReference, changes: BridgePortChanges, limits: Limits = {}): Promise<Link> {
    const protinfo = bridgePortValue(changes)
    const { backupPort } = changes
    const index = knownIndex(this.core, link)
    const port =
      link instanceof Link
        ? await link.refresh(limits)
        : new Link(this.core, await readLink(this.core, index ?? (link as string), limits))
    if (port.master !== this.index) throw invalidArgument('link', port.name, `it is no port of bridge '${this.name}'`)
    if (backupPort !== undefined)
      protinfo.backupPort = backupPort === null ? 0 : await resolveLink(this.core, backupPort, limits)
    const value: BridgeLinkRequest = { family: 'bridge', index: port.index, protinfo }
    const change = request('RTM_SETLINK', bridgeLinkMessage, value, {
      words: `port '${port.name}' of ${wordsOf(this)}`,
    })
    await this.#change(port, change, limits)
    return port
  }

  // What is asked for in one tick is carried out one after the other: one trip changes and reads.
  async #change(link: Link, change: NetlinkRequest, limits: Limits | undefined): Promise<void> {
    const changed = this.core.withConnection((connection) => connection.request(change, limits))
    await Promise.all([changed, link.refresh(limits)])
  }
}

async function readLink(core: NamespaceCore, link: string | number, limits: Limits | undefined): Promise<Reply> {
  const get = getLinkRequest(link)
  const [reply] = await core.withConnection((connection) => connection.request(get, limits))
  return reply as Reply
}
