import { attr, be16, enumOf, field, flagsOf, names, nested, repeated, struct, u16, u32 } from '../../codec/index.js'

/** The tag's kind: a customer's, or a provider's around it (QinQ). */
export const vlanProtocol = names(
  'ETH_P',
  { '802.1Q': 0x8100, '802.1ad': 0x88a8 },
  { constants: { '802.1Q': 'ETH_P_8021Q', '802.1ad': 'ETH_P_8021AD' } },
)

/** What a VLAN does beside tagging. */
export const vlanFlags = names('VLAN_FLAG', {
  reorderHdr: 1 << 0,
  gvrp: 1 << 1,
  looseBinding: 1 << 2,
  mvrp: 1 << 3,
  bridgeBinding: 1 << 4,
})

const flags = struct('ifla_vlan_flags', 8, {
  flags: field('flags', 0, flagsOf(u32, vlanFlags)),
  /** The flags that `flags` is about. */
  mask: field('mask', 4, flagsOf(u32, vlanFlags)),
})

const mapping = struct('ifla_vlan_qos_mapping', 8, { from: field('from', 0, u32), to: field('to', 4, u32) })
const qos = nested({ mapping: attr('IFLA_VLAN_QOS_MAPPING', 1, repeated(mapping)) })

/** IFLA_INFO_DATA of a VLAN. Its `id` is 0 to 4094. */
export const vlan = nested({
  id: attr('IFLA_VLAN_ID', 1, u16),
  flags: attr('IFLA_VLAN_FLAGS', 2, flags),
  /** From the packet's priority to the tag's. */
  egressQos: attr('IFLA_VLAN_EGRESS_QOS', 3, qos),
  /** From the tag's priority to the packet's. */
  ingressQos: attr('IFLA_VLAN_INGRESS_QOS', 4, qos),
  protocol: attr('IFLA_VLAN_PROTOCOL', 5, enumOf(be16, vlanProtocol)),
})
