import {
  attr,
  enumOf,
  field,
  flagsOf,
  type Infer,
  type InferInput,
  ip,
  message,
  names,
  s32,
  string,
  struct,
  u8,
  u32,
} from '../codec/index.js'
import { family, scope } from './common.js'

/** State and options of an address. */
export const addressFlags = names('IFA_F', {
  secondary: 0x01,
  nodad: 0x02,
  optimistic: 0x04,
  dadfailed: 0x08,
  homeaddress: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  managetempaddr: 0x100,
  noprefixroute: 0x200,
  mcautojoin: 0x400,
  stablePrivacy: 0x800,
})

/** Who made an address, where the kernel did. */
export const addressProtocol = names('IFAPROT', { unspec: 0, kernelLo: 1, kernelRa: 2, kernelLl: 3 })

const ifaddrmsg = struct('ifaddrmsg', 8, {
  family: field('ifa_family', 0, enumOf(u8, family)),
  prefixlen: field('ifa_prefixlen', 1, u8),
  /** The first eight of the flags; the kernel reads `flags` instead where it is given. */
  shortFlags: field('ifa_flags', 2, flagsOf(u8, addressFlags)),
  scope: field('ifa_scope', 3, enumOf(u8, scope)),
  /** The link's index. */
  index: field('ifa_index', 4, u32),
})

/** Lifetimes in seconds, 0xffffffff for ever; times in hundredths of seconds since boot. */
const cacheinfo = struct('ifa_cacheinfo', 16, {
  preferred: field('ifa_prefered', 0, u32),
  valid: field('ifa_valid', 4, u32),
  created: field('cstamp', 8, u32),
  updated: field('tstamp', 12, u32),
})

/** RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR: an address of a link. */
export const addressMessage = message({
  header: ifaddrmsg,
  attributes: {
    /** On point-to-point links the other end's address, else the same as `local`. */
    address: attr('IFA_ADDRESS', 1, ip),
    local: attr('IFA_LOCAL', 2, ip),
    label: attr('IFA_LABEL', 3, string),
    broadcast: attr('IFA_BROADCAST', 4, ip),
    anycast: attr('IFA_ANYCAST', 5, ip),
    cacheinfo: attr('IFA_CACHEINFO', 6, cacheinfo),
    multicast: attr('IFA_MULTICAST', 7, ip),
    flags: attr('IFA_FLAGS', 8, flagsOf(u32, addressFlags)),
    rtPriority: attr('IFA_RT_PRIORITY', 9, u32),
    targetNetnsid: attr('IFA_TARGET_NETNSID', 10, s32),
    proto: attr('IFA_PROTO', 11, enumOf(u8, addressProtocol), { since: '5.18' }),
  },
})

export type AddressMessage = Infer<typeof addressMessage>
export type AddressRequest = InferInput<typeof addressMessage>
