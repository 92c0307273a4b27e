import { attr, enumOf, names, nested, nestedMessage, u8, u16, u32 } from '../../codec/index.js'
import { ifinfomsg, linkAttributes } from '../link-attributes.js'

/** Whether the ends have link-layer addresses. */
export const netkitMode = names('NETKIT', { l2: 0, l3: 1 }, { since: { l2: '6.7', l3: '6.7' } })

/** What happens to packets for which no BPF program decides. */
export const netkitPolicy = names(
  'NETKIT',
  { forward: 0, blackhole: 2 },
  {
    since: { forward: '6.7', blackhole: '6.7' },
    constants: { forward: 'NETKIT_PASS', blackhole: 'NETKIT_DROP' },
  },
)

/** Whether packets lose mark and priority on their way to the other end. */
export const netkitScrub = names('NETKIT_SCRUB', { none: 0, default: 1 }, { since: { none: '6.13', default: '6.13' } })

/** Two ends, or one without another. */
export const netkitPairing = names('NETKIT_DEVICE', { pair: 0, single: 1 }, { since: { pair: '7.1', single: '7.1' } })

/** IFLA_INFO_DATA of a netkit. What starts with `peer` is the other end's. */
export const netkit = nested({
  /** The other end, as a link of its own. Only requests carry it. */
  peer: attr('IFLA_NETKIT_PEER_INFO', 1, nestedMessage({ header: ifinfomsg, attributes: linkAttributes }), {
    since: '6.7',
  }),
  /** 1 for the end that can have BPF programs attached. Only told. */
  isPrimary: attr('IFLA_NETKIT_PRIMARY', 2, u8, { since: '6.7' }),
  policy: attr('IFLA_NETKIT_POLICY', 3, enumOf(u32, netkitPolicy), { since: '6.7' }),
  peerPolicy: attr('IFLA_NETKIT_PEER_POLICY', 4, enumOf(u32, netkitPolicy), { since: '6.7' }),
  mode: attr('IFLA_NETKIT_MODE', 5, enumOf(u32, netkitMode), { since: '6.7' }),
  scrub: attr('IFLA_NETKIT_SCRUB', 6, enumOf(u32, netkitScrub), { since: '6.13' }),
  peerScrub: attr('IFLA_NETKIT_PEER_SCRUB', 7, enumOf(u32, netkitScrub), { since: '6.13' }),
  headroom: attr('IFLA_NETKIT_HEADROOM', 8, u16, { since: '6.14' }),
  tailroom: attr('IFLA_NETKIT_TAILROOM', 9, u16, { since: '6.14' }),
  pairing: attr('IFLA_NETKIT_PAIRING', 10, enumOf(u32, netkitPairing), { since: '7.1' }),
})
