import { checkKeys, checkObject } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import type { LinkLike, LinkReference } from '../links/reference.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import type { Fdb, FdbFilter } from './fdb.js'
import type { FdbEntry, FdbKey, FdbOptions, FdbState } from './fdb-entry.js'
import { isBridge } from './own.js'

/** What names an entry of a bridge's forwarding table. */
export type BridgeFdbKey = Pick<FdbKey, 'mac' | 'vlan' | 'self' | 'master'> & {
  /** The port that leads there; by default the bridge itself, which is an address of this host. */
  link?: LinkReference
}

/** An entry to add to a bridge's forwarding table. */
export type BridgeFdbOptions = BridgeFdbKey &
  Pick<FdbOptions, 'flags'> & {
    /** `'static'` by default, and of the bridge itself `'permanent'`. */
    state?: FdbState
  }

const getKeys = { vlan: true, ...limitKeys } as const

/** The forwarding table of a bridge: behind which port an address is. Entries of all links are in {@link Namespace.fdb}. */
export class BridgeFdb {
  readonly #fdb: Fdb
  readonly #bridge: LinkLike

  /** @internal */
  constructor(fdb: Fdb, bridge: LinkLike) {
    this.#fdb = fdb
    this.#bridge = bridge
  }

  /**
   * Adds an entry. Throws as {@link Fdb.add}.
   *
   * @example
   * await bridge.fdb.add({ mac: '02:00:00:00:00:09', link: 'eth1', flags: ['sticky'] })
   */
  async add(entry: BridgeFdbOptions, limits?: Limits): Promise<void> {
    await this.#fdb.add(this.#own(entry), limits)
  }

  /** Adds an entry, or puts it in the place of the one there is. Throws as {@link Fdb.add}, but for `EEXIST`. */
  async replace(entry: BridgeFdbOptions, limits?: Limits): Promise<void> {
    await this.#fdb.replace(this.#own(entry), limits)
  }

  /** Deletes an entry. Throws as {@link Fdb.delete}. */
  async delete(entry: BridgeFdbKey, limits?: Limits): Promise<void> {
    await this.#fdb.delete(this.#own(entry), limits)
  }

  /**
   * The entry of an address.
   *
   * @throws {@link NetlinkError} `ENOENT` when there is none
   * @example
   * const { link, state } = await bridge.fdb.get('02:00:00:00:00:09', { vlan: 10 })
   */
  async get(mac: string, options: { vlan?: number } & Limits = {}): Promise<FdbEntry> {
    const { vlan, ...limits } = checkKeys('options', options, getKeys)
    const key: FdbKey = { mac, link: this.#bridge, self: true, ...(vlan !== undefined && { vlan }) }
    return this.#fdb.get(key, limits)
  }

  /** The entries there are, of the bridge and its ports; see {@link Fdb.list}. */
  async list(filter: Omit<FdbFilter, 'bridge'> = {}): Promise<FdbEntry[]> {
    return this.#fdb.list({ ...checkObject('filter', filter), bridge: this.#bridge })
  }

  /** The same one after the other, in little memory; see {@link Fdb.stream}. */
  stream(filter: Omit<FdbFilter, 'bridge'> = {}): DumpStream<FdbEntry> {
    return this.#fdb.stream({ ...checkObject('filter', filter), bridge: this.#bridge })
  }

  /**
   * Deletes all entries of its own table that {@link list} gives for this filter, but for permanent ones, unless the filter is for
   * those.
   *
   * @example
   * await bridge.fdb.flush({ link: 'eth1', state: 'dynamic' })
   */
  async flush(filter: Omit<FdbFilter, 'bridge'> = {}): Promise<void> {
    await this.#fdb.flush({ ...checkObject('filter', filter), bridge: this.#bridge })
  }

  #own<E extends BridgeFdbOptions>(entry: E): E & { link: LinkReference; state: FdbState } {
    const { link = this.#bridge, self, master, state } = entry ?? {}
    const isOwn = isBridge(link, this.#bridge)
    const table = self === undefined && master === undefined ? { self: isOwn, master: !isOwn } : {}
    return { ...entry, ...table, link, state: state ?? (isOwn ? 'permanent' : 'static') }
  }
}
