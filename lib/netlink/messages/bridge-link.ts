import {
  attr,
  bytes,
  enumOf,
  field,
  flagsOf,
  type Infer,
  type InferInput,
  message,
  names,
  nested,
  repeated,
  struct,
  u16,
  u32,
} from '../codec/index.js'
import { bridgePort } from './kinds/bridge-port.js'
import { ifinfomsg, linkAttributes } from './link-attributes.js'

/** Whom a request is for: the bridge that the link is a port of, or the link itself. */
export const bridgeTarget = names('BRIDGE_FLAGS', { master: 1, self: 2 })

/** How a card's own bridge forwards. */
export const bridgeMode = names('BRIDGE_MODE', { veb: 0, vepa: 1, undef: 0xffff })

/** What a port does with a VLAN; `rangeBegin` and `rangeEnd` stand for all between them. */
export const bridgeVlanFlags = names('BRIDGE_VLAN_INFO', {
  master: 1 << 0,
  pvid: 1 << 1,
  untagged: 1 << 2,
  rangeBegin: 1 << 3,
  rangeEnd: 1 << 4,
  brentry: 1 << 5,
  onlyOpts: 1 << 6,
})

const vlanInfo = struct('bridge_vlan_info', 4, {
  flags: field('flags', 0, flagsOf(u16, bridgeVlanFlags)),
  vid: field('vid', 2, u16),
})

/** A VLAN and the tunnel (the VNI of a vxlan) that carries it; ranges have two of them, as those of VLANs. */
const vlanTunnelInfo = nested({
  id: attr('IFLA_BRIDGE_VLAN_TUNNEL_ID', 1, u32),
  vid: attr('IFLA_BRIDGE_VLAN_TUNNEL_VID', 2, u16),
  flags: attr('IFLA_BRIDGE_VLAN_TUNNEL_FLAGS', 3, flagsOf(u16, bridgeVlanFlags)),
})

/** IFLA_AF_SPEC in messages of family `bridge`, where its numbers mean other things than elsewhere. */
const bridgeSpec = nested({
  flags: attr('IFLA_BRIDGE_FLAGS', 0, flagsOf(u16, bridgeTarget)),
  mode: attr('IFLA_BRIDGE_MODE', 1, enumOf(u16, bridgeMode)),
  vlanInfo: attr('IFLA_BRIDGE_VLAN_INFO', 2, repeated(vlanInfo)),
  vlanTunnelInfo: attr('IFLA_BRIDGE_VLAN_TUNNEL_INFO', 3, repeated(vlanTunnelInfo)),
  mrp: attr('IFLA_BRIDGE_MRP', 4, bytes),
  cfm: attr('IFLA_BRIDGE_CFM', 5, bytes, { since: '5.11' }),
  mst: attr('IFLA_BRIDGE_MST', 6, bytes, { since: '5.18' }),
})

/** RTM_*LINK of family `bridge`: a bridge's port, its options and VLANs. */
export const bridgeLinkMessage = message({
  header: ifinfomsg,
  attributes: {
    ...linkAttributes,
    protinfo: attr('IFLA_PROTINFO', 12, bridgePort),
    afSpec: attr('IFLA_AF_SPEC', 26, bridgeSpec),
  },
})

export type BridgeLinkMessage = Infer<typeof bridgeLinkMessage>
export type BridgeLinkRequest = InferInput<typeof bridgeLinkMessage>
