import {
  attr,
  bytes,
  enumOf,
  field,
  flagsOf,
  mac,
  nested,
  padding,
  repeated,
  s32,
  string,
  struct,
  u8,
  u16,
  u32,
  uint,
} from '../codec/index.js'
import { afSpec } from './af-spec.js'
import { family } from './common.js'
import {
  hardwareType,
  linkEvent,
  linkFilter,
  linkFlags,
  linkMode,
  operstate,
  xdpAttached,
  xdpFlags,
} from './link-names.js'
import { linkMap, linkStats, linkStats64 } from './link-stats.js'

/** The header of messages about links. */
export const ifinfomsg = struct('ifinfomsg', 16, {
  family: field('ifi_family', 0, enumOf(u8, family)),
  type: field('ifi_type', 2, enumOf(u16, hardwareType)),
  index: field('ifi_index', 4, s32),
  flags: field('ifi_flags', 8, flagsOf(u32, linkFlags)),
  /** The flags that a request sets or clears; those in `flags` too are set. */
  change: field('ifi_change', 12, flagsOf(u32, linkFlags)),
})

const xdp = nested({
  fd: attr('IFLA_XDP_FD', 1, s32),
  attached: attr('IFLA_XDP_ATTACHED', 2, enumOf(u8, xdpAttached)),
  flags: attr('IFLA_XDP_FLAGS', 3, flagsOf(u32, xdpFlags)),
  progId: attr('IFLA_XDP_PROG_ID', 4, u32),
  drvProgId: attr('IFLA_XDP_DRV_PROG_ID', 5, u32),
  skbProgId: attr('IFLA_XDP_SKB_PROG_ID', 6, u32),
  hwProgId: attr('IFLA_XDP_HW_PROG_ID', 7, u32),
  expectedFd: attr('IFLA_XDP_EXPECTED_FD', 8, s32),
})

const propList = nested({ altIfname: attr('IFLA_ALT_IFNAME', 53, repeated(string)) })

const protoDownReason = nested({
  mask: attr('IFLA_PROTO_DOWN_REASON_MASK', 1, u32),
  value: attr('IFLA_PROTO_DOWN_REASON_VALUE', 2, u32),
})

/**
 * Attributes of a link, but for `linkinfo`, which is about what kind of link it is: of that, a veth's has in it the other
 * link's attributes. What concerns virtual functions of network cards is left as bytes.
 */
