import { checkBoolean, checkKeys, invalidArgument } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink, wordsOf } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import type { NetlinkError } from '../netlink/error.js'
import { type BridgeLinkRequest, bridgeLinkMessage } from '../netlink/messages/bridge-link.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import { boundsOf, type Vlan, type VlanRange, vlanInfo, vlansOf, vlanTunnelInfo } from './vlan.js'

/** VLANs to delete. */
export interface VlanKey {
  /** A port of a bridge, or with `self` the bridge itself. */
  link: LinkReference
  /** `10`, `'10-20'`, `{ from: 10, to: 20 }`, or an array of such. */
  id: VlanRange | readonly VlanRange[]
  /** Whether the link is the bridge itself; false by default. */
  self?: boolean
}

/** VLANs to add. */
export interface VlanOptions extends VlanKey {
  /** Frames that come in without a tag are of this VLAN, and not any more of the one before; false by default. For one VLAN only. */
  pvid?: boolean
  /** Frames go out without a tag; false by default. */
  untagged?: boolean
  /**
   * The tunnel that carries the first VLAN, the VNI of a vxlan: 0 to 16,777,215. Those of other VLANs are as far from it as the
   * VLANs from the first one. The port must have `vlanTunnel` on.
   */
  tunnelId?: number
}

/** Which VLANs to list. */
export interface VlanFilter extends Limits {
  /** Those of this port or bridge. */
  link?: LinkReference
  /** Those of this bridge and its ports. */
  bridge?: LinkReference
  /** Only these. */
  id?: VlanRange | readonly VlanRange[]
}

const vlanKeys: Record<keyof VlanOptions | keyof Vlan, true> = {
  link: true,
  id: true,
  self: true,
  pvid: true,
  untagged: true,
  tunnelId: true,
}

const filterKeys: Record<keyof VlanFilter, true> = { link: true, bridge: true, id: true, ...limitKeys }

const table = new Table<VlanFilter, Vlan>({
  keys: filterKeys,
  links: ({ link, bridge }) => ({ link, bridge }),
  reading(_core, { id }, { link, bridge }) {
    const ranges = id === undefined ? undefined : boundsOf(id)
    const value: BridgeLinkRequest = { family: 'bridge', extMask: ['brvlanCompressed'] }
    const about = { flags: messageFlags.NLM_F_DUMP, words: 'the VLANs' }
    return {
      dumps: [request('RTM_GETLINK', bridgeLinkMessage, value, about)],
      read({ bytes, start, end }) {
        const message = bridgeLinkMessage.decode(bytes, start, end)
        const { index, master } = message
        const isWanted =
          (link === undefined || index === link) && (bridge === undefined || index === bridge || master === bridge)
        return isWanted ? vlansOf(message) : undefined
      },
      keep: ranges && ((vlan) => ranges.some(({ from, to }) => vlan.id >= from && vlan.id <= to)),
    }
  },
})

/**
 * The VLANs of all bridges of a namespace, as `bridge vlan` shows them. They count where the bridge has `vlanFiltering` on. Of
 * one bridge: {@link Bridge.vlans}.
 */
export class Vlans {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Adds VLANs to a port or to the bridge itself, or changes what it does with them.
   *
   * Kernel: one RTM_SETLINK of family AF_BRIDGE with IFLA_BRIDGE_VLAN_INFO. Where it refuses the tunnel, the VLANs are made.
   *
   * @throws {@link NetlinkError} `EOPNOTSUPP` for what is no port, and where the kernel is built without
   * CONFIG_BRIDGE_VLAN_FILTERING; `EINVAL` for a tunnel where `vlanTunnel` is off; `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.vlans.add({ link: 'eth1', id: 10, pvid: true, untagged: true })
   * await ns.vlans.add({ link: 'trunk', id: ['20-29', 100] })
   */
  async add(vlan: VlanOptions, limits?: Limits): Promise<void> {
    const { id, pvid = false, untagged = false, tunnelId } = checkKeys('vlan', vlan, vlanKeys)
    checkBoolean('pvid', pvid)
    checkBoolean('untagged', untagged)
    const ranges = boundsOf(id)
    const [first] = ranges
    if (pvid && (ranges.length > 1 || first?.from !== first?.to))
      throw invalidArgument('pvid', pvid, 'only one VLAN can be that of untagged frames')
    const flags = [...(pvid ? (['pvid'] as const) : []), ...(untagged ? (['untagged'] as const) : [])]
    const spec: Spec = { vlanInfo: vlanInfo(ranges, flags) }
    if (tunnelId !== undefined) spec.vlanTunnelInfo = vlanTunnelInfo(ranges, tunnelId)
    await this.#change('RTM_SETLINK', vlan, spec, limits)
  }

  /**
   * Deletes VLANs of a port or of the bridge itself; no error for those that it does not have.
   *
   * Kernel: one RTM_DELLINK of family AF_BRIDGE.
   *
   * @throws {@link NetlinkError} as {@link add}
   * @example
   * await ns.vlans.delete({ link: 'eth1', id: '1-4094' })
   */
  async delete(vlan: VlanKey, limits?: Limits): Promise<void> {
    const { id } = checkKeys('vlan', vlan, vlanKeys)
    await this.#change('RTM_DELLINK', vlan, { vlanInfo: vlanInfo(boundsOf(id), []) }, limits)
  }

  /**
   * The VLANs there are, one by one: each of each port.
   *
   * Kernel: RTM_GETLINK of family AF_BRIDGE with RTEXT_FILTER_BRVLAN_COMPRESSED.
   *
   * @example
   * const [native] = (await ns.vlans.list({ link: 'eth1' })).filter(({ pvid }) => pvid)
   */
  async list(filter: VlanFilter = {}): Promise<Vlan[]> {
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { link, id } of ns.vlans.stream({ bridge: 'br0' })) console.log(link, id)
   */
  stream(filter: VlanFilter = {}): DumpStream<Vlan> {
    return table.stream(this.#core, filter)
  }

  async #change(
    name: 'RTM_SETLINK' | 'RTM_DELLINK',
    { link, self = false }: VlanKey,
    spec: Spec,
    limits: Limits | undefined,
  ): Promise<void> {
    checkBoolean('self', self)
    const index = await resolveLink(this.#core, link, limits)
    const value: BridgeLinkRequest = {
      family: 'bridge',
      index,
      afSpec: { flags: [self ? 'self' : 'master'], ...spec },
    }
    const change = request(name, bridgeLinkMessage, value, { words: `VLANs of ${wordsOf(link)}`, hint })
    await this.#core.withConnection((connection) => connection.request(change, limits))
  }
}

type Spec = NonNullable<BridgeLinkRequest['afSpec']>

function hint({ code }: NetlinkError): string | undefined {
  return code === 'EOPNOTSUPP'
    ? 'The link must be the port of a bridge (the bridge itself with `self`), and the kernel built with CONFIG_BRIDGE_VLAN_FILTERING'
    : undefined
}
