import { type Limits, limitKeys } from '../limits.js'
import type { LinkReference } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { addressMessage } from '../netlink/messages/address.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
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

const table = new Table<AddressFilter, Address>({
  keys: filterKeys,
  links: ({ link }) => ({ index: link }),
  reading(_core, filter, { index }) {
    const { family } = filter
    const of = family === undefined ? 'unspec' : checkFamily(family)
    const about = { flags: messageFlags.NLM_F_DUMP, words: 'the addresses' }
    return {
      dumps: [request('RTM_GETADDR', addressMessage, { family: of, index }, about)],
      read: addressOf,
      // Kernels before 4.20 give those of all links.
      keep: index === undefined ? undefined : (address) => address.link === index,
    }
  },
})

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
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { cidr, link } of ns.addresses.stream()) console.log(link, cidr)
   */
  stream(filter: AddressFilter = {}): DumpStream<Address> {
    return table.stream(this.#core, filter)
  }
}
