import {
  attr,
  be32,
  be64,
  enumOf,
  field,
  flagsOf,
  type Infer,
  type InferInput,
  ip,
  message,
  names,
  padding,
  s32,
  string,
  struct,
  u8,
  u16,
  u32,
} from '../codec/index.js'
import { family, ipProtocol, routeProtocol } from './common.js'
import { routeTable } from './route.js'

/** What a rule does with the packets it selects. */
export const ruleAction = names(
  'FR_ACT',
  { unspec: 0, lookup: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 },
  { constants: { lookup: 'FR_ACT_TO_TBL' } },
)

/** Options and state of a rule: its target is missing, or its links are. */
export const ruleFlags = names('FIB_RULE', {
  permanent: 0x01,
  invert: 0x02,
  unresolved: 0x04,
  iifDetached: 0x08,
  oifDetached: 0x10,
  findSaddr: 0x1_0000,
})

const fibRuleHdr = struct('fib_rule_hdr', 12, {
  family: field('family', 0, enumOf(u8, family)),
  dstLen: field('dst_len', 1, u8),
  srcLen: field('src_len', 2, u8),
  tos: field('tos', 3, u8),
  /** Tables up to 255; the kernel reads `table` instead where it is given, and answers with both. */
  shortTable: field('table', 4, enumOf(u8, routeTable)),
  action: field('action', 7, enumOf(u8, ruleAction)),
  flags: field('flags', 8, flagsOf(u32, ruleFlags)),
})

/** User ids, both ends included. */
const uidRange = struct('fib_rule_uid_range', 8, { start: field('start', 0, u32), end: field('end', 4, u32) })

/** Ports, both ends included; in the host's byte order, unlike those of a route. */
const portRange = struct('fib_rule_port_range', 4, { start: field('start', 0, u16), end: field('end', 2, u16) })

/** RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE: which routing table a packet is looked up in. */
export const ruleMessage = message({
  header: fibRuleHdr,
  attributes: {
    dst: attr('FRA_DST', 1, ip),
    src: attr('FRA_SRC', 2, ip),
    iifname: attr('FRA_IIFNAME', 3, string),
    goto: attr('FRA_GOTO', 4, u32),
    priority: attr('FRA_PRIORITY', 6, u32),
    fwmark: attr('FRA_FWMARK', 10, u32),
    /** Realms: that of the source in the upper half, that of the destination in the lower. */
    flow: attr('FRA_FLOW', 11, u32),
    tunId: attr('FRA_TUN_ID', 12, be64),
    suppressIfgroup: attr('FRA_SUPPRESS_IFGROUP', 13, u32),
    /** -1: none. */
    suppressPrefixlen: attr('FRA_SUPPRESS_PREFIXLEN', 14, s32),
    table: attr('FRA_TABLE', 15, enumOf(u32, routeTable)),
    fwmask: attr('FRA_FWMASK', 16, u32),
    oifname: attr('FRA_OIFNAME', 17, string),
    pad: attr('FRA_PAD', 18, padding),
    l3mdev: attr('FRA_L3MDEV', 19, u8),
    uidRange: attr('FRA_UID_RANGE', 20, uidRange),
    protocol: attr('FRA_PROTOCOL', 21, enumOf(u8, routeProtocol)),
    ipProto: attr('FRA_IP_PROTO', 22, enumOf(u8, ipProtocol)),
    sportRange: attr('FRA_SPORT_RANGE', 23, portRange),
    dportRange: attr('FRA_DPORT_RANGE', 24, portRange),
    dscp: attr('FRA_DSCP', 25, u8, { since: '6.12' }),
    flowlabel: attr('FRA_FLOWLABEL', 26, be32, { since: '6.14' }),
    flowlabelMask: attr('FRA_FLOWLABEL_MASK', 27, be32, { since: '6.14' }),
    sportMask: attr('FRA_SPORT_MASK', 28, u16, { since: '6.15' }),
    dportMask: attr('FRA_DPORT_MASK', 29, u16, { since: '6.15' }),
    dscpMask: attr('FRA_DSCP_MASK', 30, u8, { since: '6.15' }),
  },
})

export type RuleMessage = Infer<typeof ruleMessage>
export type RuleRequest = InferInput<typeof ruleMessage>
