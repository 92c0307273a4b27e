import { checkBoolean, checkInteger, invalidArgument } from '../errors/argument.js'
import { metricAttributes } from '../netlink/messages/metrics.js'
import type { RouteMessage, RouteRequest } from '../netlink/messages/route.js'

type Wire = NonNullable<RouteMessage['metrics']>
type WireRequest = NonNullable<RouteRequest['metrics']>

/** What TCP and IP use for packets on a route, in the words of `ip route`. */
export interface RouteMetrics {
  /** Bytes of the largest packet that is sent on it, 68 to 65,535. */
  mtu?: number
  /** Bytes of the largest TCP segment that is asked for, 0 to 65,535. */
  advmss?: number
  /** Bytes of the largest window that is offered. */
  window?: number
  /** The round trip time to begin with, in milliseconds. */
  rtt?: number
  /** Its variance to begin with, in milliseconds. */
  rttvar?: number
  /** Where slow start ends. */
  ssthresh?: number
  /** The largest congestion window, in segments; it only counts when it is locked. */
  cwnd?: number
  /** The largest reordering to expect, in segments. */
  reordering?: number
  /** TTL or hop limit of packets, 0 to 255. */
  hoplimit?: number
  /** The congestion window to begin with, in segments. */
  initcwnd?: number
  /** The receive window to begin with, in segments. */
  initrwnd?: number
  /** The least retransmission timeout, in milliseconds. The kernel obeys it only when it is locked, so it is. */
  rtoMin?: number
  /** Whether acknowledgements are sent at once. */
  quickack?: boolean
  /** Whether TCP fast open works without a cookie. */
  fastopenNoCookie?: boolean
  /** `'ecn'`, … */
  features?: Wire['features']
  /** The congestion control of TCP, `'cubic'`. */
  congctl?: string
  /** Metrics that the kernel may not change by what it finds out (path MTU discovery, a socket's own congestion control). */
  lock?: readonly RouteMetric[]
}

/** The name of a metric that can be locked. */
export type RouteMetric = Exclude<keyof RouteMetrics, 'lock'>

const u32Max = 0xffffffff

type AttributeName = Exclude<keyof typeof metricAttributes, 'lock'>

/** How a metric goes to the kernel, and comes back. */
interface Form {
  attribute: AttributeName
  /** Refuses what it cannot be. */
  write(name: string, given: unknown): unknown
  read(value: unknown): unknown
}

function number(attribute: AttributeName, least = 0, most = u32Max, scale = 1): Form {
  return {
    attribute,
    write: (name, given) => checkInteger(name, given, least, Math.floor(most / scale)) * scale,
    read: (value) => (value as number) / scale,
  }
}

function boolean(attribute: AttributeName): Form {
  return {
    attribute,
    write: (name, given) => {
      checkBoolean(name, given)
      return given ? 1 : 0
    },
    read: (value) => value !== 0,
  }
}

const asIs = (value: unknown) => value

const forms: { readonly [K in RouteMetric]: Form } = {
  mtu: number('mtu', 68, 65_535),
  advmss: number('advmss', 0, 65_535),
  window: number('window'),
  // TCP keeps both as fixed point numbers.
  rtt: number('rtt', 0, u32Max, 8),
  rttvar: number('rttvar', 0, u32Max, 4),
  ssthresh: number('ssthresh'),
  cwnd: number('cwnd'),
  reordering: number('reordering'),
  hoplimit: number('hoplimit', 0, 255),
  initcwnd: number('initcwnd'),
  initrwnd: number('initrwnd'),
  rtoMin: number('rtoMin'),
  quickack: boolean('quickack'),
  fastopenNoCookie: boolean('fastopenNoCookie'),
  // Checked by its format.
  features: { attribute: 'features', write: (_, given) => given, read: asIs },
  congctl: {
    attribute: 'ccAlgo',
    write: (name, given) => {
      if (typeof given === 'string' && given !== '') return given
      throw invalidArgument(name, given, "it must be a name such as 'cubic'")
    },
    read: asIs,
  },
}

/** The names of all options here, for those who refuse any other. */
export const metricKeys = Object.fromEntries([...Object.keys(forms), 'lock'].map((key) => [key, true])) as Record<
  keyof RouteMetrics,
  true
>
const formOf = new Map<string, Form>(Object.entries(forms))

// The bit that locks a metric is that of its attribute's number.
function lockBits(lock: unknown): number {
  if (!Array.isArray(lock)) throw invalidArgument('lock', lock, 'it must be an array of names of metrics')
  let bits = 0
  for (const name of lock) {
    const form = formOf.get(name)
    if (form === undefined) throw invalidArgument('lock', name, `it must be made of ${[...formOf.keys()].join(', ')}`)
    bits |= 1 << metricAttributes[form.attribute].type
  }
  return bits
}

/** Checks the metrics among the options of a route; undefined when there are none. */
export function metricsValue(options: RouteMetrics): WireRequest | undefined {
  let value: Record<string, unknown> | undefined
  let lock = 0
  // The few options that there are, and not the many that there could be: routes come by the hundred thousand.
  for (const name in options) {
    const given: unknown = options[name as keyof RouteMetrics]
    if (given === undefined) continue
    if (name === 'lock') lock |= lockBits(given)
    const form = formOf.get(name)
    if (form === undefined) continue
    value ??= {}
    value[form.attribute] = form.write(name, given)
    if (name === 'rtoMin') lock |= lockBits([name])
  }
  return lock === 0 ? value : { ...value, lock }
}

/** The metrics of a route that the kernel told about. */
export function metricsOf(wire: Wire): RouteMetrics {
  const metrics: Record<string, unknown> = {}
  const { lock = 0 } = wire
  const locked: string[] = []
  for (const [name, { attribute, read }] of formOf) {
    const value = wire[attribute]
    if (value !== undefined) metrics[name] = read(value)
    if ((lock & (1 << metricAttributes[attribute].type)) !== 0) locked.push(name)
  }
  if (locked.length > 0) metrics.lock = locked
  return metrics
}

/** What has the metrics of a route among its own properties. */
export const WithMetrics = class {} as abstract new () => Readonly<RouteMetrics>
