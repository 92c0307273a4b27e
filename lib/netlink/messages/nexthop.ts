import {
  attr,
  bytes,
  counter64,
  enumOf,
  field,
  flag,
  flagsOf,
  type Infer,
  type InferInput,
  ip,
  message,
  names,
  nested,
  padding,
  repeated,
  struct,
  structs,
  u8,
  u16,
  u32,
  uint,
} from '../codec/index.js'
import { family, routeProtocol, scope } from './common.js'
import { encapType, nexthopFlags } from './route.js'

/** How a group spreads flows over its members. */
export const nexthopGroupType = names('NEXTHOP_GRP_TYPE', { mpath: 0, res: 1 }, { since: { res: '5.13' } })

/** What a dump shall tell beside the objects, or a group's members shall have. */
export const nexthopOpFlags = names(
  'NHA_OP_FLAG',
  { dumpStats: 0x01, dumpHwStats: 0x02 },
  { since: { dumpStats: '6.9', dumpHwStats: '6.9' } },
)

const nhmsg = struct('nhmsg', 8, {
  family: field('nh_family', 0, enumOf(u8, family)),
  /** Of answers only. */
  scope: field('nh_scope', 1, enumOf(u8, scope)),
  protocol: field('nh_protocol', 2, enumOf(u8, routeProtocol)),
  flags: field('nh_flags', 4, flagsOf(u32, nexthopFlags)),
})

/** A member of a group; its weight, less one, in two halves. */
const groupMember = struct('nexthop_grp', 8, {
  id: field('id', 0, u32),
  weight: field('weight', 4, u8),
  weightHigh: field('weight_high', 5, u8, { since: '6.12' }),
})

/** Times in hundredths of seconds. */
const resilientGroup = nested({
  pad: attr('NHA_RES_GROUP_PAD', 0, padding),
  buckets: attr('NHA_RES_GROUP_BUCKETS', 1, u16),
  idleTimer: attr('NHA_RES_GROUP_IDLE_TIMER', 2, u32),
  unbalancedTimer: attr('NHA_RES_GROUP_UNBALANCED_TIMER', 3, u32),
  unbalancedTime: attr('NHA_RES_GROUP_UNBALANCED_TIME', 4, counter64),
})

/** Times in hundredths of seconds. */
const resilientBucket = nested({
  pad: attr('NHA_RES_BUCKET_PAD', 0, padding),
  index: attr('NHA_RES_BUCKET_INDEX', 1, u16),
  idleTime: attr('NHA_RES_BUCKET_IDLE_TIME', 2, counter64),
  nhId: attr('NHA_RES_BUCKET_NH_ID', 3, u32),
})

const groupStats = nested({
  entries: attr(
    'NHA_GROUP_STATS_ENTRY',
    1,
    repeated(
      nested({
        id: attr('NHA_GROUP_STATS_ENTRY_ID', 1, u32, { since: '6.9' }),
        packets: attr('NHA_GROUP_STATS_ENTRY_PACKETS', 2, uint, { since: '6.9' }),
        packetsHw: attr('NHA_GROUP_STATS_ENTRY_PACKETS_HW', 3, uint, { since: '6.9' }),
      }),
    ),
    { since: '6.9' },
  ),
})

/** RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP: a next hop that routes share by its number, or a group of them. */
export const nexthopMessage = message({
  header: nhmsg,
  attributes: {
    /** 0: the kernel chooses. */
    id: attr('NHA_ID', 1, u32),
    group: attr('NHA_GROUP', 2, structs(groupMember)),
    groupType: attr('NHA_GROUP_TYPE', 3, enumOf(u16, nexthopGroupType)),
    blackhole: attr('NHA_BLACKHOLE', 4, flag),
    oif: attr('NHA_OIF', 5, u32),
    gateway: attr('NHA_GATEWAY', 6, ip),
    encapType: attr('NHA_ENCAP_TYPE', 7, enumOf(u16, encapType)),
    /** Attributes whose form depends on `encapType`. */
    encap: attr('NHA_ENCAP', 8, bytes),
    /** Of a dump: groups only. */
    groups: attr('NHA_GROUPS', 9, flag),
    /** Of a dump: those over ports of this link. */
    master: attr('NHA_MASTER', 10, u32),
    /** For entries of a vxlan's forwarding table. */
    fdb: attr('NHA_FDB', 11, flag),
    resGroup: attr('NHA_RES_GROUP', 12, resilientGroup, { since: '5.13' }),
    resBucket: attr('NHA_RES_BUCKET', 13, resilientBucket, { since: '5.13' }),
    opFlags: attr('NHA_OP_FLAGS', 14, flagsOf(u32, nexthopOpFlags), { since: '6.9' }),
    groupStats: attr('NHA_GROUP_STATS', 15, groupStats, { since: '6.9' }),
    hwStatsEnable: attr('NHA_HW_STATS_ENABLE', 16, u32, { since: '6.9' }),
    hwStatsUsed: attr('NHA_HW_STATS_USED', 17, u32, { since: '6.9' }),
  },
})

export type NexthopMessage = Infer<typeof nexthopMessage>
export type NexthopRequest = InferInput<typeof nexthopMessage>
