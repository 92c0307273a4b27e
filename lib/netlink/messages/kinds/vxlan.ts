import {
  attr,
  be16,
  be32,
  bytesOf,
  type Codec,
  enumOf,
  flag,
  ipv4,
  ipv6,
  names,
  nested,
  u8,
  u32,
} from '../../codec/index.js'
import { portRange } from './port-range.js'

/** Whether outer IPv4 headers say «do not fragment». */
export const vxlanDf = names('VXLAN_DF', { unset: 0, set: 1, inherit: 2 })

/** Where outer flow labels come from. */
export const vxlanLabelPolicy = names(
  'VXLAN_LABEL',
  { fixed: 0, inherit: 1 },
  { since: { fixed: '6.7', inherit: '6.7' } },
)

// The kernel wants an attribute without payload, and answers with a byte.
const flagToldAsByte: Codec<boolean> = {
  ...flag,
  read: (bytes, start, end) => (end - start === 1 ? bytes[start] !== 0 : end === start ? true : undefined),
}

/** IFLA_INFO_DATA of a VXLAN: `ip` names the attributes the same. Switches are 0 or 1; `ageing` is in seconds. */
export const vxlan = nested({
  /** VNI, 0 to 16,777,215. */
  id: attr('IFLA_VXLAN_ID', 1, u32),
  /** The other side, or the multicast group of all of them; over IPv6 it is `remote6`, and `local6`. */
  remote: attr('IFLA_VXLAN_GROUP', 2, ipv4),
  /** The link that carries it. */
  dev: attr('IFLA_VXLAN_LINK', 3, u32),
  local: attr('IFLA_VXLAN_LOCAL', 4, ipv4),
  ttl: attr('IFLA_VXLAN_TTL', 5, u8),
  tos: attr('IFLA_VXLAN_TOS', 6, u8),
  learning: attr('IFLA_VXLAN_LEARNING', 7, u8),
  ageing: attr('IFLA_VXLAN_AGEING', 8, u32),
  /** Most entries of its forwarding table; 0 for no limit. */
  limit: attr('IFLA_VXLAN_LIMIT', 9, u32),
  /** UDP source ports. */
  portRange: attr('IFLA_VXLAN_PORT_RANGE', 10, portRange),
  proxy: attr('IFLA_VXLAN_PROXY', 11, u8),
  rsc: attr('IFLA_VXLAN_RSC', 12, u8),
  l2miss: attr('IFLA_VXLAN_L2MISS', 13, u8),
  l3miss: attr('IFLA_VXLAN_L3MISS', 14, u8),
  /** UDP destination port: the kernel's default is 8472, IANA's 4789. */
  port: attr('IFLA_VXLAN_PORT', 15, be16),
  remote6: attr('IFLA_VXLAN_GROUP6', 16, ipv6),
  local6: attr('IFLA_VXLAN_LOCAL6', 17, ipv6),
  udpCsum: attr('IFLA_VXLAN_UDP_CSUM', 18, u8),
  udpZeroCsum6Tx: attr('IFLA_VXLAN_UDP_ZERO_CSUM6_TX', 19, u8),
  udpZeroCsum6Rx: attr('IFLA_VXLAN_UDP_ZERO_CSUM6_RX', 20, u8),
  remcsumTx: attr('IFLA_VXLAN_REMCSUM_TX', 21, u8),
  remcsumRx: attr('IFLA_VXLAN_REMCSUM_RX', 22, u8),
  gbp: attr('IFLA_VXLAN_GBP', 23, flag),
  remcsumNopartial: attr('IFLA_VXLAN_REMCSUM_NOPARTIAL', 24, flag),
  /** Each packet's tunnel is its route's, and not the link's (`external` of `ip`). */
  collectMetadata: attr('IFLA_VXLAN_COLLECT_METADATA', 25, u8),
  label: attr('IFLA_VXLAN_LABEL', 26, be32),
  gpe: attr('IFLA_VXLAN_GPE', 27, flag),
  ttlInherit: attr('IFLA_VXLAN_TTL_INHERIT', 28, flagToldAsByte),
  df: attr('IFLA_VXLAN_DF', 29, enumOf(u8, vxlanDf)),
  vnifilter: attr('IFLA_VXLAN_VNIFILTER', 30, u8, { since: '5.18' }),
  localbypass: attr('IFLA_VXLAN_LOCALBYPASS', 31, u8, { since: '6.4' }),
  labelPolicy: attr('IFLA_VXLAN_LABEL_POLICY', 32, enumOf(u32, vxlanLabelPolicy), { since: '6.7' }),
  /** Bits of the VXLAN header that packets may have set, as the header's eight bytes. */
  reservedBits: attr('IFLA_VXLAN_RESERVED_BITS', 33, bytesOf(8), { since: '6.13' }),
  mcRoute: attr('IFLA_VXLAN_MC_ROUTE', 34, u8, { since: '6.15' }),
})
