import { checkKeys } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import { type LinkReference, resolveLinks } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { Connection } from './connection.js'
import { type DumpStream, streamDumps } from './dump-stream.js'
import { isNetlinkError } from './error.js'
import type { NetlinkRequest, Reply } from './request.js'

/** What is read of one of the kernel's tables. */
export interface Reading<T> {
  /** The dumps that give it, in the order in which their entries are given. */
  readonly dumps: readonly NetlinkRequest[]
  /** Makes an entry of a reply, or several, whose object is used again; undefined of what does not belong to the table. */
  read(reply: Reply): T | readonly T[] | undefined
  /** Whether an entry is wanted, where the kernel gives more than was asked for. */
  keep?: ((entry: T) => boolean) | undefined
  /** The error that says that there are no entries: of a routing table without any, that it does not exist. */
  readonly empty?: 'ENOENT'
}

/** The same, ready to be carried out: a reply's entries are put to the others. */
export interface Gathering<T> extends Pick<Reading<T>, 'dumps' | 'empty'> {
  gather(reply: Reply, entries: T[]): void
}

/** How a table is read, by a filter. */
export interface TableFormat<F, T> {
  /** What a filter may have. */
  readonly keys: Readonly<Record<keyof F, true>>
  /** The links that the filter names, whose indexes {@link reading} is given. */
  links?(filter: F): Readonly<Record<string, LinkReference | undefined>>
  /** Checks the filter, and says what is read for it. */
  reading(core: NamespaceCore, filter: F, indexes: Readonly<Record<string, number | undefined>>): Reading<T>
}

/** One of the kernel's tables: what a filter means is said once, and serves to read it whole and bit by bit. */
export class Table<F extends Limits, T> {
  readonly #format: TableFormat<F, T>

  constructor(format: TableFormat<F, T>) {
    this.#format = format
  }

  /** All entries. */
  async list(core: NamespaceCore, filter: F): Promise<T[]> {
    const limits = this.#check(filter)
    const ready = this.#prepare(core, filter, limits)
    // Without a pause where there is nothing to look up: requests go out in the order in which they were made.
    const { dumps, gather, empty } = ready instanceof Promise ? await ready : ready
    const dump = (connection: Connection, request: NetlinkRequest) =>
      connection.dumpInto(request, gather, limits).catch((error: unknown): T[] => {
        if (isNetlinkError(error, empty)) return []
        throw error
      })
    const lists = await core.withConnection((connection) => Promise.all(dumps.map((each) => dump(connection, each))))
    return lists.length === 1 ? (lists[0] as T[]) : lists.flat()
  }

  /** The same entries one after the other. Nothing happens before the first one is asked for. */
  stream(core: NamespaceCore, filter: F): DumpStream<T> {
    const limits = this.#check(filter)
    return streamDumps(core, limits, async ({ signal }) => this.#prepare(core, filter, { ...limits, signal }))
  }

  #check(filter: F): Limits {
    const { signal, timeout } = checkKeys<F>('filter', filter, this.#format.keys)
    return { signal, timeout }
  }

  #prepare(core: NamespaceCore, filter: F, limits: Limits): Gathering<T> | Promise<Gathering<T>> {
    const { links } = this.#format
    const indexes = links === undefined ? {} : resolveLinks(core, links(filter), limits)
    return indexes instanceof Promise
      ? indexes.then((found) => this.#reading(core, filter, found))
      : this.#reading(core, filter, indexes)
  }

  #reading(core: NamespaceCore, filter: F, indexes: Readonly<Record<string, number | undefined>>): Gathering<T> {
    const { dumps, read, keep, empty } = this.#format.reading(core, filter, indexes)
    const put = (entry: T, entries: T[]) => {
      if (keep === undefined || keep(entry)) entries.push(entry)
    }
    return {
      dumps,
      ...(empty !== undefined && { empty }),
      gather(reply, entries) {
        const found = read(reply)
        if (found === undefined) return
        if (isList(found)) for (const entry of found) put(entry, entries)
        else put(found, entries)
      },
    }
  }
}

function isList<T>(found: T | readonly T[]): found is readonly T[] {
  return Array.isArray(found)
}
