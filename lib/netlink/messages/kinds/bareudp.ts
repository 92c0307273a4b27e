import { attr, be16, flag, nested, u16 } from '../../codec/index.js'

/** IFLA_INFO_DATA of a bareudp tunnel: packets of one protocol in UDP. */
export const bareudp = nested({
  port: attr('IFLA_BAREUDP_PORT', 1, be16),
  /** What it carries: 0x0800 IPv4, 0x86dd IPv6, 0x8847 MPLS. */
  ethertype: attr('IFLA_BAREUDP_ETHERTYPE', 2, be16),
  /** The lowest UDP source port. */
  srcportMin: attr('IFLA_BAREUDP_SRCPORT_MIN', 3, u16),
  /** IPv6 beside IPv4, multicast beside unicast MPLS. */
  multiprotoMode: attr('IFLA_BAREUDP_MULTIPROTO_MODE', 4, flag),
})
