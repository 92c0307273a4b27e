import {
  attr,
  be16,
  be32,
  bytes,
  counter64,
  enumOf,
  field,
  flagsOf,
  type Infer,
  type InferInput,
  ip,
  message,
  names,
  padding,
  records,
  s32,
  struct,
  u8,
  u16,
  u32,
} from '../codec/index.js'
import { family, ipProtocol, routeProtocol, routeType, scope } from './common.js'
import { metrics } from './metrics.js'
import { via } from './via.js'

/** Routing tables that have names in the kernel; the others are numbers. */
export const routeTable = names('RT_TABLE', { unspec: 0, compat: 252, default: 253, main: 254, local: 255 })

/** State and options of a next hop. */
export const nexthopFlags = names('RTNH_F', {
  dead: 0x01,
  pervasive: 0x02,
  onlink: 0x04,
  offload: 0x08,
  linkdown: 0x10,
  unresolved: 0x20,
  trap: 0x40,
})

/** State of a route, options of a lookup, and the flags of the only next hop of a route that has one. */
export const routeFlags = names(
  'RTM_F',
  {
    dead: 0x01,
    pervasive: 0x02,
    onlink: 0x04,
    hopOffload: 0x08,
    linkdown: 0x10,
    unresolved: 0x20,
    hopTrap: 0x40,
    notify: 0x100,
    cloned: 0x200,
    equalize: 0x400,
    prefix: 0x800,
    lookupTable: 0x1000,
    fibMatch: 0x2000,
    offload: 0x4000,
    trap: 0x8000,
    offloadFailed: 0x2000_0000,
  },
  {
    constants: {
      dead: 'RTNH_F_DEAD',
      pervasive: 'RTNH_F_PERVASIVE',
      onlink: 'RTNH_F_ONLINK',
      hopOffload: 'RTNH_F_OFFLOAD',
      linkdown: 'RTNH_F_LINKDOWN',
      unresolved: 'RTNH_F_UNRESOLVED',
      hopTrap: 'RTNH_F_TRAP',
    },
  },
)

/** Preference of an IPv6 router, RFC 4191. */
export const routerPreference = names('ICMPV6_ROUTER_PREF', { medium: 0, high: 1, invalid: 2, low: 3 })

/** What a route wraps packets in. */
export const encapType = names(
  'LWTUNNEL_ENCAP',
  { none: 0, mpls: 1, ip: 2, ila: 3, ip6: 4, seg6: 5, bpf: 6, seg6Local: 7, rpl: 8, ioam6: 9, xfrm: 10 },
  { since: { ioam6: '5.15', xfrm: '6.1' } },
)

const rtmsg = struct('rtmsg', 12, {
  family: field('rtm_family', 0, enumOf(u8, family)),
  dstLen: field('rtm_dst_len', 1, u8),
  srcLen: field('rtm_src_len', 2, u8),
  tos: field('rtm_tos', 3, u8),
  /** Tables up to 255; the kernel reads `table` instead where it is given, and answers with both. */
  shortTable: field('rtm_table', 4, enumOf(u8, routeTable)),
  protocol: field('rtm_protocol', 5, enumOf(u8, routeProtocol)),
  scope: field('rtm_scope', 6, enumOf(u8, scope)),
  type: field('rtm_type', 7, enumOf(u8, routeType)),
  flags: field('rtm_flags', 8, flagsOf(u32, routeFlags)),
})

/** Times in hundredths of seconds. */
const cacheinfo = struct('rta_cacheinfo', 32, {
  clntref: field('rta_clntref', 0, u32),
  lastuse: field('rta_lastuse', 4, u32),
  expires: field('rta_expires', 8, s32),
  error: field('rta_error', 12, u32),
  used: field('rta_used', 16, u32),
  id: field('rta_id', 20, u32),
  ts: field('rta_ts', 24, u32),
  tsage: field('rta_tsage', 28, u32),
})

const mfcStats = struct('rta_mfc_stats', 24, {
  packets: field('mfcs_packets', 0, counter64),
  bytes: field('mfcs_bytes', 8, counter64),
  wrongIf: field('mfcs_wrong_if', 16, counter64),
})

/** The hops of a multipath route. */
const multipath = records({
  length: field('rtnh_len', 0, u16),
  header: struct('rtnexthop', 8, {
    flags: field('rtnh_flags', 2, flagsOf(u8, nexthopFlags)),
    /** The hop's weight less one. */
    hops: field('rtnh_hops', 3, u8),
    /** The link's index. */
    ifindex: field('rtnh_ifindex', 4, s32),
  }),
  attributes: {
    gateway: attr('RTA_GATEWAY', 5, ip),
    flow: attr('RTA_FLOW', 11, u32),
    via: attr('RTA_VIA', 18, via),
    newDst: attr('RTA_NEWDST', 19, bytes),
    encapType: attr('RTA_ENCAP_TYPE', 21, enumOf(u16, encapType)),
    encap: attr('RTA_ENCAP', 22, bytes),
  },
})

/** RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE: a route. */
export const routeMessage = message({
  header: rtmsg,
  attributes: {
    dst: attr('RTA_DST', 1, ip),
    src: attr('RTA_SRC', 2, ip),
    iif: attr('RTA_IIF', 3, u32),
    oif: attr('RTA_OIF', 4, u32),
    gateway: attr('RTA_GATEWAY', 5, ip),
    priority: attr('RTA_PRIORITY', 6, u32),
    prefsrc: attr('RTA_PREFSRC', 7, ip),
    metrics: attr('RTA_METRICS', 8, metrics),
    multipath: attr('RTA_MULTIPATH', 9, multipath),
    flow: attr('RTA_FLOW', 11, u32),
    cacheinfo: attr('RTA_CACHEINFO', 12, cacheinfo),
    table: attr('RTA_TABLE', 15, enumOf(u32, routeTable)),
    mark: attr('RTA_MARK', 16, u32),
    mfcStats: attr('RTA_MFC_STATS', 17, mfcStats),
    via: attr('RTA_VIA', 18, via),
    /** An MPLS label stack. */
    newDst: attr('RTA_NEWDST', 19, bytes),
    pref: attr('RTA_PREF', 20, enumOf(u8, routerPreference)),
    encapType: attr('RTA_ENCAP_TYPE', 21, enumOf(u16, encapType)),
    /** Attributes whose form depends on `encapType`. */
    encap: attr('RTA_ENCAP', 22, bytes),
    expires: attr('RTA_EXPIRES', 23, u32),
    pad: attr('RTA_PAD', 24, padding),
    uid: attr('RTA_UID', 25, u32),
    ttlPropagate: attr('RTA_TTL_PROPAGATE', 26, u8),
    ipProto: attr('RTA_IP_PROTO', 27, enumOf(u8, ipProtocol)),
    sport: attr('RTA_SPORT', 28, be16),
    dport: attr('RTA_DPORT', 29, be16),
    nhId: attr('RTA_NH_ID', 30, u32),
    flowlabel: attr('RTA_FLOWLABEL', 31, be32, { since: '6.14' }),
  },
})

export type RouteMessage = Infer<typeof routeMessage>
export type RouteRequest = InferInput<typeof routeMessage>
