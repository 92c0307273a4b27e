import { checkFamily, type Family, familyOf } from '../addresses/family.js'
import { checkBoolean, checkInteger, checkKeys, checkObject, invalidArgument } from '../errors/argument.js'
import { checkLinkName } from '../links/name.js'
import type { LinkLike } from '../links/reference.js'
import { type Cidr, parseCidr } from '../netlink/codec/index.js'
import { type RuleMessage, type RuleRequest, ruleMessage } from '../netlink/messages/rule.js'
import type { Reply } from '../netlink/request.js'
import type { IpProtocol } from '../routes/query.js'
import { checkTable, type RouteProtocol, type RouteTable } from '../routes/route.js'

/** What a rule does with the packets it selects: `'lookup'` (in a table), `'goto'`, `'nop'`, `'blackhole'`, … */
export type RuleAction = RuleMessage['action']

/** Ports or user ids from one to another, both included. */
export interface RuleRange {
  readonly start: number
  readonly end: number
}

/** A rule to add; to delete, as much of it as tells it from others. */
export interface RuleOptions {
  /** The source: a network or an address. */
  from?: string
  /** The destination: a network or an address. */
  to?: string
  /** The name of the link the packet came in by; `'lo'` for packets of this host. It need not exist yet. */
  iif?: string | LinkLike
  /** The name of the link that the packet's socket is bound to. */
  oif?: string | LinkLike
  /** The packet's mark, 0 to 4,294,967,295. */
  fwmark?: number
  /** The bits of the mark that are compared; all by default. */
  fwmask?: number
  /** The type of service or traffic class, 0 to 255, as the byte in the packet's header. */
  tos?: number
  /** The differentiated services code point, 0 to 63; Linux 6.12. */
  dscp?: number
  /** `'tcp'`, `'udp'`, `'icmp'`, … or a number, 1 to 255. */
  ipProto?: IpProtocol
  /** A source port, or ports; 1 to 65,535. */
  sport?: number | RuleRange
  /** A destination port, or ports; 1 to 65,535. */
  dport?: number | RuleRange
  /** The user, or users, whose socket sends; 0 to 4,294,967,294. */
  uidRange?: number | RuleRange
  /** The key of the tunnel that the packet came through. */
  tunnelId?: bigint
  /** The table of the l3mdev (VRF) device that the packet belongs to. */
  l3mdev?: boolean
  /** Whether it selects the packets that the above does not describe. */
  invert?: boolean
  /** Where it stands: rules are tried from 0 to 4,294,967,295. By default one before the first of them but that of 0. */
  priority?: number
  /** `'lookup'` by default, `'goto'` with a target. */
  action?: RuleAction
  /** The table to look in. `'main'` by default. */
  table?: RouteTable
  /** The priority of a later rule to go on with. */
  goto?: number
  /** IPv4 only: the realms that it accounts for, each 0 to 65,535. */
  realms?: { readonly from: number; readonly to: number }
  /** Routes with a prefix of this length or a shorter one do not count; 0 to 128. 0 ignores the default route. */
  suppressPrefixLength?: number
  /** Routes over links of this group do not count. */
  suppressGroup?: number
  /** Who made it; `'unspec'` by default, as `ip rule` has it. */
  protocol?: RouteProtocol
  /** The family where no address tells it; `'inet'` by default. */
  family?: Family
}

/** A rule. */
export interface Rule extends Readonly<RuleOptions> {
  readonly family: Family
  readonly priority: number
  readonly action: RuleAction
  readonly invert: boolean
  readonly protocol: RouteProtocol
  readonly iif?: string
  readonly oif?: string
  readonly sport?: RuleRange
  readonly dport?: RuleRange
  readonly uidRange?: RuleRange
  /** `'iifDetached'`: there is no such link now; `'unresolved'`: there is no rule to go to; … */
  readonly flags: RuleMessage['flags']
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: RuleMessage
}

// What a list gives can be given back: it has these, too.
const optionKeys: Readonly<Record<keyof RuleOptions | keyof Rule, true>> = {
  from: true,
  to: true,
  iif: true,
  oif: true,
  fwmark: true,
  fwmask: true,
  tos: true,
  dscp: true,
  ipProto: true,
  sport: true,
  dport: true,
  uidRange: true,
  tunnelId: true,
  l3mdev: true,
  invert: true,
  priority: true,
  action: true,
  table: true,
  goto: true,
  realms: true,
  suppressPrefixLength: true,
  suppressGroup: true,
  protocol: true,
  family: true,
  flags: true,
  message: true,
}

const u32Max = 0xffffffff
const longest = { inet: 32, inet6: 128 }

