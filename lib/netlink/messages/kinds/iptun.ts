import { attr, be16, be32, enumOf, flag, flagsOf, ipv4, ipv6, names, nested, u8, u16, u32 } from '../../codec/index.js'
import { ip6Flags, tunnelEncap, tunnelEncapFlags } from './tunnel-names.js'

/** What a tunnel carries. */
export const tunnelProtocol = names(
  'IPPROTO',
  { any: 0, ipip: 4, ipv6: 41, mpls: 137 },
  { constants: { any: 'IPPROTO_IP' } },
)

/** Options of a sit tunnel. */
export const sitFlags = names('SIT', { isatap: 1 })

const common = {
  /** The link that carries it. */
  dev: attr('IFLA_IPTUN_LINK', 1, u32),
  ttl: attr('IFLA_IPTUN_TTL', 4, u8),
  tos: attr('IFLA_IPTUN_TOS', 5, u8),
  proto: attr('IFLA_IPTUN_PROTO', 9, enumOf(u8, tunnelProtocol)),
  encapType: attr('IFLA_IPTUN_ENCAP_TYPE', 15, enumOf(u16, tunnelEncap)),
  encapFlags: attr('IFLA_IPTUN_ENCAP_FLAGS', 16, flagsOf(u16, tunnelEncapFlags)),
  encapSport: attr('IFLA_IPTUN_ENCAP_SPORT', 17, be16),
  encapDport: attr('IFLA_IPTUN_ENCAP_DPORT', 18, be16),
  /** Each packet's tunnel is its route's, and not the link's (`external` of `ip`). */
  collectMetadata: attr('IFLA_IPTUN_COLLECT_METADATA', 19, flag),
  fwmark: attr('IFLA_IPTUN_FWMARK', 20, u32),
}

/** IFLA_INFO_DATA of ipip and sit: tunnels over IPv4. What starts with `sixrd` is sit's (`ip tunnel 6rd`). */
export const iptun = nested({
  ...common,
  local: attr('IFLA_IPTUN_LOCAL', 2, ipv4),
  remote: attr('IFLA_IPTUN_REMOTE', 3, ipv4),
  flags: attr('IFLA_IPTUN_FLAGS', 8, flagsOf(u16, sitFlags)),
  pmtudisc: attr('IFLA_IPTUN_PMTUDISC', 10, u8),
  sixrdPrefix: attr('IFLA_IPTUN_6RD_PREFIX', 11, ipv6),
  sixrdRelayPrefix: attr('IFLA_IPTUN_6RD_RELAY_PREFIX', 12, ipv4),
  sixrdPrefixlen: attr('IFLA_IPTUN_6RD_PREFIXLEN', 13, u16),
  sixrdRelayPrefixlen: attr('IFLA_IPTUN_6RD_RELAY_PREFIXLEN', 14, u16),
})

/** IFLA_INFO_DATA of ip6tnl: tunnels over IPv6. */
export const ip6tnl = nested({
  ...common,
  local: attr('IFLA_IPTUN_LOCAL', 2, ipv6),
  remote: attr('IFLA_IPTUN_REMOTE', 3, ipv6),
  encapLimit: attr('IFLA_IPTUN_ENCAP_LIMIT', 6, u8),
  flowinfo: attr('IFLA_IPTUN_FLOWINFO', 7, be32),
  flags: attr('IFLA_IPTUN_FLAGS', 8, ip6Flags),
})
