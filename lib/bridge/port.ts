import { checkBoolean, checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import type { BridgeLinkRequest } from '../netlink/messages/bridge-link.js'
import { bridgePortState } from '../netlink/messages/kinds/bridge-port.js'
import { type LinkMessage, slaveData } from '../netlink/messages/link.js'

type Attributes = NonNullable<BridgeLinkRequest['protinfo']>
type Attribute = Exclude<keyof Attributes, 'unknown'>

/** Spanning tree state of a port. */
export type BridgePortState = keyof typeof bridgePortState.values

// Named as `bridge link` does, and where that has no word, as the kernel does.
const switches = {
  hairpin: 'mode',
  guard: 'guard',
  rootBlock: 'protect',
  fastLeave: 'fastLeave',
  learning: 'learning',
  flood: 'unicastFlood',
  mcastFlood: 'mcastFlood',
  bcastFlood: 'bcastFlood',
  mcastToUnicast: 'mcastToUcast',
  proxyArp: 'proxyarp',
  proxyArpWifi: 'proxyarpWifi',
  neighSuppress: 'neighSuppress',
  neighVlanSuppress: 'neighVlanSuppress',
  vlanTunnel: 'vlanTunnel',
  isolated: 'isolated',
  locked: 'locked',
  mab: 'mab',
} as const satisfies Record<string, Attribute>

const numbers = {
  cost: { attribute: 'cost', most: 65_535 },
  priority: { attribute: 'priority', most: 63 },
  mcastRouter: { attribute: 'multicastRouter', most: 3 },
  groupFwdMask: { attribute: 'groupFwdMask', most: 65_535 },
  mcastEhtHostsLimit: { attribute: 'mcastEhtHostsLimit', most: 0xffff_ffff },
  mcastMaxGroups: { attribute: 'mcastMaxGroups', most: 0xffff_ffff },
  backupNexthop: { attribute: 'backupNhid', most: 0xffff_ffff },
} as const satisfies Record<string, { attribute: Attribute; most: number }>

/** Switches of a port of a bridge; those that this kernel does not know are absent. */
export interface BridgePortSwitches {
  /** Frames may go out where they came in. */
  hairpin: boolean
  /** A port on which spanning tree frames come in is disabled (BPDU guard). */
  guard: boolean
  /** It never leads to the root of the spanning tree. */
  rootBlock: boolean
  /** A group is left at once, without asking whether others want it. */
  fastLeave: boolean
  /** Addresses are learned from what comes in. */
  learning: boolean
  /** Frames for an unknown address go out here. */
  flood: boolean
  /** Multicast that nobody asked for goes out here. */
  mcastFlood: boolean
  /** Broadcasts go out here. */
  bcastFlood: boolean
  /** Multicast goes out as a copy for each who wants it. */
  mcastToUnicast: boolean
  /** The bridge answers ARP requests for hosts that it knows. */
  proxyArp: boolean
  /** The same as IEEE 802.11 has it. */
  proxyArpWifi: boolean
  /** ARP and ND requests that the bridge can answer do not go out. */
  neighSuppress: boolean
  /** `neighSuppress` counts for each VLAN by itself (Linux 6.4). */
  neighVlanSuppress: boolean
  /** VLANs are carried by tunnels of their own: {@link VlanOptions.tunnelId}. */
  vlanTunnel: boolean
  /** Nothing passes between it and other isolated ports. */
  isolated: boolean
  /** Only stations in the forwarding table are let in (Linux 5.18). */
  locked: boolean
  /** Stations that a locked port keeps out are noted (Linux 6.2). */
  mab: boolean
}

/** What can be changed of a port of a bridge. */
export interface BridgePortChanges extends Partial<BridgePortSwitches> {
  /** Only while the kernel's spanning tree is off (`stpState` 0): then the kernel unblocks a port at once that is `'blocking'`. */
  state?: BridgePortState
  /** Of the path through it, to the spanning tree: 1 to 65,535; by default from the link's speed. */
  cost?: number
  /** Among ports of the same cost: 0 to 63, the least is preferred; 32 by default. */
  priority?: number
  /** Whether it gets all multicast: 0 never, 1 where there is a querier (the default), 2 always, 3 for a while. */
  mcastRouter?: number
  /** Link-local frames that are forwarded nevertheless: bit N for 01:80:c2:00:00:0N. */
  groupFwdMask?: number
  /** Most hosts behind it whose multicast sources are tracked; 512 by default (Linux 5.12). */
  mcastEhtHostsLimit?: number
  /** Most multicast groups, 0 for no limit (Linux 6.3). */
  mcastMaxGroups?: number
  /** Where frames go while it has no carrier; null for none. */
  backupPort?: LinkReference | null
  /** With `backupPort`, the number of the next hop object that they are tunnelled to; 0 for none (Linux 6.6). */
  backupNexthop?: number
}

/** What a link is as a port of a bridge. What this kernel does not know is absent. */
export interface BridgePort extends Readonly<Partial<BridgePortSwitches>> {
  /** The index of the bridge. */
  readonly bridge: number
  readonly state: BridgePortState | number
  readonly cost: number
  readonly priority: number
  readonly mcastRouter?: number
  readonly groupFwdMask?: number
  readonly mcastEhtHostsLimit?: number
  readonly mcastMaxGroups?: number
  /** How many multicast groups it has. */
  readonly mcastGroups?: number
  /** The index of the link to which frames go while it has no carrier. */
  readonly backupPort?: number
  readonly backupNexthop?: number
}

const changeKeys: Record<keyof BridgePortChanges, true> = {
  state: true,
  backupPort: true,
  ...keysOf(switches),
  ...keysOf(numbers),
}

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): Record<K, true> {
  return Object.fromEntries(Object.keys(table).map((key) => [key, true])) as Record<K, true>
}

/** What a link tells of itself as a port of a bridge; undefined when it is none. */
export function bridgePortOf(link: LinkMessage): BridgePort | undefined {
  const data = slaveData(link, 'bridge')
  if (data === undefined || link.master === undefined) return undefined
  const { state = 0, cost = 0, priority = 0, mcastNGroups, backupPort } = data
  const known: Record<string, boolean | number> = {}
  for (const [name, attribute] of Object.entries(switches)) {
    const value = data[attribute]
    if (value !== undefined) known[name] = value !== 0
  }
  for (const [name, { attribute }] of Object.entries(numbers)) {
    const value = data[attribute]
    if (value !== undefined) known[name] = value
  }
  return {
    bridge: link.master,
    state,
    cost,
    priority,
    ...known,
    ...(mcastNGroups !== undefined && { mcastGroups: mcastNGroups }),
    ...(backupPort !== undefined && { backupPort }),
  }
}

/** Checks changes of a port, and encodes them but for the index of the backup port. */
export function bridgePortValue(changes: BridgePortChanges): Attributes {
  checkKeys('changes', changes, changeKeys)
  const value: Record<string, number | string> = {}
  const { state } = changes
  if (state !== undefined) {
    const states = Object.keys(bridgePortState.values)
    if (!states.includes(state)) throw invalidArgument('state', state, `it must be one of ${states.join(', ')}`)
    value.state = state
  }
  for (const [name, attribute] of Object.entries(switches)) {
    const given = changes[name as keyof typeof switches]
    if (given === undefined) continue
    checkBoolean(name, given)
    value[attribute] = given ? 1 : 0
  }
  for (const [name, { attribute, most }] of Object.entries(numbers)) {
    const given = changes[name as keyof typeof numbers]
    if (given !== undefined) value[attribute] = checkInteger(name, given, name === 'cost' ? 1 : 0, most)
  }
  return value
}
