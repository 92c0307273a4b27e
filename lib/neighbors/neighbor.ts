import { type Family, familyOf } from '../addresses/family.js'
import { checkKeys, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import { parseAddress, parseMac } from '../netlink/codec/index.js'
import { type NeighborMessage, type NeighborRequest, neighborMessage } from '../netlink/messages/neighbor.js'
import type { Reply } from '../netlink/request.js'
import type { RouteProtocol } from '../routes/route.js'

/** What is known of a neighbour: `'reachable'`, `'stale'`, `'permanent'`, `'failed'`, … */
export type NeighborState = Extract<NeighborMessage['state'][number], string>

/**
 * A flag of an entry: `'router'`, `'proxy'` (this host answers for the address), `'extLearned'` (a control plane keeps it),
 * `'managed'` (the kernel keeps it resolved; Linux 5.16), `'use'` (resolve it now), …
 */
export type NeighborFlag = Extract<
  NeighborMessage['flags'][number] | NonNullable<NeighborMessage['flagsExt']>[number],
  string
>

/** An entry of the ARP (IPv4) or NDP (IPv6) table. */
export interface Neighbor {
  /** Its IP address. */
  readonly address: string
  /** Its Ethernet address; absent while it is not known, and of proxy entries. */
  readonly mac?: string
  /** The index of the link it is reached over. */
  readonly link: number
  readonly family: Family
  /** 0 for none: of proxy entries, and of some that are not resolved yet. */
  readonly state: NeighborState | number
  /** `'router'`, `'proxy'`, `'managed'`, … */
  readonly flags: readonly (NeighborFlag | number)[]
  /** Who made it, where that is known. */
  readonly protocol?: RouteProtocol
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: NeighborMessage
}

/** An entry to add. */
export interface NeighborOptions {
  address: string
  /** Its Ethernet address; needed but for `proxy`, `managed`, `use` and states without one. */
  mac?: string
  link: LinkReference
  /** `'permanent'` by default: it never changes by itself. With `managed` or `use` and no `mac`, none: it is resolved. */
  state?: NeighborState
  /** `'router'`, `'proxy'`, `'managed'`, `'extLearned'`, `'use'`. */
  flags?: readonly NeighborFlag[]
  /** Who made it; told with the entry. */
  protocol?: RouteProtocol
}

/** An entry to delete; a proxy entry with `flags: ['proxy']`. */
export interface NeighborKey {
  address: string
  link: LinkReference
  flags?: readonly (NeighborFlag | number)[]
}

/** What an entry has; one of the list can be given back as it is. */
export const entryKeys: Record<keyof NeighborOptions | keyof Neighbor, true> = {
  address: true,
  mac: true,
  link: true,
  state: true,
  flags: true,
  protocol: true,
  family: true,
  message: true,
}

const headerFlags = ['use', 'proxy', 'extLearned', 'router'] as const
const settable = [...headerFlags, 'managed']
const withoutAddress: readonly string[] = ['incomplete', 'failed', 'noarp']

/** Reads an entry out of an answer. */
export function neighborOf({ bytes, start, end }: Reply): Neighbor {
  const message = neighborMessage.decode(bytes, start, end)
  const { dst = '', lladdr, index, family, state, flags, flagsExt, protocol } = message
  return {
    address: dst,
    ...(lladdr !== undefined && { mac: lladdr }),
    link: index,
    family: family === 'inet' ? 'inet' : 'inet6',
    state: state[0] ?? 0,
    flags: flagsExt === undefined ? flags : [...flags, ...flagsExt],
    ...(protocol !== undefined && { protocol }),
    message,
  }
}

/** What names an entry to the kernel, but for the link's index. */
export function keyValue({ address, flags = [] }: NeighborKey): NeighborRequest {
  if (!Array.isArray(flags)) throw invalidArgument('flags', flags, 'it must be an array')
  const parsed = parseAddress(address)
  return {
    family: familyOf(parsed),
    dst: parsed.address,
    flags: flags.includes('proxy') ? ['proxy'] : undefined,
  }
}

/** Checks an entry to add, and encodes it but for the link's index. */
export function neighborValue(options: NeighborOptions): NeighborRequest {
  const { mac, flags = [], protocol } = checkKeys('neighbor', options, entryKeys)
  const key = keyValue(options)
  for (const flag of flags)
    if (!settable.includes(flag)) throw invalidArgument('flags', flag, `it must be made of ${settable.join(', ')}`)
  const resolves = mac === undefined && (flags.includes('managed') || flags.includes('use'))
  const proxy = flags.includes('proxy')
  const { state = resolves || proxy ? undefined : 'permanent' } = options
  const needsMac = !proxy && state !== undefined && !withoutAddress.includes(state)
  if (mac === undefined ? needsMac : typeof mac !== 'string' || parseMac(mac) === undefined)
    throw invalidArgument('mac', mac, "it must be an Ethernet address such as '02:00:00:00:00:01'")
  if (proxy && mac !== undefined) throw invalidArgument('mac', mac, 'a proxy entry has none')
  return {
    ...key,
    lladdr: mac,
    state: state === undefined ? [] : [state],
    flags: headerFlags.filter((flag) => flags.includes(flag)),
    flagsExt: flags.includes('managed') ? ['managed'] : undefined,
    protocol,
  }
}
