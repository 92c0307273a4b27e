import { flagsOf, names, u32 } from '../../codec/index.js'

/** What is put around an IP tunnel's packets: nothing, or UDP. */
export const tunnelEncap = names('TUNNEL_ENCAP', { none: 0, fou: 1, gue: 2, mpls: 3 })

/** Options of that UDP. */
export const tunnelEncapFlags = names('TUNNEL_ENCAP_FLAG', { csum: 1 << 0, csum6: 1 << 1, remcsum: 1 << 2 })

/** Options of tunnels over IPv6. */
export const ip6TunnelFlags = names('IP6_TNL_F', {
  ignEncapLimit: 1 << 0,
  useOrigTclass: 1 << 1,
  useOrigFlowlabel: 1 << 2,
  mip6Dev: 1 << 3,
  rcvDscpCopy: 1 << 4,
  useOrigFwmark: 1 << 5,
  allowLocalRemote: 1 << 6,
})

/** IFLA_IPTUN_FLAGS and IFLA_GRE_FLAGS of tunnels over IPv6. */
export const ip6Flags = flagsOf(u32, ip6TunnelFlags)
