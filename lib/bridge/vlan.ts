import { checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import type { BridgeLinkMessage, BridgeLinkRequest } from '../netlink/messages/bridge-link.js'

/** VLANs of a bridge: one by its number (1 to 4094), or all from one to another: `10`, `'10'`, `'10-20'`, `{ from: 10, to: 20 }`. */
export type VlanRange = number | string | { from: number; to: number }

/** A VLAN that a port of a bridge, or the bridge itself, has. */
export interface Vlan {
  /** The index of the port, or of the bridge itself. */
  readonly link: number
  /** 1 to 4094. */
  readonly id: number
  /** Whether frames that come in without a tag are of this VLAN. */
  readonly pvid: boolean
  /** Whether frames go out without a tag. */
  readonly untagged: boolean
  /** Whether it is the bridge's own, and not a port's. */
  readonly self: boolean
  /** The tunnel that carries it: the VNI of a vxlan. */
  readonly tunnelId?: number
}

interface Bounds {
  from: number
  to: number
}

type Spec = NonNullable<BridgeLinkRequest['afSpec']>
type DecodedSpec = NonNullable<BridgeLinkMessage['afSpec']>
type DecodedFlags = NonNullable<DecodedSpec['vlanInfo']>[number]['flags']

const boundKeys = { from: true, to: true } as const

/** Refuses what is no VLAN's number. */
export function checkVlan(name: string, id: unknown): number {
  return checkInteger(name, id, 1, 4094)
}

/** Checks VLANs given by their numbers or as ranges. */
export function boundsOf(ids: VlanRange | readonly VlanRange[]): Bounds[] {
  const list = (Array.isArray(ids) ? ids : [ids]) as readonly VlanRange[]
  if (list.length === 0) throw invalidArgument('id', ids, 'it must name a VLAN')
  return list.map(bounds)
}

function bounds(range: VlanRange): Bounds {
  if (typeof range === 'number') return { from: checkVlan('id', range), to: range }
  let given: { from: number; to: number }
  if (typeof range === 'string') {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(range)
    if (match === null) throw invalidArgument('id', range, "it must be a VLAN such as 10, or a range such as '10-20'")
    given = { from: Number(match[1]), to: Number(match[2] ?? match[1]) }
  } else given = checkKeys('id', range, boundKeys)
  const { from, to } = given
  checkVlan('id.from', from)
  if (checkVlan('id.to', to) < from) throw invalidArgument('id', range, 'it ends before it begins')
  return { from, to }
}

type Flags = ('pvid' | 'untagged' | 'rangeBegin' | 'rangeEnd')[]

/** What stands for ranges in a message: of one, the first and the last VLAN; of a single VLAN, itself. */
function ends<T>(ranges: readonly Bounds[], one: (vid: number, flags: Flags) => T): T[] {
  return ranges.flatMap(({ from, to }) =>
    from === to ? [one(from, [])] : [one(from, ['rangeBegin']), one(to, ['rangeEnd'])],
  )
}

/** Encodes VLANs. */
export function vlanInfo(ranges: readonly Bounds[], flags: Flags): NonNullable<Spec['vlanInfo']> {
  return ends(ranges, (vid, more) => ({ vid, flags: [...flags, ...more] }))
}

function checkTunnel(id: number): number {
  return checkInteger('tunnelId', id, 0, 0xffffff)
}

/** Encodes the tunnels of VLANs, the numbers of which rise with those of the VLANs. */
export function vlanTunnelInfo(ranges: readonly Bounds[], tunnelId: number): NonNullable<Spec['vlanTunnelInfo']> {
  const [first] = ranges as [Bounds]
  const offset = checkTunnel(tunnelId) - first.from
  return ends(ranges, (vid, flags) => ({ id: checkTunnel(offset + vid), vid, flags }))
}

/** Ranges as a message has them, one VLAN after the other. */
function* singles<T extends { vid?: number; flags?: DecodedFlags }>(list: readonly T[]): Generator<[number, T]> {
  let begin: number | undefined
  for (const each of list) {
    const { vid = 0, flags = [] } = each
    if (flags.includes('rangeBegin')) {
      begin = vid
      continue
    }
    for (let id = begin ?? vid; id <= vid; id++) yield [id, each]
    begin = undefined
  }
}

/** The VLANs that a link told, one by one. */
export function vlansOf({ index, master, afSpec = {} }: BridgeLinkMessage): Vlan[] {
  const { vlanInfo: infos = [], vlanTunnelInfo: tunnelInfos = [] } = afSpec
  const tunnels = new Map<number, number>()
  for (const [id, { id: last = 0, vid: lastVlan = 0 }] of singles(tunnelInfos)) tunnels.set(id, last - lastVlan + id)
  const self = master === undefined || master === index
  return Array.from(singles(infos), ([id, { flags }]) => {
    const tunnelId = tunnels.get(id)
    const [pvid, untagged] = [flags.includes('pvid'), flags.includes('untagged')]
    return { link: index, id, pvid, untagged, self, ...(tunnelId !== undefined && { tunnelId }) }
  })
}
