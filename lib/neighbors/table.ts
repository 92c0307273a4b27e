import { checkFamily, type Family } from '../addresses/family.js'
import { checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import {
  type NeighborTableMessage,
  type NeighborTableRequest,
  neighborTableMessage,
} from '../netlink/messages/neighbor-table.js'
import type { Reply } from '../netlink/request.js'

/**
 * How neighbours are looked after, on one link or by default. All are 0 to 2,147,483,647. Times are in milliseconds, which the
 * kernel rounds up to its clock's ticks of 1 to 10.
 */
export interface NeighborParms {
  /** About how long a confirmed entry is believed: the kernel takes half of it to one and a half times as much, at random. */
  baseReachableTime?: number
  /** Between requests to a neighbour that does not answer. */
  retransTime?: number
  /** How long an entry that nobody uses stays. */
  gcStaletime?: number
  /** How long to wait for a sign of life before a stale entry is asked for. */
  delayProbeTime?: number
  /** Between requests for entries that the kernel keeps alive (managed ones); Linux 6.0. */
  intervalProbeTimeMs?: number
  /** Packets that wait for an address to be resolved. */
  queueLen?: number
  /** The same in bytes: the one of the two that is set last counts. */
  queueLenbytes?: number
  /** Requests to a program in user space, before those by multicast. */
  appProbes?: number
  /** Requests to the known address. */
  ucastProbes?: number
  /** Requests to all. */
  mcastProbes?: number
  /** Requests to all after those to the known address failed. */
  mcastReprobes?: number
  /** The longest wait before an answer for an anycast address. */
  anycastDelay?: number
  /** The longest wait before an answer for somebody else. */
  proxyDelay?: number
  /** Requests for others that wait for an answer. */
  proxyQlen?: number
  /** The shortest time that an address stays before another one takes its place. */
  locktime?: number
}

/** A neighbour table with its defaults or, where it has a `link`, what it has for that one. */
export interface NeighborTable extends Readonly<NeighborParms> {
  readonly family: Family
  /** `'arp_cache'` or `'ndisc_cache'`. */
  readonly name: string
  /** The index of a link; undefined for the table itself. */
  readonly link?: number
  /** How long a confirmed entry is believed at present, by chance. */
  readonly reachableTime?: number
  /** With so few entries, none is thrown away; of the table. */
  readonly thresh1?: number
  /** With more entries, they are thrown away soon; of the table. */
  readonly thresh2?: number
  /** There are never more; of the table. */
  readonly thresh3?: number
  /** Milliseconds between looks for entries to throw away; of the table. */
  readonly gcInterval?: number
  /** What has happened in the table; of all namespaces together. */
  readonly stats?: NonNullable<NeighborTableMessage['stats']>
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: NeighborTableMessage
}

/** What to change of a table, or of what it has for one link. */
export interface NeighborTableChanges extends NeighborParms {
  family: Family
  /** The table of the family by default. */
  name?: string
  /** The link whose entries it is about; the table and its defaults, which the first namespace of the machine alone has, if absent. */
  link?: LinkReference
  thresh1?: number
  thresh2?: number
  thresh3?: number
  gcInterval?: number
}

const parmNames = [
  'baseReachableTime',
  'retransTime',
  'gcStaletime',
  'delayProbeTime',
  'intervalProbeTimeMs',
  'queueLen',
  'queueLenbytes',
  'appProbes',
  'ucastProbes',
  'mcastProbes',
  'mcastReprobes',
  'anycastDelay',
  'proxyDelay',
  'proxyQlen',
  'locktime',
] as const satisfies (keyof NeighborParms)[]

const tableNames = ['thresh1', 'thresh2', 'thresh3', 'gcInterval'] as const

const changeKeys: Readonly<Record<string, true>> = Object.fromEntries(
  ['family', 'name', 'link', ...parmNames, ...tableNames].map((name) => [name, true]),
)

/** Reads a table out of an answer; undefined for one of neither ARP nor NDP. */
export function neighborTableOf({ bytes, start, end }: Reply): NeighborTable | undefined {
  const message = neighborTableMessage.decode(bytes, start, end)
  const { family, name, parms = {}, stats } = message
  if ((family !== 'inet' && family !== 'inet6') || name === undefined) return undefined
  const { ifindex, refcnt: _, unknown: __, pad: ___, ...rest } = parms
  return {
    family,
    name,
    ...(ifindex !== undefined && { link: ifindex }),
    ...given(message, tableNames),
    ...rest,
    ...(stats !== undefined && { stats }),
    message,
  }
}

/** The payload of a change, but for the link; refuses bad values. */
export function neighborTableValue(changes: NeighborTableChanges): NeighborTableRequest {
  const { family, link, name } = checkKeys('changes', changes, changeKeys)
  checkFamily(family)
  if (name !== undefined && typeof name !== 'string') throw invalidArgument('name', name, 'it must be a string')
  const parms = given(changes, parmNames)
  const ofTable = given(changes, tableNames)
  for (const [key, value] of Object.entries({ ...parms, ...ofTable })) checkInteger(key, value, 0, 0x7fffffff)
  const [first] = Object.keys(ofTable)
  if (link !== undefined && first !== undefined)
    throw invalidArgument(first, changes[first as 'thresh1'], 'it is of the table, and not of one link')
  if (first === undefined && Object.keys(parms).length === 0)
    throw invalidArgument('changes', changes, 'there must be something to change')
  return { family, name: name ?? (family === 'inet' ? 'arp_cache' : 'ndisc_cache'), parms, ...ofTable }
}

function given<N extends string>(values: { readonly [K in N]?: number }, names: readonly N[]): { [K in N]?: number } {
  const found: { [K in N]?: number } = {}
  for (const name of names) if (values[name] !== undefined) found[name] = values[name]
  return found
}