/** Reads a rule out of an answer; undefined for one of neither IPv4 nor IPv6 (multicast routing has rules, too). */
export function ruleOf({ bytes, start, end }: Reply): Rule | undefined {
  const message = ruleMessage.decode(bytes, start, end)
  const { family, src, srcLen, dst, dstLen, iifname, oifname, fwmark, fwmask = u32Max, tos, dscp, ipProto } = message
  if (family !== 'inet' && family !== 'inet6') return undefined
  const { sportRange, dportRange, uidRange, tunId, l3mdev, suppressPrefixlen, suppressIfgroup, action, flow } = message
  const network = (address: string, bits: number) => (bits === longest[family] ? address : `${address}/${bits}`)
  return {
    family,
    priority: message.priority ?? 0,
    action,
    ...(src !== undefined && { from: network(src, srcLen) }),
    ...(dst !== undefined && { to: network(dst, dstLen) }),
    ...(iifname !== undefined && { iif: iifname }),
    ...(oifname !== undefined && { oif: oifname }),
    ...(fwmark !== undefined && { fwmark }),
    ...(fwmark !== undefined && fwmask !== u32Max && { fwmask }),
    ...(tos !== 0 && { tos }),
    ...(dscp !== undefined && { dscp }),
    ...(ipProto !== undefined && { ipProto }),
    ...(sportRange !== undefined && { sport: sportRange }),
    ...(dportRange !== undefined && { dport: dportRange }),
    ...(uidRange !== undefined && { uidRange }),
    ...(tunId !== undefined && { tunnelId: tunId }),
    ...(l3mdev !== undefined && l3mdev !== 0 && { l3mdev: true }),
    ...(action === 'lookup' && l3mdev === undefined && { table: (message.table ?? message.shortTable) as RouteTable }),
    ...(message.goto !== undefined && { goto: message.goto }),
    ...(flow !== undefined && { realms: { from: flow >>> 16, to: flow & 0xffff } }),
    ...(suppressPrefixlen !== undefined && suppressPrefixlen >= 0 && { suppressPrefixLength: suppressPrefixlen }),
    ...(suppressIfgroup !== undefined && { suppressGroup: suppressIfgroup }),
    invert: message.flags.includes('invert'),
    protocol: message.protocol ?? 'unspec',
    flags: message.flags,
    message,
  }
}

function optional(name: string, value: number | undefined, most: number, least = 0): number | undefined {
  return value === undefined ? undefined : checkInteger(name, value, least, most)
}

function range(name: string, value: number | RuleRange | undefined, least: number, most: number) {
  if (value === undefined) return undefined
  const { start, end } = typeof value === 'number' ? { start: value, end: value } : checkObject(name, value)
  checkInteger(`${name}.start`, start, least, most)
  return { start, end: checkInteger(`${name}.end`, end, start, most) }
}

function flowOf(realms: RuleOptions['realms'], family: Family): number | undefined {
  if (realms === undefined) return undefined
  if (family === 'inet6') throw invalidArgument('realms', realms, 'an IPv6 rule has none')
  const { from, to } = checkObject('realms', realms)
  return checkInteger('realms.from', from, 0, 0xffff) * 0x1_0000 + checkInteger('realms.to', to, 0, 0xffff)
}

function linkName(name: string, link: string | LinkLike | undefined): string | undefined {
  return link === undefined ? undefined : checkLinkName(typeof link === 'object' ? link?.name : link, name)
}

function networkOf(name: string, text: string | undefined, family: Family | undefined): Cidr | undefined {
  if (text === undefined) return undefined
  const cidr = parseCidr(text)
  if (family !== undefined && familyOf(cidr) !== family) throw invalidArgument(name, text, 'it is of another family')
  return cidr
}

/** The payload of a request about a rule; refuses bad options. What is not given is not in it. */
export function ruleValue(options: RuleOptions): RuleRequest {
  const {
    invert = false,
    l3mdev = false,
    table,
    tunnelId,
    ipProto,
    action,
    protocol,
  } = checkKeys('rule', options, optionKeys)
  checkBoolean('invert', invert)
  checkBoolean('l3mdev', l3mdev)
  if (tunnelId !== undefined && typeof tunnelId !== 'bigint')
    throw invalidArgument('tunnelId', tunnelId, 'it must be a bigint')
  const src = networkOf('from', options.from, options.family)
  const dst = networkOf('to', options.to, options.family ?? (src && familyOf(src)))
  const told = src ?? dst
  const { fwmark, fwmask } = options
  if (fwmask !== undefined && fwmark === undefined) throw invalidArgument('fwmask', fwmask, "it needs a 'fwmark'")
  const family = options.family ?? (told === undefined ? 'inet' : familyOf(told))
  const goto = optional('goto', options.goto, u32Max, 1)
  return {
    family: checkFamily(family),
    srcLen: src?.prefixLength,
    src: src?.address,
    dstLen: dst?.prefixLength,
    dst: dst?.address,
    tos: optional('tos', options.tos, 255),
    action: action ?? (goto === undefined ? undefined : 'goto'),
    flags: invert ? ['invert'] : undefined,
    iifname: linkName('iif', options.iif),
    oifname: linkName('oif', options.oif),
    fwmark: optional('fwmark', fwmark, u32Max),
    fwmask: optional('fwmask', fwmask, u32Max),
    dscp: optional('dscp', options.dscp, 63),
    ipProto,
    sportRange: range('sport', options.sport, 1, 65_535),
    dportRange: range('dport', options.dport, 1, 65_535),
    uidRange: range('uidRange', options.uidRange, 0, u32Max - 1),
    tunId: tunnelId,
    l3mdev: l3mdev ? 1 : undefined,
    priority: optional('priority', options.priority, u32Max),
    goto,
    flow: flowOf(options.realms, family),
    table: table === undefined ? undefined : checkTable(table),
    suppressPrefixlen: optional('suppressPrefixLength', options.suppressPrefixLength, 128),
    suppressIfgroup: optional('suppressGroup', options.suppressGroup, 0x7fffffff),
    protocol,
  }
}
