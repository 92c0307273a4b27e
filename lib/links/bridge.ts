import { checkObject } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import { coreOf } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import { createOfKind, type KindOptions } from './kind.js'
import { checkLink, Link } from './link.js'

/** Options of {@link Bridge.create}: the common ones, and the kernel's own of a bridge (`stpState`, `vlanFiltering`, …). */
export type BridgeOptions = Omit<KindOptions<'bridge'>, 'kind' | 'link'> & { namespace: Namespace }

/**
 * A bridge (a switch in software): the links attached to it are its ports.
 *
 * @example
 * const bridge = await Bridge.create({ namespace: hub, name: 'br0', addresses: ['10.0.0.1/24'] })
 * await VethPair.create({ namespace: hub, master: bridge }, { namespace: leaf, name: 'eth0', addresses: ['10.0.0.2/24'] })
 */
export class Bridge extends Link {
  /** Makes a bridge, up and with its addresses. Throws as {@link Links.create}. */
  static async create(bridge: BridgeOptions, limits?: Limits): Promise<Bridge> {
    const { namespace, ...options } = checkObject('options', bridge)
    const core = coreOf(namespace)
    return new Bridge(core, await createOfKind(core, { ...options, kind: 'bridge' }, limits))
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
}
