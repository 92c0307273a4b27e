import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { NetlinkError } from '../netlink/error.js'
import { type Address, type AddressChange, type AddressInput, addressRequests, addressValue } from './address.js'
import { Addresses, type AddressFilter } from './addresses.js'

/** The addresses of one link. */
export class LinkAddresses {
  readonly #core: () => NamespaceCore
  readonly #index: () => number
  readonly #name: () => string

  /** @internal */
  constructor(core: () => NamespaceCore, index: () => number, name: () => string) {
    this.#core = core
    this.#index = index
    this.#name = name
  }

  /**
   * Gives it an address, or several. An IPv6 address can be used at once, unless `dad` is asked for.
   *
   * Kernel: RTM_NEWADDR.
   *
   * @throws {@link NetlinkError} `EEXIST` when it has the address, `ENODEV` when the link is gone. Of several, the first
   * error; the others are added.
   * @throws TypeError `ERR_INVALID_ARG_VALUE` with the reason for what is no address
   * @example
   * await link.addresses.add('10.0.0.1/24')
   * await link.addresses.add({ address: 'fd00::1/64', dad: true })
   */
  async add(address: AddressInput | readonly AddressInput[], limits?: Limits): Promise<void> {
    await this.#send('add', address, limits)
  }

  /**
   * Changes what can be changed of an address that it has (lifetimes, metric, protocol; of IPv6, flags), or gives it the address:
   * `ip address replace`, and `ip address change`, which is the same to the kernel. What is not given gets its default.
   *
   * Kernel: RTM_NEWADDR.
   *
   * @throws {@link NetlinkError} `ENODEV` when the link is gone
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await link.addresses.replace({ address: 'fd00::1/64', validLifetime: 3600, preferredLifetime: 0 })
   */
  async replace(address: AddressInput | readonly AddressInput[], limits?: Limits): Promise<void> {
    await this.#send('replace', address, limits)
  }

  /**
   * Takes an address away, or several.
   *
   * Kernel: RTM_DELADDR.
   *
   * @throws {@link NetlinkError} `EADDRNOTAVAIL` when it does not have it. Of several, the first error; the others are deleted.
   * @throws TypeError `ERR_INVALID_ARG_VALUE` with the reason for what is no address
   * @example
   * await link.addresses.delete('10.0.0.1/24')
   */
  async delete(address: AddressInput | readonly AddressInput[], limits?: Limits): Promise<void> {
    await this.#send('delete', address, limits)
  }

  /**
   * The addresses it has.
   *
   * Kernel: RTM_GETADDR, filtered by the kernel.
   *
   * @throws {@link NetlinkError} `ENODEV` when the link is gone
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * const [first] = await link.addresses.list({ family: 'inet' })
   */
  list(filter: Omit<AddressFilter, 'link'> = {}): Promise<Address[]> {
    return new Addresses(this.#core()).list({ ...filter, link: this.#index() })
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { cidr } of link.addresses.stream()) console.log(cidr)
   */
  stream(filter: Omit<AddressFilter, 'link'> = {}): DumpStream<Address> {
    return new Addresses(this.#core()).stream({ ...filter, link: this.#index() })
  }

  /**
   * Takes all its addresses away, or all of one family; no error for those that somebody else takes away meanwhile.
   *
   * Kernel: RTM_GETADDR, RTM_DELADDR.
   *
   * @throws {@link NetlinkError} `ENODEV` when the link is gone
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * await link.addresses.flush({ family: 'inet6' })
   */
  async flush(filter: Omit<AddressFilter, 'link'> = {}): Promise<void> {
    const { family: _, ...limits } = filter
    let stuck = false
    // Without the secondary ones: those go with their primary address (unless promote_secondaries is set, so look again).
    for (let addresses = await this.list(filter); addresses.length > 0; addresses = await this.list(filter)) {
      const primary = addresses.filter(({ family, flags }) => family === 'inet6' || !flags.includes('secondary'))
      const results = await Promise.allSettled(
        primary.map(({ cidr, peer }) => this.delete({ address: cidr, ...(peer !== undefined && { peer }) }, limits)),
      )
      const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      const worse = errors.find((error) => !isGone(error))
      if (worse !== undefined) throw worse
      // It is said to be there and not to be there, again.
      if (stuck && errors.length === primary.length) throw errors[0]
      stuck = errors.length === primary.length
    }
  }

  async #send(change: AddressChange, input: AddressInput | readonly AddressInput[], limits?: Limits): Promise<void> {
    const list = Array.isArray(input) ? input : [input as AddressInput]
    const requests = addressRequests(change, list.map(addressValue), this.#index()).map((each) => ({
      ...each,
      words: `${each.words} of link '${this.#name()}'`,
    }))
    await this.#core().withConnection((connection) =>
      Promise.all(requests.map((each) => connection.request(each, limits))),
    )
  }
}

function isGone(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'EADDRNOTAVAIL'
}
