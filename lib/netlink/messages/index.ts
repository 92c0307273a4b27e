export { type AddressMessage, type AddressRequest, addressFlags, addressMessage, addressProtocol } from './address.js'
export {
  type BridgeLinkMessage,
  type BridgeLinkRequest,
  bridgeLinkMessage,
  bridgeMode,
  bridgeTarget,
  bridgeVlanFlags,
} from './bridge-link.js'
export { family, ipProtocol, routeProtocol, routeType, scope } from './common.js'
export { families, groups, messageFlags, messageTypes, socketOptions } from './constants.js'
export {
  type LinkData,
  type LinkKind,
  type LinkMessage,
  type LinkRequest,
  linkData,
  linkMessage,
  type SlaveKind,
  slaveData,
} from './link.js'
export { addrGenMode, hardwareType, linkEvent, linkFilter, linkFlags, linkMode, operstate } from './link-names.js'
export {
  type MdbMessage,
  type MdbRequest,
  mdbEntryFlags,
  mdbEntryState,
  mdbFilterMode,
  mdbMessage,
  mdbProtocol,
  mdbRequestMessage,
  mdbRouterType,
} from './mdb.js'
export {
  fdbNotify,
  type NeighborMessage,
  type NeighborRequest,
  neighborFlags,
  neighborFlagsExt,
  neighborMessage,
  neighborState,
} from './neighbor.js'
export { type NeighborTableMessage, type NeighborTableRequest, neighborTableMessage } from './neighbor-table.js'
export { type NetconfMessage, type NetconfRequest, netconfMessage } from './netconf.js'
export {
  type NexthopMessage,
  type NexthopRequest,
  nexthopGroupType,
  nexthopMessage,
  nexthopOpFlags,
} from './nexthop.js'
export { type NsidMessage, type NsidRequest, nsidMessage } from './nsid.js'
export {
  encapType,
  nexthopFlags,
  type RouteMessage,
  type RouteRequest,
  routeFlags,
  routeMessage,
  routerPreference,
  routeTable,
} from './route.js'
export { type RuleMessage, type RuleRequest, ruleAction, ruleFlags, ruleMessage } from './rule.js'
export type { Via } from './via.js'
