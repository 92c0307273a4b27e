import { names } from '../codec/index.js'

/** State and options of a link. Those from `lowerUp` on, and most others, are only told; `up` is the one to set. */
export const linkFlags = names('IFF', {
  up: 1 << 0,
  broadcast: 1 << 1,
  debug: 1 << 2,
  loopback: 1 << 3,
  pointopoint: 1 << 4,
  notrailers: 1 << 5,
  running: 1 << 6,
  noarp: 1 << 7,
  promisc: 1 << 8,
  allmulti: 1 << 9,
  master: 1 << 10,
  slave: 1 << 11,
  multicast: 1 << 12,
  portsel: 1 << 13,
  automedia: 1 << 14,
  dynamic: 1 << 15,
  lowerUp: 1 << 16,
  dormant: 1 << 17,
  echo: 1 << 18,
})

/** What a link's addresses are, as `ip` shows it after `link/`. */
export const hardwareType = names('ARPHRD', {
  netrom: 0,
  ether: 1,
  infiniband: 32,
  can: 280,
  mctp: 290,
  ppp: 512,
  rawip: 519,
  tunnel: 768,
  tunnel6: 769,
  loopback: 772,
  sit: 776,
  ipgre: 778,
  ieee80211: 801,
  ieee80211Radiotap: 803,
  ieee802154: 804,
  ip6gre: 823,
  netlink: 824,
  vsockmon: 826,
  none: 0xfffe,
  void: 0xffff,
})

/** RFC 2863: whether packets can pass. */
export const operstate = names('IF_OPER', {
  unknown: 0,
  notpresent: 1,
  down: 2,
  lowerlayerdown: 3,
  testing: 4,
  dormant: 5,
  up: 6,
})

/** What a link does when its carrier comes. */
export const linkMode = names('IF_LINK_MODE', { default: 0, dormant: 1, testing: 2 })

/** What to tell, or to leave out, in an answer about links. */
export const linkFilter = names('RTEXT_FILTER', {
  vf: 1 << 0,
  brvlan: 1 << 1,
  brvlanCompressed: 1 << 2,
  skipStats: 1 << 3,
  mrp: 1 << 4,
  cfmConfig: 1 << 5,
  cfmStatus: 1 << 6,
  mst: 1 << 7,
})

/** Why a notification about a link was sent. */
export const linkEvent = names('IFLA_EVENT', {
  none: 0,
  reboot: 1,
  features: 2,
  bondingFailover: 3,
  notifyPeers: 4,
  igmpResend: 5,
  bondingOptions: 6,
})

/** How a link makes its IPv6 addresses. */
export const addrGenMode = names('IN6_ADDR_GEN_MODE', { eui64: 0, none: 1, stablePrivacy: 2, random: 3 })

/** Where an XDP program runs. */
export const xdpAttached = names('XDP_ATTACHED', { none: 0, drv: 1, skb: 2, hw: 3, multi: 4 })

/** How an XDP program is attached. */
export const xdpFlags = names('XDP_FLAGS', {
  updateIfNoexist: 1 << 0,
  skbMode: 1 << 1,
  drvMode: 1 << 2,
  hwMode: 1 << 3,
  replace: 1 << 4,
})
