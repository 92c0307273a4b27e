import { attr, be16, be64, enumOf, names, nested, padding, u8, u32, u64 } from '../../codec/index.js'

/** What happens to received frames that fail validation. */
export const macsecValidation = names('MACSEC_VALIDATE', { disabled: 0, check: 1, strict: 2 })

/** Who encrypts. */
export const macsecOffload = names('MACSEC_OFFLOAD', { off: 0, phy: 1, mac: 2 })

/** IFLA_INFO_DATA of a MACsec link. Switches are 0 or 1. Keys are configured over generic netlink. */
export const macsec = nested({
  /** The secure channel: the link's address in the high 48 bits, the port in the low 16. */
  sci: attr('IFLA_MACSEC_SCI', 1, be64),
  port: attr('IFLA_MACSEC_PORT', 2, be16),
  icvLen: attr('IFLA_MACSEC_ICV_LEN', 3, u8),
  /** `0x0080c20001000001n` is GCM-AES-128, `…2n` GCM-AES-256, `…3n` and `…4n` their XPN forms. */
  cipherSuite: attr('IFLA_MACSEC_CIPHER_SUITE', 4, u64),
  /** Packets that may come late, with `replayProtect`. */
  window: attr('IFLA_MACSEC_WINDOW', 5, u32),
  encodingSa: attr('IFLA_MACSEC_ENCODING_SA', 6, u8),
  encrypt: attr('IFLA_MACSEC_ENCRYPT', 7, u8),
  protect: attr('IFLA_MACSEC_PROTECT', 8, u8),
  incSci: attr('IFLA_MACSEC_INC_SCI', 9, u8),
  es: attr('IFLA_MACSEC_ES', 10, u8),
  scb: attr('IFLA_MACSEC_SCB', 11, u8),
  replayProtect: attr('IFLA_MACSEC_REPLAY_PROTECT', 12, u8),
  validation: attr('IFLA_MACSEC_VALIDATION', 13, enumOf(u8, macsecValidation)),
  pad: attr('IFLA_MACSEC_PAD', 14, padding),
  offload: attr('IFLA_MACSEC_OFFLOAD', 15, enumOf(u8, macsecOffload)),
})
