import {
  attr,
  be16,
  counter64,
  enumOf,
  field,
  flag,
  flagsOf,
  ip,
  mac,
  names,
  nested,
  padding,
  struct,
  u8,
  u16,
  u32,
} from '../../codec/index.js'
import { bridgeId } from './bridge-id.js'

/** Options of a bridge that are only on or off, and newer than most. */
export const bridgeOptions = names(
  'BR_BOOLOPT',
  { noLlLearn: 1 << 0, mcastVlanSnooping: 1 << 1, mstEnable: 1 << 2 },
  {
    since: { mcastVlanSnooping: '5.15', mstEnable: '5.18' },
    constants: {
      noLlLearn: '1 << BR_BOOLOPT_NO_LL_LEARN',
      mcastVlanSnooping: '1 << BR_BOOLOPT_MCAST_VLAN_SNOOPING',
      mstEnable: '1 << BR_BOOLOPT_MST_ENABLE',
    },
  },
)

/** Who runs the spanning tree protocol: `auto` is a helper program in the first network namespace, the kernel elsewhere. */
export const bridgeStpMode = names(
  'BR_STP_MODE',
  { auto: 0, user: 1, kernel: 2 },
  { since: { auto: '7.1', user: '7.1', kernel: '7.1' } },
)

const boolopt = struct('br_boolopt_multi', 8, {
  optval: field('optval', 0, flagsOf(u32, bridgeOptions)),
  /** The options that `optval` is about. */
  optmask: field('optmask', 4, flagsOf(u32, bridgeOptions)),
})

const querierState = nested({
  ipAddress: attr('BRIDGE_QUERIER_IP_ADDRESS', 1, ip),
  ipPort: attr('BRIDGE_QUERIER_IP_PORT', 2, u32),
  ipOtherTimer: attr('BRIDGE_QUERIER_IP_OTHER_TIMER', 3, counter64),
  pad: attr('BRIDGE_QUERIER_PAD', 4, padding),
  ipv6Address: attr('BRIDGE_QUERIER_IPV6_ADDRESS', 5, ip),
  ipv6Port: attr('BRIDGE_QUERIER_IPV6_PORT', 6, u32),
  ipv6OtherTimer: attr('BRIDGE_QUERIER_IPV6_OTHER_TIMER', 7, counter64),
})

