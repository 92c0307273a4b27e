import type { NamespaceCore } from '../namespace/core.js'
import type { Reply } from '../netlink/request.js'
import type { Notice } from '../netlink/subscription.js'
import type { NetworkEvent } from './event.js'
import type { EventKind, Told } from './kinds/kind.js'
import type { Reading } from './reading.js'

interface Read {
  kind: EventKind
  told: Told
  flags: number
  gone: boolean
}

/** Makes events of what the kernel tells. */
export class Tracker {
  readonly #core: NamespaceCore
  readonly #kinds = new Map<number, EventKind>()
  // The keys of those that are there: the kernel does not say whether a link, an address or a neighbour that it tells of is new.
  #known = new Set<string>()

  constructor(core: NamespaceCore, kinds: readonly EventKind[]) {
    this.#core = core
    for (const kind of kinds) this.#kinds.set(kind.added, kind).set(kind.deleted, kind)
  }

  /** The event that a notification tells of; undefined when it is none, or is about something never told of. */
  event(notice: Notice): NetworkEvent | undefined {
    const read = this.#read(notice)
    return read === undefined ? undefined : this.#event(read)
  }

  #event({ kind, told, flags, gone }: Read): NetworkEvent | undefined {
    const { object } = told
    if (kind.isChange !== undefined) {
      return { event: gone ? 'delete' : kind.isChange(flags, object) ? 'change' : 'add', ...object }
    }
    if (gone) return this.#known.delete(told.key) ? { event: 'delete', ...object } : undefined
    const event = this.#known.has(told.key) && !kind.isNew?.(flags) ? 'change' : 'add'
    this.#known.add(told.key)
    return { event, ...object }
  }

  /** Remembers what a reading of all there is shows; the events are those that were notified of until it was over. */
  begin({ answers, notices }: Reading): NetworkEvent[] {
    const touched = new Set<string>()
    const events = this.#readAll(notices).flatMap((read) => {
      const { kind, told, gone } = read
      if (kind.isChange === undefined) {
        touched.add(told.key)
        // It has been there, though nobody remembers.
        if (gone || kind.wasThere?.(told)) this.#known.add(told.key)
      }
      return this.#event(read) ?? []
    })
    for (const { kind, told } of this.#readAll(answers)) {
      if (kind.isChange === undefined && !touched.has(told.key)) this.#known.add(told.key)
    }
    return events
  }

  /**
   * All there is, by a reading and the notifications that came with it. Each of these shows an object as it was when it was
   * sent; whether the reading came to the object before or after that is not known. The last word is the right one in any case,
   * since a reading that shows something later than the last notification would be followed by another notification.
   */
  *snapshot({ answers, notices }: Reading): Generator<NetworkEvent> {
    const changes = this.#readAll(notices)
    const touched = new Map(changes.map(({ told }) => [placeOf(told), new Map<string, Read>()]))
    const found: Read[] = []
    for (const read of this.#readAll(answers)) {
      const place = touched.get(placeOf(read.told))
      if (place === undefined) found.push(read)
      else place.set(read.told.key, read)
    }
    const late: Read[] = []
    for (const read of changes) {
      const place = touched.get(placeOf(read.told)) as Map<string, Read>
      if (!read.gone) settle(place, read)
      // Part of one that is there, perhaps: a hop of an IPv6 route.
      else if (!place.delete(read.told.key) && place.size > 0 && read.kind.displaced !== undefined) late.push(read)
    }
    for (const place of touched.values()) found.push(...place.values())
    this.#known = new Set(found.flatMap(({ kind, told }) => (kind.isChange === undefined ? [told.key] : [])))
    for (const kind of new Set(this.#kinds.values())) {
      for (const read of found) if (read.kind === kind) yield { event: 'add', ...read.told.object }
    }
    for (const { told } of late) yield { event: 'delete', ...told.object }
  }

  #readAll(messages: readonly (Reply & { flags?: number })[]): Read[] {
    return messages.flatMap((each) => this.#read(each) ?? [])
  }

  #read(notice: Reply & { flags?: number }): Read | undefined {
    const kind = this.#kinds.get(notice.type)
    if (kind === undefined || !kind.families.includes(notice.bytes[notice.start] as number)) return undefined
    const told = kind.read(this.#core, notice)
    return told === undefined ? undefined : { kind, told, flags: notice.flags ?? 0, gone: notice.type === kind.deleted }
  }
}

function placeOf({ key, place }: Told): string {
  return place ?? key
}

function settle(place: Map<string, Read>, read: Read): void {
  const { kind, told, flags } = read
  const others = [...place.values()].map((other) => other.told).filter(({ key }) => key !== told.key)
  for (const { key } of kind.displaced?.(flags, told, others) ?? []) place.delete(key)
  place.set(told.key, read)
}
