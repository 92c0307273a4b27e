import { checkKeys } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addressMessage } from '../netlink/messages/address.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { request } from '../netlink/request.js'
import { type Address, addressOf } from './address.js'
import { checkFamily, type Family } from './family.js'

/** Which addresses to list. */
export interface AddressFilter extends Limits {
  /** Those of this link: the object, its name or its index. */
  link?: LinkReference
  /** IPv4 or IPv6 only; both by default. */
  family?: Family
}

const filterKeys: Record<keyof AddressFilter, true> = { link: true, family: true, ...limitKeys }

/** The addresses of a namespace, over all its links. */
export class Addresses {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * The addresses there are.
   *
   * Kernel: RTM_GETADDR, filtered by the kernel.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is no such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * const v4 = await ns.addresses.list({ link: 'eth0', family: 'inet' })
   */
  async list(filter: AddressFilter = {}): Promise<Address[]> {
    const { link, family, ...limits } = checkKeys('filter', filter, filterKeys)
    const index = link === undefined ? 0 : await resolveLink(this.#core, link, limits)
    const value = { family: family === undefined ? ('unspec' as const) : checkFamily(family), index }
    const dump = request('RTM_GETADDR', addressMessage, value, {
      flags: messageFlags.NLM_F_DUMP,
      words: 'the addresses',
    })
    const addresses = await this.#core.withConnection((connection) => connection.dump(dump, addressOf, limits))
    // Kernels before 4.20 give those of all links.
    return index === 0 ? addresses : addresses.filter((address) => address.link === index)
  }
}
