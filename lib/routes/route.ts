import { type Family, familyOf } from '../addresses/family.js'
import { fromKernelScope, type Scope, toKernelScope } from '../addresses/scope.js'
import { checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import { parseAddress, parseCidr } from '../netlink/codec/index.js'
import { type RouteMessage, type RouteRequest, routeMessage } from '../netlink/messages/route.js'
import type { Reply } from '../netlink/request.js'

/** What a route does with packets: `'unicast'`, `'blackhole'`, `'unreachable'`, `'prohibit'`, `'throw'`, `'local'`, … */
export type RouteType = RouteMessage['type']

/** A routing table: `'main'`, `'local'`, `'default'`, or a number from 1 to 4,294,967,295. */
export type RouteTable = 'main' | 'local' | 'default' | number

/** Who made a route: `'kernel'`, `'boot'` (by hand), `'static'`, `'dhcp'`, `'ra'`, … */
export type RouteProtocol = RouteMessage['protocol']

/** A route. */
export interface Route {
  /** Its destination: `'default'`, `'10.1.0.0/16'`, or a single address without a prefix length. */
  readonly to: string
  readonly family: Family
  /** The gateway. */
  readonly via?: string
  /** The index of the link it leads over. */
  readonly link?: number
  readonly table: RouteTable
  /** Of two routes to one destination the one with the smaller metric counts; 0 is the best. */
  readonly metric: number
  /** The address that packets of this host get as their source. */
  readonly source?: string
  readonly scope: Scope
  readonly type: RouteType
  readonly protocol: RouteProtocol
  /** Bytes of the largest packet that is sent on it, where it says. */
  readonly mtu?: number
  /** `'onlink'`, `'linkdown'`, … */
  readonly flags: RouteMessage['flags']
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: RouteMessage
}

/** A route to add, or to delete. */
export interface RouteOptions {
  /** Its destination: `'default'`, or a network such as `'10.1.0.0/16'`, or one address. */
  to: string
  /** The gateway, of either family. */
  via?: string
  /** The link it leads over; needed for destinations on the link, and for link-local gateways. */
  link?: LinkReference
  /** `'main'` by default. */
  table?: RouteTable
  /** 0 to 4,294,967,295; by default 0 for IPv4, and 1024 for IPv6. */
  metric?: number
  /** The address that packets of this host get as their source. */
  source?: string
  /** By default `'link'` without a gateway, `'host'` for local routes, else `'global'`. IPv6 has no scopes. */
  scope?: Scope
  /** `'unicast'` by default. */
  type?: RouteType
  /** `'boot'` by default, as `ip route` has it. */
  protocol?: RouteProtocol
  /** Bytes of the largest packet that is sent on it, 68 to 65,535. */
  mtu?: number
  /** The gateway is on the link although no address of the link says so. */
  onlink?: boolean
  /** The family of `'default'` where no gateway or source tells it; `'inet'` by default. */
  family?: Family
}

// A route of the list can be given back as it is: it has two more.
const optionKeys: Record<keyof RouteOptions | keyof Route, true> = {
  to: true,
  via: true,
  link: true,
  table: true,
  metric: true,
  source: true,
  scope: true,
  type: true,
  protocol: true,
  mtu: true,
  onlink: true,
  family: true,
  flags: true,
  message: true,
}

const u32Max = 0xffffffff

/** Reads a route out of an answer. */
export function routeOf({ bytes, start, end }: Reply): Route {
  const message = routeMessage.decode(bytes, start, end)
  const { dst, dstLen, gateway, via, oif, table, shortTable, priority, prefsrc, metrics } = message
  const family = message.family === 'inet' ? 'inet' : 'inet6'
  const hop = gateway ?? via?.address
  return {
    to: destinationOf(family, dst, dstLen),
    family,
    ...(hop !== undefined && { via: hop }),
    ...(oif !== undefined && { link: oif }),
    table: (table ?? shortTable) as RouteTable,
    metric: priority ?? 0,
    ...(prefsrc !== undefined && { source: prefsrc }),
    scope: fromKernelScope(message.scope),
    type: message.type,
    protocol: message.protocol,
    ...(metrics?.mtu !== undefined && { mtu: metrics.mtu }),
    flags: message.flags,
    message,
  }
}

function destinationOf(family: Family, dst: string | undefined, dstLen: number): string {
  if (dstLen === (family === 'inet' ? 32 : 128)) return dst ?? ''
  if (dst === undefined) return dstLen === 0 ? 'default' : `${family === 'inet' ? '0.0.0.0' : '::'}/${dstLen}`
  return `${dst}/${dstLen}`
}

/** The number or name of a table, checked. */
export function checkTable(table: RouteTable): RouteTable {
  if (typeof table === 'number') return checkInteger('table', table, 1, u32Max)
  if (!['main', 'local', 'default'].includes(table)) {
    throw invalidArgument('table', table, "it must be 'main', 'local', 'default' or a number")
  }
  return table
}

/** Reads `'default'`, a network or an address. */
export function parseDestination(
  to: string,
  hint: Family,
): { family: Family; dst: string | undefined; dstLen: number } {
  if (to === 'default') return { family: hint, dst: undefined, dstLen: 0 }
  const cidr = parseCidr(to)
  return { family: familyOf(cidr), dst: cidr.prefixLength === 0 ? undefined : cidr.address, dstLen: cidr.prefixLength }
}

// Types whose packets go nowhere, and that need neither gateway nor link.
const localTypes: readonly RouteType[] = ['local', 'nat']
const linkTypes: readonly RouteType[] = ['broadcast', 'multicast', 'anycast']
const linkedTypes: readonly RouteType[] = ['unicast', 'unspec']

function defaultScope(type: RouteType, hasGateway: boolean): Scope {
  if (localTypes.includes(type)) return 'host'
  if (linkTypes.includes(type)) return 'link'
  return linkedTypes.includes(type) && !hasGateway ? 'link' : 'global'
}

/**
 * The payload of a request about a route; refuses bad options.
 *
 * @param oif the link's index, once resolved
 */
export function routeValue(options: RouteOptions, oif: number | undefined): RouteRequest {
  if (typeof options !== 'object' || options === null)
    throw invalidArgument('route', options, "it must be an object with 'to'")
  checkKeys('route', options, optionKeys)
  const { to, via, source, table = 'main', metric, type = 'unicast', protocol = 'boot', mtu, onlink = false } = options
  const gateway = via === undefined ? undefined : parseAddress(via)
  const prefsrc = source === undefined ? undefined : parseAddress(source)
  const told = prefsrc ?? gateway
  const { family, dst, dstLen } = parseDestination(to, options.family ?? (told === undefined ? 'inet' : familyOf(told)))
  if (prefsrc !== undefined && familyOf(prefsrc) !== family)
    throw invalidArgument('source', source, 'it is of another family than the destination')
  // A gateway of the other family: IPv4 over IPv6 neighbours, RFC 5549.
  const foreign = gateway !== undefined && familyOf(gateway) !== family
  const scope = options.scope ?? defaultScope(type, gateway !== undefined)
  return {
    family,
    dstLen,
    dst,
    table: checkTable(table),
    protocol,
    type,
    scope: family === 'inet' ? toKernelScope(scope) : 'universe',
    flags: onlink ? ['onlink'] : undefined,
    gateway: foreign ? undefined : gateway?.address,
    via: foreign ? { family: familyOf(gateway), address: gateway.address } : undefined,
    oif,
    priority: metric === undefined ? undefined : checkInteger('metric', metric, 0, u32Max),
    prefsrc: prefsrc?.address,
    metrics: mtu === undefined ? undefined : { mtu: checkInteger('mtu', mtu, 68, 65_535) },
  }
}
