import { checkKeys } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { knownIndex, type LinkLike, type LinkReference, resolveLink, wordsOf } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type MdbMessage, mdbMessage, mdbRequestMessage } from '../netlink/messages/mdb.js'
import { type Reply, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import {
  type MdbEntry,
  type MdbKey,
  type MdbOptions,
  type MdbRouter,
  mdbEntriesOf,
  mdbKeyValue,
  mdbRoutersOf,
  mdbValue,
} from './mdb-entry.js'
import { checkVlan } from './vlan.js'

/** Which entries to list. */
export interface MdbFilter extends Limits {
  /** Those of this port, or of the bridge itself. */
  link?: LinkReference
  vlan?: number
  state?: MdbEntry['state']
}

const filterKeys: Record<keyof MdbFilter, true> = { link: true, vlan: true, state: true, ...limitKeys }

const { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_DUMP } = messageFlags

const dump = request(
  'RTM_GETMDB',
  mdbRequestMessage,
  { family: 'bridge' },
  { flags: NLM_F_DUMP, words: 'the multicast groups' },
)

/** Reads something out of what a bridge tells; the kernel tells of all bridges. */
function ofBridge<T>(bridge: LinkLike, read: (message: MdbMessage) => T[]): (reply: Reply) => T[] | undefined {
  return ({ bytes, start, end }) => {
    const message = mdbMessage.decode(bytes, start, end)
    return message.index === bridge.index ? read(message) : undefined
  }
}

const entriesOf = (bridge: LinkLike) =>
  new Table<MdbFilter, MdbEntry>({
    keys: filterKeys,
    links: ({ link }) => ({ link }),
    reading(_core, { vlan, state }, { link }) {
      if (vlan !== undefined) checkVlan('vlan', vlan)
      return {
        dumps: [dump],
        read: ofBridge(bridge, mdbEntriesOf),
        keep: (entry) =>
          (link === undefined || entry.link === link) &&
          (vlan === undefined || entry.vlan === vlan) &&
          (state === undefined || entry.state === state),
      }
    },
  })

const routersOf = (bridge: LinkLike) =>
  new Table<Limits, MdbRouter>({
    keys: limitKeys,
    reading: () => ({ dumps: [dump], read: ofBridge(bridge, mdbRoutersOf) }),
  })

/** The multicast groups of a bridge, as `bridge mdb` shows them: which ports get which. The bridge must be up. */
export class Mdb {
  readonly #core: NamespaceCore
  readonly #bridge: LinkLike
  readonly #entries: Table<MdbFilter, MdbEntry>
  readonly #routers: Table<Limits, MdbRouter>

  /** @internal */
  constructor(core: NamespaceCore, bridge: LinkLike) {
    this.#core = core
    this.#bridge = bridge
    this.#entries = entriesOf(bridge)
    this.#routers = routersOf(bridge)
  }

  /**
   * Adds an entry.
   *
   * Kernel: RTM_NEWMDB.
   *
   * @throws {@link NetlinkError} `EEXIST` when there is one, `EINVAL` when the bridge is down, has `mcastSnooping` off, or the link
   * is no port of it; for groups that every bridge floods (224.0.0.0/24, ff02::1)
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await bridge.mdb.add({ group: '239.1.1.1', link: 'eth1', state: 'permanent' })
   * await bridge.mdb.add({ group: 'ff15::1', link: 'eth1', filterMode: 'include', sources: ['fd00::9'] })
   */
  async add(entry: MdbOptions, limits?: Limits): Promise<void> {
    await this.#change('RTM_NEWMDB', entry, mdbValue(entry), NLM_F_CREATE | NLM_F_EXCL, limits)
  }

  /**
   * Adds an entry, or puts it in the place of the one there is (since Linux 6.3: before, `EEXIST`). Throws as {@link add}.
   */
  async replace(entry: MdbOptions, limits?: Limits): Promise<void> {
    await this.#change('RTM_NEWMDB', entry, mdbValue(entry), NLM_F_CREATE | NLM_F_REPLACE, limits)
  }

  /**
   * Deletes an entry.
   *
   * Kernel: RTM_DELMDB.
   *
   * @throws {@link NetlinkError} `EINVAL` when there is none
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await bridge.mdb.delete({ group: '239.1.1.1', link: 'eth1' })
   */
  async delete(entry: MdbKey, limits?: Limits): Promise<void> {
    await this.#change('RTM_DELMDB', entry, mdbKeyValue(entry), 0, limits)
  }

  /**
   * The entries there are.
   *
   * Kernel: RTM_GETMDB, which tells of all bridges.
   *
   * @example
   * const groups = (await bridge.mdb.list({ link: 'eth1' })).map(({ group }) => group)
   */
  async list(filter: MdbFilter = {}): Promise<MdbEntry[]> {
    return this.#entries.list(this.#core, filter)
  }

  /** The same one after the other, in little memory; see {@link Routes.stream}. */
  stream(filter: MdbFilter = {}): DumpStream<MdbEntry> {
    return this.#entries.stream(this.#core, filter)
  }

  /** Deletes all entries that {@link list} gives for this filter. */
  async flush(filter: MdbFilter = {}): Promise<void> {
    const { signal, timeout } = checkKeys('filter', filter, filterKeys)
    const entries = await this.list(filter)
    const results = await Promise.allSettled(entries.map((entry) => this.delete(entry, { signal, timeout })))
    const refused = results.find((result) => result.status === 'rejected')
    if (refused === undefined) return
    // Some go with others, and the kernel forgets some by itself: it counts what is still there.
    const left = new Set((await this.list(filter)).map(nameOf))
    if (entries.some((entry) => left.has(nameOf(entry)))) throw refused.reason
  }

  /**
   * The ports that get all multicast, because there is a multicast router behind them.
   *
   * Kernel: RTM_GETMDB, MDBA_ROUTER.
   */
  async routers(limits: Limits = {}): Promise<MdbRouter[]> {
    return this.#routers.list(this.#core, limits)
  }

  async #change(
    name: 'RTM_NEWMDB' | 'RTM_DELMDB',
    { group, link = this.#bridge }: MdbKey,
    { entry, attrs }: ReturnType<typeof mdbKeyValue>,
    flags: number,
    limits: Limits | undefined,
  ): Promise<void> {
    const ifindex = knownIndex(this.#core, link) ?? (await resolveLink(this.#core, link, limits))
    const value = { family: 'bridge' as const, index: this.#bridge.index, entry: { ...entry, ifindex }, attrs }
    const words = `multicast group ${group} of ${wordsOf(link)}`
    const change = request(name, mdbRequestMessage, value, { flags, words })
    await this.#core.withConnection((connection) => connection.request(change, limits))
  }
}

function nameOf({ group, link, vlan, source }: MdbEntry): string {
  return [group, link, vlan, source].join()
}
