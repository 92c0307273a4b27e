import { attr, be16, be32, enumOf, flag, flagsOf, ipv4, ipv6, names, nested, u8, u16, u32 } from '../../codec/index.js'
import { ip6Flags, tunnelEncap, tunnelEncapFlags } from './tunnel-names.js'

/** What GRE headers carry. (C has them in network order.) */
export const greFlags = names(
  'GRE',
  { csum: 0x8000, routing: 0x4000, key: 0x2000, seq: 0x1000, strict: 0x0800, ack: 0x0080 },
  {
    constants: {
      csum: 'ntohs(GRE_CSUM)',
      routing: 'ntohs(GRE_ROUTING)',
      key: 'ntohs(GRE_KEY)',
      seq: 'ntohs(GRE_SEQ)',
      strict: 'ntohs(GRE_STRICT)',
      ack: 'ntohs(GRE_ACK)',
    },
  },
)

const common = {
  /** The link that carries it. */
  dev: attr('IFLA_GRE_LINK', 1, u32),
  iflags: attr('IFLA_GRE_IFLAGS', 2, flagsOf(be16, greFlags)),
  oflags: attr('IFLA_GRE_OFLAGS', 3, flagsOf(be16, greFlags)),
  /** Counts with `key` among `iflags`. */
  ikey: attr('IFLA_GRE_IKEY', 4, be32),
  /** Counts with `key` among `oflags`. */
  okey: attr('IFLA_GRE_OKEY', 5, be32),
  ttl: attr('IFLA_GRE_TTL', 8, u8),
  tos: attr('IFLA_GRE_TOS', 9, u8),
  pmtudisc: attr('IFLA_GRE_PMTUDISC', 10, u8),
  encapType: attr('IFLA_GRE_ENCAP_TYPE', 14, enumOf(u16, tunnelEncap)),
  encapFlags: attr('IFLA_GRE_ENCAP_FLAGS', 15, flagsOf(u16, tunnelEncapFlags)),
  encapSport: attr('IFLA_GRE_ENCAP_SPORT', 16, be16),
  encapDport: attr('IFLA_GRE_ENCAP_DPORT', 17, be16),
  /** Each packet's tunnel is its route's, and not the link's (`external` of `ip`). */
  collectMetadata: attr('IFLA_GRE_COLLECT_METADATA', 18, flag),
  ignoreDf: attr('IFLA_GRE_IGNORE_DF', 19, u8),
  fwmark: attr('IFLA_GRE_FWMARK', 20, u32),
  erspanIndex: attr('IFLA_GRE_ERSPAN_INDEX', 21, u32),
  erspanVer: attr('IFLA_GRE_ERSPAN_VER', 22, u8),
  /** 0 for packets that came in, 1 for those that went out. */
  erspanDir: attr('IFLA_GRE_ERSPAN_DIR', 23, u8),
  erspanHwid: attr('IFLA_GRE_ERSPAN_HWID', 24, u16),
}

/** IFLA_INFO_DATA of gre, gretap and erspan. */
export const gre = nested({
  ...common,
  local: attr('IFLA_GRE_LOCAL', 6, ipv4),
  remote: attr('IFLA_GRE_REMOTE', 7, ipv4),
})

/** IFLA_INFO_DATA of ip6gre, ip6gretap and ip6erspan. */
export const ip6gre = nested({
  ...common,
  local: attr('IFLA_GRE_LOCAL', 6, ipv6),
  remote: attr('IFLA_GRE_REMOTE', 7, ipv6),
  encapLimit: attr('IFLA_GRE_ENCAP_LIMIT', 11, u8),
  flowinfo: attr('IFLA_GRE_FLOWINFO', 12, be32),
  flags: attr('IFLA_GRE_FLAGS', 13, ip6Flags),
})
