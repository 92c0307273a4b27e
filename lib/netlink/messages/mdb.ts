import {
  attr,
  be16,
  bytesOf,
  enumOf,
  field,
  flagsOf,
  type Infer,
  type InferInput,
  ip,
  message,
  names,
  nested,
  nestedMessage,
  repeated,
  struct,
  u8,
  u16,
  u32,
} from '../codec/index.js'
import { family, routeProtocol } from './common.js'

/** Whether an entry goes when nobody has asked for its group for a while. */
export const mdbEntryState = names('MDB', { temporary: 0, permanent: 1 })

/** What the bridge does with an entry beside forwarding. */
export const mdbEntryFlags = names(
  'MDB_FLAGS',
  { offload: 1 << 0, fastLeave: 1 << 1, starExcl: 1 << 2, blocked: 1 << 3, offloadFailed: 1 << 4 },
  { since: { offloadFailed: '6.16' } },
)

/** Whether a list of sources names those that are wanted, or those that are not. */
export const mdbFilterMode = names('MCAST', { exclude: 0, include: 1 })

/** What a group's address is; a link-layer address is 0. */
export const mdbProtocol = names('ETH_P', { ip: 0x0800, ipv6: 0x86dd })

/** Why a port gets all multicast. */
export const mdbRouterType = names('MDB_RTR_TYPE', { disabled: 0, tempQuery: 1, perm: 2, temp: 3 })

const header = struct('br_port_msg', 8, {
  family: field('family', 0, enumOf(u8, family)),
  /** The bridge's index. */
  index: field('ifindex', 4, u32),
})

const entry = struct('br_mdb_entry', 28, {
  /** The port's index, or the bridge's own. */
  ifindex: field('ifindex', 0, u32),
  state: field('state', 4, enumOf(u8, mdbEntryState)),
  flags: field('flags', 5, flagsOf(u8, mdbEntryFlags)),
  vid: field('vid', 6, u16),
  /** The group's address from the first byte on, as long as `proto` tells. */
  addr: field('addr.u', 8, bytesOf(16)),
  proto: field('addr.proto', 24, enumOf(be16, mdbProtocol)),
})

const sources = nested({
  entry: attr(
    'MDBA_MDB_SRCLIST_ENTRY',
    1,
    repeated(
      nested({
        address: attr('MDBA_MDB_SRCATTR_ADDRESS', 1, ip),
        timer: attr('MDBA_MDB_SRCATTR_TIMER', 2, u32),
      }),
    ),
  ),
})

const entryInfo = nestedMessage({
  header: entry,
  attributes: {
    timer: attr('MDBA_MDB_EATTR_TIMER', 1, u32),
    srcList: attr('MDBA_MDB_EATTR_SRC_LIST', 2, sources),
    groupMode: attr('MDBA_MDB_EATTR_GROUP_MODE', 3, enumOf(u8, mdbFilterMode)),
    source: attr('MDBA_MDB_EATTR_SOURCE', 4, ip),
    rtprot: attr('MDBA_MDB_EATTR_RTPROT', 5, enumOf(u8, routeProtocol)),
    dst: attr('MDBA_MDB_EATTR_DST', 6, ip, { since: '6.4' }),
    dstPort: attr('MDBA_MDB_EATTR_DST_PORT', 7, u16, { since: '6.4' }),
    vni: attr('MDBA_MDB_EATTR_VNI', 8, u32, { since: '6.4' }),
    /** The link that leads to `dst`. */
    oif: attr('MDBA_MDB_EATTR_IFINDEX', 9, u32, { since: '6.4' }),
    srcVni: attr('MDBA_MDB_EATTR_SRC_VNI', 10, u32, { since: '6.4' }),
  },
})

const routerAttributes = {
  timer: attr('MDBA_ROUTER_PATTR_TIMER', 1, u32),
  type: attr('MDBA_ROUTER_PATTR_TYPE', 2, enumOf(u8, mdbRouterType)),
  inetTimer: attr('MDBA_ROUTER_PATTR_INET_TIMER', 3, u32),
  inet6Timer: attr('MDBA_ROUTER_PATTR_INET6_TIMER', 4, u32),
  vid: attr('MDBA_ROUTER_PATTR_VID', 5, u16),
}

// What comes before the attributes is a bare number, which has no struct in C.
const routerLayout = nestedMessage({
  header: struct('router_port', 4, { ifindex: field('ifindex', 0, u32) }),
  attributes: routerAttributes,
})
const routerPort: typeof routerLayout = {
  ...routerLayout,
  shape: {
    kind: 'custom',
    parts: [{ kind: 'nested', attributes: routerAttributes }],
    examples: [{ ifindex: 3, timer: 0, type: 'perm', vid: 10 }],
  },
}

/** Answers to RTM_GETMDB: which ports of a bridge get which multicast groups. Timers in hundredths of seconds. */
export const mdbMessage = message({
  header,
  attributes: {
    mdb: attr(
      'MDBA_MDB',
      1,
      nested({
        entry: attr(
          'MDBA_MDB_ENTRY',
          1,
          repeated(nested({ info: attr('MDBA_MDB_ENTRY_INFO', 1, repeated(entryInfo)) })),
        ),
      }),
    ),
    router: attr('MDBA_ROUTER', 2, nested({ port: attr('MDBA_ROUTER_PORT', 1, repeated(routerPort)) })),
  },
})

const setAttributes = nested({
  source: attr('MDBE_ATTR_SOURCE', 1, ip),
  srcList: attr(
    'MDBE_ATTR_SRC_LIST',
    2,
    nested({
      entry: attr(
        'MDBE_SRC_LIST_ENTRY',
        1,
        repeated(nested({ address: attr('MDBE_SRCATTR_ADDRESS', 1, ip, { since: '6.3' }) })),
        { since: '6.3' },
      ),
    }),
    { since: '6.3' },
  ),
  groupMode: attr('MDBE_ATTR_GROUP_MODE', 3, enumOf(u8, mdbFilterMode), { since: '6.3' }),
  rtprot: attr('MDBE_ATTR_RTPROT', 4, enumOf(u8, routeProtocol), { since: '6.3' }),
})

/** RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB as requests: their attributes' numbers mean other things than those of answers. */
export const mdbRequestMessage = message({
  header,
  attributes: {
    entry: attr('MDBA_SET_ENTRY', 1, entry),
    attrs: attr('MDBA_SET_ENTRY_ATTRS', 2, setAttributes),
  },
})

export type MdbMessage = Infer<typeof mdbMessage>
export type MdbRequest = InferInput<typeof mdbRequestMessage>