/** IFLA_INFO_DATA of a bridge. Times and timers in hundredths of seconds. */
export const bridge = nested({
  forwardDelay: attr('IFLA_BR_FORWARD_DELAY', 1, u32),
  helloTime: attr('IFLA_BR_HELLO_TIME', 2, u32),
  maxAge: attr('IFLA_BR_MAX_AGE', 3, u32),
  ageingTime: attr('IFLA_BR_AGEING_TIME', 4, u32),
  stpState: attr('IFLA_BR_STP_STATE', 5, u32),
  priority: attr('IFLA_BR_PRIORITY', 6, u16),
  vlanFiltering: attr('IFLA_BR_VLAN_FILTERING', 7, u8),
  vlanProtocol: attr('IFLA_BR_VLAN_PROTOCOL', 8, be16),
  groupFwdMask: attr('IFLA_BR_GROUP_FWD_MASK', 9, u16),
  rootId: attr('IFLA_BR_ROOT_ID', 10, bridgeId),
  bridgeId: attr('IFLA_BR_BRIDGE_ID', 11, bridgeId),
  rootPort: attr('IFLA_BR_ROOT_PORT', 12, u16),
  rootPathCost: attr('IFLA_BR_ROOT_PATH_COST', 13, u32),
  topologyChange: attr('IFLA_BR_TOPOLOGY_CHANGE', 14, u8),
  topologyChangeDetected: attr('IFLA_BR_TOPOLOGY_CHANGE_DETECTED', 15, u8),
  helloTimer: attr('IFLA_BR_HELLO_TIMER', 16, counter64),
  tcnTimer: attr('IFLA_BR_TCN_TIMER', 17, counter64),
  topologyChangeTimer: attr('IFLA_BR_TOPOLOGY_CHANGE_TIMER', 18, counter64),
  gcTimer: attr('IFLA_BR_GC_TIMER', 19, counter64),
  groupAddr: attr('IFLA_BR_GROUP_ADDR', 20, mac),
  fdbFlush: attr('IFLA_BR_FDB_FLUSH', 21, flag),
  mcastRouter: attr('IFLA_BR_MCAST_ROUTER', 22, u8),
  mcastSnooping: attr('IFLA_BR_MCAST_SNOOPING', 23, u8),
  mcastQueryUseIfaddr: attr('IFLA_BR_MCAST_QUERY_USE_IFADDR', 24, u8),
  mcastQuerier: attr('IFLA_BR_MCAST_QUERIER', 25, u8),
  mcastHashElasticity: attr('IFLA_BR_MCAST_HASH_ELASTICITY', 26, u32),
  mcastHashMax: attr('IFLA_BR_MCAST_HASH_MAX', 27, u32),
  mcastLastMemberCnt: attr('IFLA_BR_MCAST_LAST_MEMBER_CNT', 28, u32),
  mcastStartupQueryCnt: attr('IFLA_BR_MCAST_STARTUP_QUERY_CNT', 29, u32),
  mcastLastMemberIntvl: attr('IFLA_BR_MCAST_LAST_MEMBER_INTVL', 30, counter64),
  mcastMembershipIntvl: attr('IFLA_BR_MCAST_MEMBERSHIP_INTVL', 31, counter64),
  mcastQuerierIntvl: attr('IFLA_BR_MCAST_QUERIER_INTVL', 32, counter64),
  mcastQueryIntvl: attr('IFLA_BR_MCAST_QUERY_INTVL', 33, counter64),
  mcastQueryResponseIntvl: attr('IFLA_BR_MCAST_QUERY_RESPONSE_INTVL', 34, counter64),
  mcastStartupQueryIntvl: attr('IFLA_BR_MCAST_STARTUP_QUERY_INTVL', 35, counter64),
  nfCallIptables: attr('IFLA_BR_NF_CALL_IPTABLES', 36, u8),
  nfCallIp6tables: attr('IFLA_BR_NF_CALL_IP6TABLES', 37, u8),
  nfCallArptables: attr('IFLA_BR_NF_CALL_ARPTABLES', 38, u8),
  vlanDefaultPvid: attr('IFLA_BR_VLAN_DEFAULT_PVID', 39, u16),
  pad: attr('IFLA_BR_PAD', 40, padding),
  vlanStatsEnabled: attr('IFLA_BR_VLAN_STATS_ENABLED', 41, u8),
  mcastStatsEnabled: attr('IFLA_BR_MCAST_STATS_ENABLED', 42, u8),
  mcastIgmpVersion: attr('IFLA_BR_MCAST_IGMP_VERSION', 43, u8),
  mcastMldVersion: attr('IFLA_BR_MCAST_MLD_VERSION', 44, u8),
  vlanStatsPerPort: attr('IFLA_BR_VLAN_STATS_PER_PORT', 45, u8),
  multiBoolopt: attr('IFLA_BR_MULTI_BOOLOPT', 46, boolopt),
  mcastQuerierState: attr('IFLA_BR_MCAST_QUERIER_STATE', 47, querierState, { since: '5.15' }),
  fdbNLearned: attr('IFLA_BR_FDB_N_LEARNED', 48, u32, { since: '6.7' }),
  fdbMaxLearned: attr('IFLA_BR_FDB_MAX_LEARNED', 49, u32, { since: '6.7' }),
  stpMode: attr('IFLA_BR_STP_MODE', 50, enumOf(u32, bridgeStpMode), { since: '7.1' }),
})
