import {
  attr,
  be16,
  enumOf,
  field,
  flag,
  flagsOf,
  type Infer,
  type InferInput,
  ip,
  mac,
  message,
  names,
  nested,
  s32,
  struct,
  u8,
  u16,
  u32,
} from '../codec/index.js'
import { family, routeProtocol, routeType } from './common.js'

/** What is known of a neighbour. `noarp` and `permanent` are set by hand and never change by themselves. */
export const neighborState = names('NUD', {
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
})

/** Options of a neighbour entry, or of a bridge's forwarding entry. */
export const neighborFlags = names('NTF', {
  use: 0x01,
  self: 0x02,
  master: 0x04,
  proxy: 0x08,
  extLearned: 0x10,
  offloaded: 0x20,
  sticky: 0x40,
  router: 0x80,
})

/** More options, which did not fit into the header. */
export const neighborFlagsExt = names(
  'NTF_EXT',
  { managed: 0x01, locked: 0x02, extValidated: 0x04 },
  { since: { locked: '6.2', extValidated: '6.17' } },
)

/** When a bridge tells about a forwarding entry that has seen traffic. */
export const fdbNotify = names('FDB_NOTIFY', { bit: 0x01, inactiveBit: 0x02 })

const ndmsg = struct('ndmsg', 12, {
  family: field('ndm_family', 0, enumOf(u8, family)),
  /** The link's index. (`ifindex` is NDA_IFINDEX, which filters a dump, or the outgoing link of a vxlan entry.) */
  index: field('ndm_ifindex', 4, s32),
  state: field('ndm_state', 8, flagsOf(u16, neighborState)),
  flags: field('ndm_flags', 10, flagsOf(u8, neighborFlags)),
  type: field('ndm_type', 11, enumOf(u8, routeType)),
})

/** Times in hundredths of seconds ago. */
const cacheinfo = struct('nda_cacheinfo', 16, {
  confirmed: field('ndm_confirmed', 0, u32),
  used: field('ndm_used', 4, u32),
  updated: field('ndm_updated', 8, u32),
  refcnt: field('ndm_refcnt', 12, u32),
})

/** RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH: an ARP or NDP entry, or with family `bridge` a forwarding entry. */
export const neighborMessage = message({
  header: ndmsg,
  attributes: {
    dst: attr('NDA_DST', 1, ip),
    lladdr: attr('NDA_LLADDR', 2, mac),
    cacheinfo: attr('NDA_CACHEINFO', 3, cacheinfo),
    probes: attr('NDA_PROBES', 4, u32),
    vlan: attr('NDA_VLAN', 5, u16),
    port: attr('NDA_PORT', 6, be16),
    vni: attr('NDA_VNI', 7, u32),
    ifindex: attr('NDA_IFINDEX', 8, u32),
    master: attr('NDA_MASTER', 9, u32),
    linkNetnsid: attr('NDA_LINK_NETNSID', 10, s32),
    srcVni: attr('NDA_SRC_VNI', 11, u32),
    protocol: attr('NDA_PROTOCOL', 12, enumOf(u8, routeProtocol)),
    nhId: attr('NDA_NH_ID', 13, u32),
    fdbExtAttrs: attr(
      'NDA_FDB_EXT_ATTRS',
      14,
      nested({
        activityNotify: attr('NFEA_ACTIVITY_NOTIFY', 1, flagsOf(u8, fdbNotify)),
        dontRefresh: attr('NFEA_DONT_REFRESH', 2, flag),
      }),
    ),
    flagsExt: attr('NDA_FLAGS_EXT', 15, flagsOf(u32, neighborFlagsExt), { since: '5.16' }),
    ndmStateMask: attr('NDA_NDM_STATE_MASK', 16, flagsOf(u16, neighborState), { since: '5.19' }),
    ndmFlagsMask: attr('NDA_NDM_FLAGS_MASK', 17, flagsOf(u8, neighborFlags), { since: '5.19' }),
  },
})

export type NeighborMessage = Infer<typeof neighborMessage>
export type NeighborRequest = InferInput<typeof neighborMessage>
