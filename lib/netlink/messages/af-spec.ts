import { attr, counter64Vector, enumOf, field, ip, nested, s32Vector, struct, u8, u32 } from '../codec/index.js'
import { addrGenMode } from './link-names.js'

/** Times in milliseconds; `tstamp` in hundredths of seconds. */
const cacheinfo = struct('ifla_cacheinfo', 16, {
  maxReasmLen: field('max_reasm_len', 0, u32),
  tstamp: field('tstamp', 4, u32),
  reachableTime: field('reachable_time', 8, u32),
  retransTime: field('retrans_time', 12, u32),
})

/** IFLA_AF_SPEC: what each address family keeps for a link. Vectors are sysctls and counters in the kernel's order. */
export const afSpec = nested({
  inet: attr('AF_INET', 2, nested({ conf: attr('IFLA_INET_CONF', 1, s32Vector) })),
  inet6: attr(
    'AF_INET6',
    10,
    nested({
      /** What router advertisements told the link, in bits that the kernel keeps to itself. */
      flags: attr('IFLA_INET6_FLAGS', 1, u32),
      conf: attr('IFLA_INET6_CONF', 2, s32Vector),
      stats: attr('IFLA_INET6_STATS', 3, counter64Vector),
      cacheinfo: attr('IFLA_INET6_CACHEINFO', 5, cacheinfo),
      icmp6stats: attr('IFLA_INET6_ICMP6STATS', 6, counter64Vector),
      token: attr('IFLA_INET6_TOKEN', 7, ip),
      addrGenMode: attr('IFLA_INET6_ADDR_GEN_MODE', 8, enumOf(u8, addrGenMode)),
      raMtu: attr('IFLA_INET6_RA_MTU', 9, u32, { since: '5.15' }),
    }),
  ),
})
