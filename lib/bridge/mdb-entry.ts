import { checkKeys, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import { formatIp, formatMac, parseAddress, parseIp, parseMac } from '../netlink/codec/index.js'
import type { MdbMessage, MdbRequest } from '../netlink/messages/mdb.js'
import type { RouteProtocol } from '../routes/route.js'
import { checkVlan } from './vlan.js'

/** What names an entry. */
export interface MdbKey {
  /** A multicast address: IPv4, IPv6 or Ethernet. */
  group: string
  /** The port that gets it, or the bridge itself; the bridge itself by default. */
  link?: LinkReference
  /** VLAN, 1 to 4094; without one, where VLANs are filtered, all that the port has. */
  vlan?: number
  /** Only what this address sends. */
  source?: string
}

/** An entry to add. */
export interface MdbOptions extends MdbKey {
  /**
   * Whether it stays, or goes when nobody asks for it for `mcastMembershipIntvl`: `'temporary'` by default, `'permanent'` of
   * an Ethernet address. The bridge itself has none but temporary entries of IP groups.
   */
  state?: 'temporary' | 'permanent'
  /** Whether `sources` are the only ones wanted, or the only ones unwanted: `'exclude'` by default (Linux 6.3). */
  filterMode?: 'include' | 'exclude'
  /** IP addresses of senders (Linux 6.3). They count where the bridge speaks IGMPv3 or MLDv2. */
  sources?: readonly string[]
  /** Who made it; told with the entry (Linux 6.3). */
  protocol?: RouteProtocol
}

type Message = NonNullable<NonNullable<NonNullable<NonNullable<MdbMessage['mdb']>['entry']>[number]['info']>>[number]

/** A flag of an entry: `'fastLeave'`, `'blocked'`, `'offload'`, … */
export type MdbFlag = Extract<Message['flags'][number], string>

/** A multicast group that a port of a bridge, or the bridge itself, gets. */
export interface MdbEntry {
  /** The multicast address: IPv4, IPv6 or Ethernet. */
  readonly group: string
  /** The index of the port, or of the bridge itself. */
  readonly link: number
  readonly vlan?: number
  readonly state: 'temporary' | 'permanent' | number
  readonly flags: readonly (MdbFlag | number)[]
  readonly source?: string
  /** Of ports, where the bridge speaks IGMPv3 or MLDv2. */
  readonly filterMode?: 'include' | 'exclude' | number
  /** The senders wanted or unwanted, with the seconds after which each is forgotten. */
  readonly sources?: readonly { readonly address: string; readonly timer: number }[]
  readonly protocol?: RouteProtocol
  /** Seconds after which it goes; 0 for never. */
  readonly timer: number
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: Message
}

/** A port that gets all multicast, because there is a multicast router behind it. */
export interface MdbRouter {
  /** The index of the port. */
  readonly link: number
  /** How it came to be: `'temp'` and `'tempQuery'` learned, `'perm'` by {@link BridgePortChanges.mcastRouter}. */
  readonly type: NonNullable<Router['type']>
  /** Seconds after which it is forgotten; 0 for never. */
  readonly timer: number
  readonly vlan?: number
}

type Router = NonNullable<NonNullable<MdbMessage['router']>['port']>[number]

/** What an entry has; one of the list can be given back as it is. */
const entryKeys: Record<keyof MdbOptions | keyof MdbEntry, true> = {
  group: true,
  link: true,
  vlan: true,
  source: true,
  state: true,
  filterMode: true,
  sources: true,
  protocol: true,
  flags: true,
  timer: true,
  message: true,
}

// The kernel's clock towards programs.
const ticksPerSecond = 100

function groupOf({ addr, proto }: Message): string {
  if (proto === 'ip') return formatIp(addr, 0, 4)
  return proto === 'ipv6' ? formatIp(addr, 0, 16) : formatMac(addr, 0)
}

/** The entries that a message has. */
export function mdbEntriesOf({ mdb }: MdbMessage): MdbEntry[] {
  return (mdb?.entry ?? []).flatMap(({ info = [] }) => info.map(entryOf))
}

function entryOf(message: Message): MdbEntry {
  const { ifindex, vid, state, flags, source, groupMode, srcList, rtprot, timer = 0 } = message
  const sources = srcList?.entry?.map((each) => ({
    address: each.address ?? '',
    timer: (each.timer ?? 0) / ticksPerSecond,
  }))
  return {
    group: groupOf(message),
    link: ifindex,
    ...(vid !== 0 && { vlan: vid }),
    state,
    flags,
    ...(source !== undefined && { source }),
    ...(groupMode !== undefined && { filterMode: groupMode }),
    ...(sources !== undefined && { sources }),
    ...(rtprot !== undefined && { protocol: rtprot }),
    timer: timer / ticksPerSecond,
    message,
  }
}

/** The ports with a multicast router that a message has. */
export function mdbRoutersOf({ router }: MdbMessage): MdbRouter[] {
  return (router?.port ?? []).map(({ ifindex, type = 0, timer = 0, vid }) => ({
    link: ifindex,
    type,
    timer: timer / ticksPerSecond,
    ...(vid !== undefined && { vlan: vid }),
  }))
}

type Entry = NonNullable<MdbRequest['entry']>

/** Checks what names an entry, and encodes it but for the indexes of links. */
export function mdbKeyValue(key: MdbKey): { entry: Entry; attrs: NonNullable<MdbRequest['attrs']> | undefined } {
  const { group, vlan, source } = checkKeys('entry', key, entryKeys)
  const address = typeof group === 'string' ? (parseIp(group) ?? parseMac(group)) : undefined
  if (address === undefined)
    throw invalidArgument('group', group, "it must be a multicast address such as '239.1.1.1' or '01:00:5e:01:01:01'")
  const addr = new Uint8Array(16)
  addr.set(address)
  return {
    entry: {
      addr,
      proto: address.length === 4 ? 'ip' : address.length === 16 ? 'ipv6' : 0,
      vid: vlan === undefined ? 0 : checkVlan('vlan', vlan),
    },
    attrs: source === undefined ? undefined : { source: parseAddress(source).address },
  }
}

/** Checks an entry to add, and encodes it but for the indexes of links. */
export function mdbValue(options: MdbOptions): ReturnType<typeof mdbKeyValue> {
  const { entry, attrs } = mdbKeyValue(options)
  const { state = entry.proto === 0 ? 'permanent' : 'temporary', filterMode, sources, protocol } = options
  if (state !== 'temporary' && state !== 'permanent')
    throw invalidArgument('state', state, 'it must be temporary or permanent')
  if (filterMode !== undefined && filterMode !== 'include' && filterMode !== 'exclude')
    throw invalidArgument('filterMode', filterMode, 'it must be include or exclude')
  if (sources !== undefined && !Array.isArray(sources))
    throw invalidArgument('sources', sources, 'it must be an array of IP addresses')
  const more = {
    ...attrs,
    // The kernel takes no sources without it.
    groupMode: filterMode ?? (sources === undefined ? undefined : ('exclude' as const)),
    srcList:
      sources === undefined ? undefined : { entry: sources.map((each) => ({ address: parseAddress(each).address })) },
    rtprot: protocol,
  }
  const isEmpty = Object.values(more).every((value) => value === undefined)
  return { entry: { ...entry, state }, attrs: isEmpty ? undefined : more }
}