export const linkAttributes = {
  address: attr('IFLA_ADDRESS', 1, mac),
  broadcast: attr('IFLA_BROADCAST', 2, mac),
  ifname: attr('IFLA_IFNAME', 3, string),
  mtu: attr('IFLA_MTU', 4, u32),
  /** The index of the link beneath, or of the other end. */
  link: attr('IFLA_LINK', 5, u32),
  qdisc: attr('IFLA_QDISC', 6, string),
  stats: attr('IFLA_STATS', 7, linkStats),
  cost: attr('IFLA_COST', 8, bytes),
  priority: attr('IFLA_PRIORITY', 9, bytes),
  /** The index of the bridge or other master; 0 releases it. */
  master: attr('IFLA_MASTER', 10, u32),
  wireless: attr('IFLA_WIRELESS', 11, bytes),
  protinfo: attr('IFLA_PROTINFO', 12, bytes),
  txqlen: attr('IFLA_TXQLEN', 13, u32),
  map: attr('IFLA_MAP', 14, linkMap),
  weight: attr('IFLA_WEIGHT', 15, u32),
  operstate: attr('IFLA_OPERSTATE', 16, enumOf(u8, operstate)),
  linkmode: attr('IFLA_LINKMODE', 17, enumOf(u8, linkMode)),
  netNsPid: attr('IFLA_NET_NS_PID', 19, u32),
  ifalias: attr('IFLA_IFALIAS', 20, string),
  numVf: attr('IFLA_NUM_VF', 21, u32),
  vfinfoList: attr('IFLA_VFINFO_LIST', 22, bytes),
  stats64: attr('IFLA_STATS64', 23, linkStats64),
  vfPorts: attr('IFLA_VF_PORTS', 24, bytes),
  portSelf: attr('IFLA_PORT_SELF', 25, bytes),
  afSpec: attr('IFLA_AF_SPEC', 26, afSpec),
  group: attr('IFLA_GROUP', 27, u32),
  netNsFd: attr('IFLA_NET_NS_FD', 28, u32),
  extMask: attr('IFLA_EXT_MASK', 29, flagsOf(u32, linkFilter)),
  promiscuity: attr('IFLA_PROMISCUITY', 30, u32),
  numTxQueues: attr('IFLA_NUM_TX_QUEUES', 31, u32),
  numRxQueues: attr('IFLA_NUM_RX_QUEUES', 32, u32),
  carrier: attr('IFLA_CARRIER', 33, u8),
  physPortId: attr('IFLA_PHYS_PORT_ID', 34, bytes),
  carrierChanges: attr('IFLA_CARRIER_CHANGES', 35, u32),
  physSwitchId: attr('IFLA_PHYS_SWITCH_ID', 36, bytes),
  /** The namespace that `link` is an index in. */
  linkNetnsid: attr('IFLA_LINK_NETNSID', 37, s32),
  physPortName: attr('IFLA_PHYS_PORT_NAME', 38, string),
  protoDown: attr('IFLA_PROTO_DOWN', 39, u8),
  gsoMaxSegs: attr('IFLA_GSO_MAX_SEGS', 40, u32),
  gsoMaxSize: attr('IFLA_GSO_MAX_SIZE', 41, u32),
  pad: attr('IFLA_PAD', 42, padding),
  xdp: attr('IFLA_XDP', 43, xdp),
  event: attr('IFLA_EVENT', 44, enumOf(u32, linkEvent)),
  newNetnsid: attr('IFLA_NEW_NETNSID', 45, s32),
  targetNetnsid: attr('IFLA_TARGET_NETNSID', 46, s32),
  carrierUpCount: attr('IFLA_CARRIER_UP_COUNT', 47, u32),
  carrierDownCount: attr('IFLA_CARRIER_DOWN_COUNT', 48, u32),
  newIfindex: attr('IFLA_NEW_IFINDEX', 49, s32),
  minMtu: attr('IFLA_MIN_MTU', 50, u32),
  maxMtu: attr('IFLA_MAX_MTU', 51, u32),
  propList: attr('IFLA_PROP_LIST', 52, propList),
  altIfname: attr('IFLA_ALT_IFNAME', 53, string),
  permAddress: attr('IFLA_PERM_ADDRESS', 54, mac),
  protoDownReason: attr('IFLA_PROTO_DOWN_REASON', 55, protoDownReason),
  parentDevName: attr('IFLA_PARENT_DEV_NAME', 56, string, { since: '5.14' }),
  parentDevBusName: attr('IFLA_PARENT_DEV_BUS_NAME', 57, string, { since: '5.14' }),
  groMaxSize: attr('IFLA_GRO_MAX_SIZE', 58, u32, { since: '5.19' }),
  tsoMaxSize: attr('IFLA_TSO_MAX_SIZE', 59, u32, { since: '5.19' }),
  tsoMaxSegs: attr('IFLA_TSO_MAX_SEGS', 60, u32, { since: '5.19' }),
  allmulti: attr('IFLA_ALLMULTI', 61, u32, { since: '6.0' }),
  devlinkPort: attr('IFLA_DEVLINK_PORT', 62, bytes, { since: '6.2' }),
  gsoIpv4MaxSize: attr('IFLA_GSO_IPV4_MAX_SIZE', 63, u32, { since: '6.3' }),
  groIpv4MaxSize: attr('IFLA_GRO_IPV4_MAX_SIZE', 64, u32, { since: '6.3' }),
  dpllPin: attr('IFLA_DPLL_PIN', 65, bytes, { since: '6.7' }),
  maxPacingOffloadHorizon: attr('IFLA_MAX_PACING_OFFLOAD_HORIZON', 66, uint, { since: '6.13' }),
  netnsImmutable: attr('IFLA_NETNS_IMMUTABLE', 67, u8, { since: '6.15' }),
  headroom: attr('IFLA_HEADROOM', 68, u16, { since: '6.18' }),
  tailroom: attr('IFLA_TAILROOM', 69, u16, { since: '6.18' }),
}
