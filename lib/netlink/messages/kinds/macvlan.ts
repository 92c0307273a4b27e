import { attr, enumOf, flagsOf, mac, names, nested, repeated, s32, u16, u32 } from '../../codec/index.js'

/** Whom a macvlan talks to among those on the same link. */
export const macvlanMode = names('MACVLAN_MODE', { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 })

/** Options of a macvlan. */
export const macvlanFlags = names('MACVLAN_FLAG', { nopromisc: 1 << 0, nodst: 1 << 1 })

/** What to do with the addresses given, in mode `source`. */
export const macvlanAddressMode = names('MACVLAN_MACADDR', { add: 0, del: 1, flush: 2, set: 3 })

/** IFLA_INFO_DATA of macvlan and macvtap. The link beneath is the option `link`. */
export const macvlan = nested({
  mode: attr('IFLA_MACVLAN_MODE', 1, enumOf(u32, macvlanMode)),
  flags: attr('IFLA_MACVLAN_FLAGS', 2, flagsOf(u16, macvlanFlags)),
  macaddrMode: attr('IFLA_MACVLAN_MACADDR_MODE', 3, enumOf(u32, macvlanAddressMode)),
  macaddr: attr('IFLA_MACVLAN_MACADDR', 4, mac),
  macaddrData: attr(
    'IFLA_MACVLAN_MACADDR_DATA',
    5,
    nested({ macaddr: attr('IFLA_MACVLAN_MACADDR', 4, repeated(mac)) }),
  ),
  macaddrCount: attr('IFLA_MACVLAN_MACADDR_COUNT', 6, u32),
  /** Most broadcasts that wait for the link, in packets. */
  bcQueueLen: attr('IFLA_MACVLAN_BC_QUEUE_LEN', 7, u32, { since: '5.11' }),
  bcQueueLenUsed: attr('IFLA_MACVLAN_BC_QUEUE_LEN_USED', 8, u32, { since: '5.11' }),
  bcCutoff: attr('IFLA_MACVLAN_BC_CUTOFF', 9, s32, { since: '6.4' }),
})
