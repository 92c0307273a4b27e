import { attr, nested, u32 } from '../../codec/index.js'

/** IFLA_INFO_DATA of a VRF: the routing table of its ports' packets. */
export const vrf = nested({ table: attr('IFLA_VRF_TABLE', 1, u32) })

/** IFLA_INFO_SLAVE_DATA of a VRF's port. */
export const vrfPort = nested({ table: attr('IFLA_VRF_PORT_TABLE', 1, u32) })
