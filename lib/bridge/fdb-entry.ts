import { checkBoolean, checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import { parseAddress } from '../netlink/codec/index.js'
import { type NeighborMessage, type NeighborRequest, neighborMessage } from '../netlink/messages/neighbor.js'
import type { Reply } from '../netlink/request.js'
import { checkMac } from './mac.js'
import { checkVlan } from './vlan.js'

/**
 * How an entry came to be: `'permanent'` (an address of this host; `local` to `bridge fdb`), `'static'` (set by hand),
 * `'dynamic'` (learned, or set and ageing).
 */
export type FdbState = 'permanent' | 'static' | 'dynamic'

/**
 * A flag of an entry: `'sticky'` (it does not move to another port), `'extLearned'` (a control plane keeps it), `'offloaded'`
 * (a switch has it), `'locked'` (the port is locked and the station not let through; Linux 6.2), …
 */
export type FdbFlag = Extract<
  NeighborMessage['flags'][number] | NonNullable<NeighborMessage['flagsExt']>[number],
  string
>

/** What names an entry. */
export interface FdbKey {
  /** The Ethernet address; all zeros on a vxlan for what no other entry is about. */
  mac: string
  /** The link that leads there: a port, the bridge itself, a vxlan, … */
  link: LinkReference
  /** VLAN, 1 to 4094; on a bridge without one, an entry of each VLAN that the port has, and one of none. */
  vlan?: number
  /** The table of the link itself (that of a vxlan; the addresses that a card or a bridge takes). By default where not `master`. */
  self?: boolean
  /** The table of the bridge that the link is a port of; false by default. */
  master?: boolean
  /** Of a vxlan: the IP address of the other side. */
  dst?: string
  /** Of a vxlan: UDP port of the other side, 1 to 65,535; the vxlan's own by default. */
  port?: number
  /** Of a vxlan: VNI to send with, 0 to 16,777,215; the vxlan's own by default. */
  vni?: number
  /** Of a vxlan for several VNIs (`external`): the VNI that the entry is for. */
  srcVni?: number
  /** Of a vxlan: the link that leads to `dst`. */
  via?: LinkReference
  /** Of a vxlan: the number of a next hop object or group, in the place of `dst`. */
  nexthop?: number
}

/** An entry to add. */
export interface FdbOptions extends FdbKey {
  /** `'permanent'` by default, as with `bridge fdb`: on a bridge's port it makes the address one of this host's. */
  state?: FdbState
  /** `'sticky'`, `'extLearned'`, `'use'`, `'router'`. */
  flags?: readonly FdbFlag[]
}

/** An entry of a forwarding table. */
export interface FdbEntry {
  /** The Ethernet address. */
  readonly mac: string
  /** The index of the link that leads there. */
  readonly link: number
  readonly vlan?: number
  /** The index of the bridge in whose table it is. */
  readonly bridge?: number
  /** Whether it is in the table of the link itself. */
  readonly self: boolean
  /** Whether it is in the table of the bridge that the link is a port of. */
  readonly master: boolean
  /** `'stale'` when a learned entry is about to go; of others, the kernel's word or number. */
  readonly state: FdbState | NeighborMessage['state'][number]
  readonly flags: readonly (FdbFlag | number)[]
  readonly dst?: string
  readonly port?: number
  readonly vni?: number
  readonly srcVni?: number
  /** The index of the link that leads to `dst`. */
  readonly via?: number
  readonly nexthop?: number
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: NeighborMessage
}

/** What an entry has; one of the list can be given back as it is. */
const entryKeys: Record<keyof FdbOptions | keyof FdbEntry, true> = {
  mac: true,
  link: true,
  vlan: true,
  bridge: true,
  self: true,
  master: true,
  state: true,
  flags: true,
  dst: true,
  port: true,
  vni: true,
  srcVni: true,
  via: true,
  nexthop: true,
  message: true,
}

// As `bridge fdb` has them: a vxlan takes no entry without one of `permanent` and `reachable`, a bridge tells by the other bit.
const stateBits = {
  permanent: ['noarp', 'permanent'],
  static: ['noarp', 'reachable'],
  dynamic: ['reachable'],
} as const satisfies Record<FdbState, NeighborMessage['state']>

const settable = ['use', 'extLearned', 'sticky', 'router'] as const
const largestVni = 0xffffff

/** Reads an entry out of an answer. */
export function fdbEntryOf({ bytes, start, end }: Reply): FdbEntry {
  const message = neighborMessage.decode(bytes, start, end)
  const {
    lladdr = '',
    index,
    vlan,
    master,
    state,
    flags,
    flagsExt = [],
    dst,
    port,
    vni,
    srcVni,
    ifindex,
    nhId,
  } = message
  return {
    mac: lladdr,
    link: index,
    ...(vlan !== undefined && { vlan }),
    ...(master !== undefined && { bridge: master }),
    // A bridge tells of its own addresses as if it were its own port.
    self: flags.includes('self') || master === index,
    master: master !== undefined && master !== index,
    state: stateOf(state),
    flags: [...flags.filter((flag) => flag !== 'self' && flag !== 'master'), ...flagsExt],
    ...(dst !== undefined && { dst }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
    ...(srcVni !== undefined && { srcVni }),
    ...(ifindex !== undefined && { via: ifindex }),
    ...(nhId !== undefined && { nexthop: nhId }),
    message,
  }
}

function stateOf(bits: NeighborMessage['state']): FdbEntry['state'] {
  if (bits.includes('permanent')) return 'permanent'
  if (bits.includes('noarp')) return 'static'
  if (bits.includes('reachable')) return 'dynamic'
  return bits[0] ?? 0
}

/** Checks what names an entry, and encodes it but for the indexes of links. */
export function fdbKeyValue(entry: FdbKey): NeighborRequest {
  const { mac, vlan, self, master = false, dst, port, vni, srcVni, nexthop } = checkKeys('entry', entry, entryKeys)
  checkBoolean('master', master)
  if (self !== undefined) checkBoolean('self', self)
  const flags: ('self' | 'master')[] = []
  if (self ?? !master) flags.push('self')
  if (master) flags.push('master')
  if (flags.length === 0) throw invalidArgument('self', self, 'an entry is in the table of self, of master or of both')
  return {
    family: 'bridge',
    lladdr: checkMac('mac', mac),
    flags,
    vlan: vlan === undefined ? undefined : checkVlan('vlan', vlan),
    dst: dst === undefined ? undefined : parseAddress(dst).address,
    port: port === undefined ? undefined : checkInteger('port', port, 1, 65_535),
    vni: vni === undefined ? undefined : checkInteger('vni', vni, 0, largestVni),
    srcVni: srcVni === undefined ? undefined : checkInteger('srcVni', srcVni, 0, largestVni),
    nhId: nexthop === undefined ? undefined : checkInteger('nexthop', nexthop, 1, 0xffff_ffff),
  }
}

/** Checks an entry to add, and encodes it but for the indexes of links. */
export function fdbValue(entry: FdbOptions): NeighborRequest {
  const value = fdbKeyValue(entry)
  const { state = 'permanent', flags = [] } = entry
  if (!Object.hasOwn(stateBits, state))
    throw invalidArgument('state', state, `it must be one of ${Object.keys(stateBits).join(', ')}`)
  if (!Array.isArray(flags)) throw invalidArgument('flags', flags, 'it must be an array')
  for (const flag of flags)
    if (!(settable as readonly unknown[]).includes(flag))
      throw invalidArgument('flags', flag, `it must be made of ${settable.join(', ')}`)
  return {
    ...value,
    state: stateBits[state],
    flags: [...(value.flags ?? []), ...settable.filter((flag) => flags.includes(flag))],
  }
}
