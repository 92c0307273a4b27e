import { checkObject } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { LinkLike, LinkReference } from '../links/reference.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { isBridge } from './own.js'
import type { Vlan } from './vlan.js'
import type { VlanFilter, VlanKey, VlanOptions, Vlans } from './vlans.js'

/** VLANs of a bridge to delete. */
export type BridgeVlanKey = Pick<VlanKey, 'id' | 'self'> & {
  /** A port; by default the bridge itself. */
  link?: LinkReference
}

/** VLANs of a bridge to add. */
export type BridgeVlanOptions = BridgeVlanKey & Pick<VlanOptions, 'pvid' | 'untagged' | 'tunnelId'>

/** The VLANs of a bridge and its ports. They count where it has `vlanFiltering` on. */
export class BridgeVlans {
  readonly #vlans: Vlans
  readonly #bridge: LinkLike

  /** @internal */
  constructor(vlans: Vlans, bridge: LinkLike) {
    this.#vlans = vlans
    this.#bridge = bridge
  }

  /**
   * Adds VLANs to a port or to the bridge itself, or changes what it does with them. Throws as {@link Vlans.add}.
   *
   * @example
   * await bridge.vlans.add({ link: 'eth1', id: 10, pvid: true, untagged: true })
   * await bridge.vlans.add({ link: 'trunk', id: '10-20' })
   * await bridge.vlans.add({ id: 10 })
   */
  async add(vlan: BridgeVlanOptions, limits?: Limits): Promise<void> {
    await this.#vlans.add(this.#own(vlan), limits)
  }

  /** Deletes VLANs; no error for those that are not there. Throws as {@link Vlans.delete}. */
  async delete(vlan: BridgeVlanKey, limits?: Limits): Promise<void> {
    await this.#vlans.delete(this.#own(vlan), limits)
  }

  /** The VLANs there are, one by one: each of each port. See {@link Vlans.list}. */
  async list(filter: Omit<VlanFilter, 'bridge'> = {}): Promise<Vlan[]> {
    return this.#vlans.list({ ...checkObject('filter', filter), bridge: this.#bridge })
  }

  /** The same one after the other, in little memory; see {@link Vlans.stream}. */
  stream(filter: Omit<VlanFilter, 'bridge'> = {}): DumpStream<Vlan> {
    return this.#vlans.stream({ ...checkObject('filter', filter), bridge: this.#bridge })
  }

  #own<V extends BridgeVlanKey>(vlan: V): V & { link: LinkReference } {
    const { link = this.#bridge } = vlan ?? {}
    return { self: isBridge(link, this.#bridge), ...vlan, link }
  }
}
