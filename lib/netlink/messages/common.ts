import { names } from '../codec/index.js'

/** Address families of headers. */
export const family = names('AF', { unspec: 0, inet: 2, bridge: 7, inet6: 10, packet: 17, mpls: 28 })

/** How far an address or a route's destination is away. */
export const scope = names('RT_SCOPE', { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 })

/** Who made a route, or a neighbour entry. From `static` on, the kernel stores the number and does not read it. */
export const routeProtocol = names('RTPROT', {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  mrouted: 17,
  keepalived: 18,
  babel: 42,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
})

/** What a route does with packets; of neighbour entries, what their address is. */
export const routeType = names('RTN', {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
})

/** What an IP packet carries. */
export const ipProtocol = names('IPPROTO', {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
})
