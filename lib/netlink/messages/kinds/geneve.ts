import { attr, be16, be32, enumOf, flag, ipv4, ipv6, names, nested, u8, u32 } from '../../codec/index.js'
import { portRange } from './port-range.js'

/** Whether outer IPv4 headers say «do not fragment». */
export const geneveDf = names('GENEVE_DF', { unset: 0, set: 1, inherit: 2 })

/** IFLA_INFO_DATA of a Geneve tunnel. Switches are 0 or 1. */
export const geneve = nested({
  /** VNI, 0 to 16,777,215. */
  id: attr('IFLA_GENEVE_ID', 1, u32),
  remote: attr('IFLA_GENEVE_REMOTE', 2, ipv4),
  ttl: attr('IFLA_GENEVE_TTL', 3, u8),
  tos: attr('IFLA_GENEVE_TOS', 4, u8),
  /** UDP destination port, 6081 by default. */
  port: attr('IFLA_GENEVE_PORT', 5, be16),
  /** Each packet's tunnel is its route's, and not the link's (`external` of `ip`). */
  collectMetadata: attr('IFLA_GENEVE_COLLECT_METADATA', 6, flag),
  remote6: attr('IFLA_GENEVE_REMOTE6', 7, ipv6),
  udpCsum: attr('IFLA_GENEVE_UDP_CSUM', 8, u8),
  udpZeroCsum6Tx: attr('IFLA_GENEVE_UDP_ZERO_CSUM6_TX', 9, u8),
  udpZeroCsum6Rx: attr('IFLA_GENEVE_UDP_ZERO_CSUM6_RX', 10, u8),
  label: attr('IFLA_GENEVE_LABEL', 11, be32),
  ttlInherit: attr('IFLA_GENEVE_TTL_INHERIT', 12, u8),
  df: attr('IFLA_GENEVE_DF', 13, enumOf(u8, geneveDf)),
  innerProtoInherit: attr('IFLA_GENEVE_INNER_PROTO_INHERIT', 14, flag),
  /** UDP source ports. */
  portRange: attr('IFLA_GENEVE_PORT_RANGE', 15, portRange, { since: '6.17' }),
  groHint: attr('IFLA_GENEVE_GRO_HINT', 16, flag, { since: '7.0' }),
  /** The address that its socket is bound to. */
  local: attr('IFLA_GENEVE_LOCAL', 17, ipv4, { since: '7.2' }),
  local6: attr('IFLA_GENEVE_LOCAL6', 18, ipv6, { since: '7.2' }),
})
