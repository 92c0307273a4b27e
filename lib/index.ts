/**
 * Linux namespaces and their network stacks as objects, inside this process.
 *
 * @packageDocumentation
 */
export type {
  Address,
  AddressFlag,
  AddressFlags,
  AddressInput,
  AddressOptions,
  AddressProtocol,
} from './addresses/address.js'
export type { Addresses, AddressFilter } from './addresses/addresses.js'
export type { Family } from './addresses/family.js'
export type { LinkAddresses } from './addresses/link-addresses.js'
export type { Scope } from './addresses/scope.js'
export type { BridgeFdb, BridgeFdbKey, BridgeFdbOptions } from './bridge/bridge-fdb.js'
export type { BridgeVlanKey, BridgeVlanOptions, BridgeVlans } from './bridge/bridge-vlans.js'
export type { Fdb, FdbFilter } from './bridge/fdb.js'
export type { FdbEntry, FdbFlag, FdbKey, FdbOptions, FdbState } from './bridge/fdb-entry.js'
export type { Mdb, MdbFilter } from './bridge/mdb.js'
export type { MdbEntry, MdbFlag, MdbKey, MdbOptions, MdbRouter } from './bridge/mdb-entry.js'
export type { BridgePort, BridgePortChanges, BridgePortState, BridgePortSwitches } from './bridge/port.js'
export type { Vlan, VlanRange } from './bridge/vlan.js'
export type { VlanFilter, VlanKey, VlanOptions, Vlans } from './bridge/vlans.js'
export type { Lookup } from './dns/callback.js'
export type { NamespaceLookupOptions } from './dns/lookup.js'
export { LookupError } from './dns/lookup-error.js'
export type { ErrorName } from './errors/errno.js'
export { SystemError, type SystemErrorDetails } from './errors/system-error.js'
export type { NetworkChange, NetworkEvent, NetworkObject, NetworkResync } from './events/event.js'
export type { NetworkWatch, NetworkWatchOptions } from './events/watch.js'
export type { DispatcherOptions } from './http/dispatcher.js'
export type { FetchInit } from './http/fetch.js'
export type { Limits } from './limits.js'
export type { KindAttributes, PortAttributes } from './links/attributes.js'
export { Bridge, type BridgeChanges, type BridgeOptions } from './links/bridge.js'
export type { KindChanges, LinkChanges, PortChanges } from './links/changes.js'
export type { FlagChanges } from './links/flags.js'
export type { KindOptions, OtherKindOptions, PairKind, SingleLinkOptions } from './links/kind.js'
export { Link } from './links/link.js'
export type { LinkFilter, LinkOptions, Links, PairOptions, VethOptions, VethPeer } from './links/links.js'
export type { CommonLinkOptions } from './links/options.js'
export type { LinkFlags, LinkProperties, LinkStats, LinkXdp } from './links/properties.js'
export type { LinkLike, LinkReference } from './links/reference.js'
export { type LinkEnd, VethPair } from './links/veth.js'
export type { CreateOptions } from './namespace/create.js'
export type { NamedNamespace } from './namespace/list.js'
export { Namespace } from './namespace/namespace.js'
export type { OpenOptions, OpenTarget } from './namespace/open.js'
export type { NamespaceType } from './namespace/types.js'
export type { IdMapping, UserOptions } from './namespace/user-map.js'
export type { NamespaceEvent } from './namespace/watch.js'
export type { Neighbor, NeighborFlag, NeighborKey, NeighborOptions, NeighborState } from './neighbors/neighbor.js'
export type { NeighborFilter, Neighbors } from './neighbors/neighbors.js'
export type { NeighborParms, NeighborTable, NeighborTableChanges } from './neighbors/table.js'
export type { NeighborTableFilter, NeighborTables } from './neighbors/tables.js'
export type { Netconf, NetconfFamily, NetconfFilter, NetconfLink, Netconfs } from './netconf/netconf.js'
export type { DumpStream } from './netlink/dump-stream.js'
export { DumpInterruptedError, NetlinkError, type NetlinkErrorDetails } from './netlink/error.js'
export type { Nexthop, NexthopMember, NexthopOptions, ResilientOptions } from './nexthops/nexthop.js'
export type { NexthopFilter, Nexthops } from './nexthops/nexthops.js'
export type { Nsid, NsidFilter, Nsids } from './nsids/nsids.js'
export type { PingOptions, PingReply, PingResult } from './ping/ping.js'
export type { ExecFileError, ExecFileOptions, ExecFileResult } from './process/exec-file.js'
export type { RouteHop, RouteHopOptions } from './routes/hop.js'
export type { RouteMetric, RouteMetrics } from './routes/metrics.js'
export type { IpProtocol, RouteQuery } from './routes/query.js'
export {
  Route,
  type RouteOptions,
  type RouteProtocol,
  type RouterPreference,
  type RouteTable,
  type RouteType,
} from './routes/route.js'
export type { RouteFilter, RouteInput, Routes } from './routes/routes.js'
export type { Rule, RuleAction, RuleOptions, RuleRange } from './rules/rule.js'
export type { RuleFilter, Rules } from './rules/rules.js'
export type { ConnectOptions } from './sockets/connect.js'
export type { DatagramOptions } from './sockets/datagram.js'
export type { ListenOptions } from './sockets/listen.js'
export type { RawSocketOptions, SocketDomain, SocketKind } from './sockets/raw.js'
export type { NamespaceSockets } from './sockets/sockets.js'
export type { Sysctl } from './sysctl/sysctl.js'
export type {
  TunLinkOptions,
  TunPacketFormat,
  TunQueueOptions,
  TunTapMode,
  TunTapOffload,
  TunTapOpenOptions,
  TunTapOptions,
} from './tuntap/options.js'
export type { TunQueue } from './tuntap/queue.js'
export { TunTap } from './tuntap/tuntap.js'
