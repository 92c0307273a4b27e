import { attr, enumOf, mac, names, nested, u8, u16, u32 } from '../../codec/index.js'

/** How frames travel twice: round a ring (HSR), or over two networks (PRP). */
export const hsrProtocol = names('HSR_PROTOCOL', { hsr: 0, prp: 1 })

/** IFLA_INFO_DATA of an HSR or PRP link. */
export const hsr = nested({
  slave1: attr('IFLA_HSR_SLAVE1', 1, u32),
  slave2: attr('IFLA_HSR_SLAVE2', 2, u32),
  /** The last byte of the address of supervision frames. */
  multicastSpec: attr('IFLA_HSR_MULTICAST_SPEC', 3, u8),
  supervisionAddr: attr('IFLA_HSR_SUPERVISION_ADDR', 4, mac),
  seqNr: attr('IFLA_HSR_SEQ_NR', 5, u16),
  version: attr('IFLA_HSR_VERSION', 6, u8),
  protocol: attr('IFLA_HSR_PROTOCOL', 7, enumOf(u8, hsrProtocol)),
  interlink: attr('IFLA_HSR_INTERLINK', 8, u32, { since: '6.10' }),
})
