import { type Family, familyOf } from '../addresses/family.js'
import { fromKernelScope, type Scope } from '../addresses/scope.js'
import { checkBoolean, checkInteger, checkKeys, checkObject, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import { parseAddress } from '../netlink/codec/index.js'
import { type NexthopMessage, type NexthopRequest, nexthopMessage } from '../netlink/messages/nexthop.js'
import type { Reply } from '../netlink/request.js'
import type { RouteProtocol } from '../routes/route.js'

/** A member of a group. */
export interface NexthopMember {
  /** The number of a next hop that is no group. */
  readonly id: number
  /** Its share is its weight by the sum of all: 1 to 256, from Linux 6.12 on 1 to 65,535. */
  readonly weight: number
}

/** How a resilient group keeps flows on their way when its members change. */
export interface ResilientOptions {
  /** How many buckets flows are put into, 1 to 65,535. */
  buckets: number
  /** Seconds without traffic after which a bucket may move to another member; 120 by default, in hundredths. */
  idleTimer?: number
  /** Seconds after which buckets move although they are busy; 0, for never, by default, in hundredths. */
  unbalancedTimer?: number
}

/** A next hop object: routes use it by its number. */
export interface Nexthop {
  readonly id: number
  /** Undefined for a group. */
  readonly family?: Family
  /** The gateway. */
  readonly via?: string
  /** The index of the link it leads over. */
  readonly link?: number
  /** Whether packets are dropped. */
  readonly blackhole: boolean
  /** Whether it is for the forwarding table of a vxlan. */
  readonly fdb: boolean
  /** The members of a group. */
  readonly group?: readonly NexthopMember[]
  /** Of a resilient group; `unbalancedTime` is for how many seconds it has been out of balance. */
  readonly resilient?: Required<ResilientOptions> & { readonly unbalancedTime: number }
  readonly scope: Scope
  readonly protocol: RouteProtocol
  /** `'onlink'`, `'linkdown'`, `'dead'`, … */
  readonly flags: NexthopMessage['flags']
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: NexthopMessage
}

/** A next hop to add: with `via`, `link` or both, or `blackhole`, or `group`. */
export interface NexthopOptions {
  /** 1 to 4,294,967,295; by default the kernel chooses. */
  id?: number
  /** The gateway. */
  via?: string
  /** The link it leads over. */
  link?: LinkReference
  /** The gateway is on the link although no address of the link says so. */
  onlink?: boolean
  /** Drops packets. */
  blackhole?: boolean
  /** For the forwarding table of a vxlan: a gateway without a link, or a group of such. */
  fdb?: boolean
  /** Its members: numbers, of weight 1, or with weights. */
  group?: readonly (number | { id: number; weight?: number })[]
  /** Makes the group a resilient one. */
  resilient?: ResilientOptions
  /** `'unspec'` by default. */
  protocol?: RouteProtocol
  /** The family where no gateway tells it; `'inet'` by default. */
  family?: Family
}

const optionKeys: Readonly<Record<keyof NexthopOptions, true>> = {
  id: true,
  via: true,
  link: true,
  onlink: true,
  blackhole: true,
  fdb: true,
  group: true,
  resilient: true,
  protocol: true,
  family: true,
}

const u32Max = 0xffffffff
const ticks = 100

/** Reads a next hop out of an answer. */
export function nexthopOf({ bytes, start, end }: Reply): Nexthop {
  const message = nexthopMessage.decode(bytes, start, end)
  const { id = 0, family, gateway, oif, group, groupType, resGroup } = message
  return {
    id,
    ...((family === 'inet' || family === 'inet6') && { family }),
    ...(gateway !== undefined && { via: gateway }),
    ...(oif !== undefined && { link: oif }),
    blackhole: message.blackhole === true,
    fdb: message.fdb === true,
    ...(group !== undefined && {
      group: group.map((member) => ({ id: member.id, weight: member.weight + ((member.weightHigh ?? 0) << 8) + 1 })),
    }),
    ...(groupType === 'res' && {
      resilient: {
        buckets: resGroup?.buckets ?? 0,
        idleTimer: (resGroup?.idleTimer ?? 0) / ticks,
        unbalancedTimer: (resGroup?.unbalancedTimer ?? 0) / ticks,
        unbalancedTime: (resGroup?.unbalancedTime ?? 0) / ticks,
      },
    }),
    scope: fromKernelScope(message.scope),
    protocol: message.protocol,
    flags: message.flags,
    message,
  }
}

/** Checks the number of a next hop. */
export function checkId(id: unknown): number {
  return checkInteger('id', id, 1, u32Max)
}

function timer(name: string, seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined
  if (typeof seconds !== 'number' || !Number.isFinite(seconds))
    throw invalidArgument(name, seconds, 'it must be a number of seconds')
  return checkInteger(name, Math.round(seconds * ticks), 0, u32Max)
}

function resilientValue(resilient: ResilientOptions): NonNullable<NexthopRequest['resGroup']> {
  const { buckets, idleTimer, unbalancedTimer } = checkObject('resilient', resilient)
  return {
    buckets: checkInteger('resilient.buckets', buckets, 1, 65_535),
    idleTimer: timer('resilient.idleTimer', idleTimer),
    unbalancedTimer: timer('resilient.unbalancedTimer', unbalancedTimer),
  }
}

function groupValue({ group, resilient, fdb, protocol, ...rest }: NexthopOptions): NexthopRequest {
  const { id: _, blackhole, ...others } = rest
  for (const [name, value] of Object.entries({ ...others, blackhole: blackhole === true ? true : undefined }))
    if (value !== undefined && value !== false) throw invalidArgument(name, value, 'a group has none')
  if (!Array.isArray(group) || group.length === 0)
    throw invalidArgument('group', group, 'it must be an array of numbers, or of { id, weight }')
  return {
    protocol,
    group: group.map((member: number | { id: number; weight?: number }, i) => {
      const { id, weight = 1 } = typeof member === 'number' ? { id: member } : checkObject(`group.${i}`, member)
      checkInteger(`group.${i}.id`, id, 1, u32Max)
      const less = checkInteger(`group.${i}.weight`, weight, 1, 65_535) - 1
      return { id, weight: less & 0xff, weightHigh: less >> 8 }
    }),
    ...(resilient !== undefined && { groupType: 'res' as const, resGroup: resilientValue(resilient) }),
    fdb,
  }
}

/** The payload of a request about a next hop, but for its number and link; refuses bad options. */
export function nexthopValue(options: NexthopOptions): NexthopRequest {
  const {
    via,
    link,
    onlink = false,
    blackhole = false,
    fdb = false,
    protocol,
  } = checkKeys('nexthop', options, optionKeys)
  for (const [name, value] of Object.entries({ onlink, blackhole, fdb })) checkBoolean(name, value)
  if (options.group !== undefined) return groupValue(options)
  if (options.resilient !== undefined)
    throw invalidArgument('resilient', options.resilient, 'only a group is resilient')
  if (!blackhole && via === undefined && link === undefined)
    throw invalidArgument('nexthop', options, "it must have 'via', 'link', 'blackhole' or 'group'")
  if (blackhole && (via !== undefined || link !== undefined))
    throw invalidArgument('blackhole', blackhole, "it cannot stand beside 'via' or 'link'")
  const gateway = via === undefined ? undefined : parseAddress(via)
  return {
    family: gateway === undefined ? (options.family ?? 'inet') : familyOf(gateway),
    protocol,
    flags: onlink ? ['onlink'] : undefined,
    gateway: gateway?.address,
    blackhole,
    fdb,
  }
}
