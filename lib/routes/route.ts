import { type Family, familyOf } from '../addresses/family.js'
import { fromKernelScope, type Scope, toKernelScope } from '../addresses/scope.js'
import { checkBoolean, checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import { parseAddress, parseCidr } from '../netlink/codec/index.js'
import { type RouteMessage, type RouteRequest, routeMessage } from '../netlink/messages/route.js'
import type { Reply } from '../netlink/request.js'
import { hopGateway, hopsOf, hopValues, type RouteHop, type RouteHopOptions } from './hop.js'
import { metricKeys, metricsOf, metricsValue, type RouteMetrics, WithMetrics } from './metrics.js'

/** What a route does with packets: `'unicast'`, `'blackhole'`, `'unreachable'`, `'prohibit'`, `'throw'`, `'local'`, … */
export type RouteType = RouteMessage['type']

/** A routing table: `'main'`, `'local'`, `'default'`, or a number from 1 to 4,294,967,295. */
export type RouteTable = 'main' | 'local' | 'default' | number

/** Who made a route: `'kernel'`, `'boot'` (by hand), `'static'`, `'dhcp'`, `'ra'`, … */
export type RouteProtocol = RouteMessage['protocol']

/** How much a router of IPv6 is preferred to others, RFC 4191. */
export type RouterPreference = NonNullable<RouteMessage['pref']>

/** A route to add, or to delete. */
export interface RouteOptions extends RouteMetrics {
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
  /** Several ways to spread flows over, in the place of `via` and `link`. */
  hops?: readonly RouteHopOptions[]
  /** The number of a next hop object (`ns.nexthops`), in the place of `via` and `link`; 1 to 4,294,967,295. */
  nexthop?: number
  /** IPv4 only: the type of service it is for, 0 to 255, as the byte in the packet's header; by default for all. */
  tos?: number
  /** IPv6 only; `'medium'` by default. */
  pref?: RouterPreference
  /** IPv6 only: seconds after which it goes away, 1 to 2,147,483,647; never by default. */
  expires?: number
  /** The gateway is on the link although no address of the link says so. */
  onlink?: boolean
  /** The family of `'default'` where no gateway or source tells it; `'inet'` by default. */
  family?: Family
}

// A route of the list can be given back as it is: it has its flags as well.
const optionKeys: Record<keyof RouteOptions | 'flags', true> = {
  ...metricKeys,
  to: true,
  via: true,
  link: true,
  table: true,
  metric: true,
  source: true,
  scope: true,
  type: true,
  protocol: true,
  hops: true,
  nexthop: true,
  tos: true,
  pref: true,
  expires: true,
  onlink: true,
  family: true,
  flags: true,
}

const u32Max = 0xffffffff

const read = {
  family: routeMessage.reader('family'),
  dstLen: routeMessage.reader('dstLen'),
  tos: routeMessage.reader('tos'),
  shortTable: routeMessage.reader('shortTable'),
  protocol: routeMessage.reader('protocol'),
  scope: routeMessage.reader('scope'),
  type: routeMessage.reader('type'),
  flags: routeMessage.reader('flags'),
}

const pick = routeMessage.picker([
  'dst',
  'gateway',
  'oif',
  'table',
  'priority',
  'prefsrc',
  'via',
  'metrics',
  'multipath',
  'nhId',
  'pref',
  'cacheinfo',
])

/**
 * A route as it was when it was read: a value, whose own properties are what the kernel said, and which can be compared, copied,
 * changed by way of `{ ...route }`, written as JSON, and given to {@link Routes.add} and {@link Routes.delete}.
 *
 * @example
 * const [route] = await ns.routes.list({ to: 'default' })
 * await ns.routes.replace({ ...route, metric: 50 })
 */
export class Route extends WithMetrics {
  /** Its destination: `'default'`, `'10.1.0.0/16'`, or a single address without a prefix length. */
  declare readonly to: string
  declare readonly family: Family
  /** The gateway. */
  declare readonly via?: string
  /** The index of the link it leads over. */
  declare readonly link?: number
  declare readonly table: RouteTable
  /** Of two routes to one destination the one with the smaller metric counts; 0 is the best. */
  declare readonly metric: number
  /** The address that packets of this host get as their source. */
  declare readonly source?: string
  declare readonly scope: Scope
  declare readonly type: RouteType
  declare readonly protocol: RouteProtocol
  /** `'onlink'`, `'linkdown'`, … */
  declare readonly flags: RouteMessage['flags']
  /** The ways it spreads flows over, where it has several. */
  declare readonly hops?: readonly RouteHop[]
  /** The number of the next hop object that it uses; the kernel tells that one's gateway, link or hops as well. */
  declare readonly nexthop?: number
  /** Of IPv4: the type of service it is for, where it is for one only. */
  declare readonly tos?: number
  /** Of IPv6. */
  declare readonly pref?: RouterPreference
  /** Of IPv6: seconds after which it goes away. */
  declare readonly expires?: number
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number

  // What is always there comes in one order, and what few routes have comes last: V8 then has few layouts of them to know.
  /** @internal */
  constructor({ bytes, start, end }: Reply) {
    super()
    const [dst, gateway, oif, table, priority, prefsrc, foreign, metrics, multipath, nhId, pref, cacheinfo] = pick(
      bytes,
      start,
      end,
    )
    const family = read.family(bytes, start, end) === 'inet' ? 'inet' : 'inet6'
    const via = gateway ?? foreign?.address
    const tos = read.tos(bytes, start, end)
    this.to = destinationOf(family, dst, read.dstLen(bytes, start, end))
    this.family = family
    if (via !== undefined) this.via = via
    if (oif !== undefined) this.link = oif
    this.table = (table ?? read.shortTable(bytes, start, end)) as RouteTable
    this.metric = priority ?? 0
    if (prefsrc !== undefined) this.source = prefsrc
    this.scope = fromKernelScope(read.scope(bytes, start, end))
    this.type = read.type(bytes, start, end)
    this.protocol = read.protocol(bytes, start, end)
    this.flags = read.flags(bytes, start, end)
    if (metrics !== undefined) Object.assign(this, metricsOf(metrics))
    if (multipath !== undefined) this.hops = hopsOf(multipath)
    if (nhId !== undefined) this.nexthop = nhId
    if (tos !== 0) this.tos = tos
    if (pref !== undefined) this.pref = pref
    // The kernel has hundredths.
    const expires = cacheinfo?.expires ?? 0
    if (expires > 0) this.expires = Math.ceil(expires / 100)
    this.#bytes = bytes
    this.#start = start
    this.#end = end
  }

  /** Everything the kernel said about it, by the kernel's own names; read anew each time, and not copied with the rest. */
  get message(): RouteMessage {
    return routeMessage.decode(this.#bytes, this.#start, this.#end)
  }
}

/** Reads a route out of an answer. */
export function routeOf(reply: Reply): Route {
  return new Route(reply)
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
function parseDestination(to: string, hint: Family): { family: Family; dst: string | undefined; dstLen: number } {
  if (to === 'default') return { family: hint, dst: undefined, dstLen: 0 }
  const cidr = parseCidr(to)
  return { family: familyOf(cidr), dst: cidr.prefixLength === 0 ? undefined : cidr.address, dstLen: cidr.prefixLength }
}

/** A destination in the words of {@link Route.to}; `family` is that of `'default'`. */
export function destinationAs(to: string, family: Family): string {
  const { family: of, dst, dstLen } = parseDestination(to, family)
  return destinationOf(of, dst, dstLen)
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

/** The payload of a request about a route, but for the indexes of links; refuses bad options. */
export function routeValue(options: RouteOptions): RouteRequest {
  if (typeof options !== 'object' || options === null)
    throw invalidArgument('route', options, "it must be an object with 'to'")
  checkKeys('route', options, optionKeys)
  const { to, via, source, table = 'main', metric, type = 'unicast', protocol = 'boot', onlink = false } = options
  const { hops, nexthop, tos, pref, expires } = options
  checkBoolean('onlink', onlink)
  if (hops !== undefined || nexthop !== undefined) checkAlone(options)
  const gateway = via === undefined ? undefined : parseAddress(via)
  const prefsrc = source === undefined ? undefined : parseAddress(source)
  const hopsLead = hops === undefined ? undefined : hopGateway(hops)
  const told = prefsrc ?? gateway ?? hopsLead
  const { family, dst, dstLen } = parseDestination(to, options.family ?? (told === undefined ? 'inet' : familyOf(told)))
  if (prefsrc !== undefined && familyOf(prefsrc) !== family)
    throw invalidArgument('source', source, 'it is of another family than the destination')
  // A gateway of the other family: IPv4 over IPv6 neighbours, RFC 5549.
  const foreign = gateway !== undefined && familyOf(gateway) !== family
  const leadsOn = gateway !== undefined || hopsLead !== undefined || nexthop !== undefined
  const scope = options.scope ?? defaultScope(type, leadsOn)
  const value: RouteRequest = {
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
    oif: undefined,
    priority: metric === undefined ? undefined : checkInteger('metric', metric, 0, u32Max),
    prefsrc: prefsrc?.address,
    metrics: metricsValue(options),
  }
  if ((hops ?? nexthop ?? tos ?? pref ?? expires) !== undefined) addRare(value, options, family)
  return value
}

// By itself, so that the many routes without any of it stay small.
function addRare(value: RouteRequest, { hops, nexthop, tos, pref, expires }: RouteOptions, family: Family): void {
  if (family === 'inet') {
    for (const [name, given] of Object.entries({ pref, expires }))
      if (given !== undefined) throw invalidArgument(name, given, 'an IPv4 route has none')
  } else if (tos !== undefined) throw invalidArgument('tos', tos, 'an IPv6 route has none')
  if (hops !== undefined) value.multipath = hopValues(hops, family)
  if (nexthop !== undefined) value.nhId = checkInteger('nexthop', nexthop, 1, u32Max)
  if (tos !== undefined) value.tos = checkInteger('tos', tos, 0, 255)
  if (expires !== undefined) value.expires = checkInteger('expires', expires, 1, 0x7fffffff)
  value.pref = pref
}

// One way to say where it leads is enough.
function checkAlone({ via, link, hops, nexthop, onlink }: RouteOptions): void {
  const name = hops === undefined ? 'nexthop' : 'hops'
  const other = Object.entries({ via, link, onlink, ...(hops !== undefined && { nexthop }) }).find(
    ([, value]) => value !== undefined && value !== false,
  )
  if (other !== undefined) throw invalidArgument(other[0], other[1], `it cannot stand beside '${name}'`)
}
