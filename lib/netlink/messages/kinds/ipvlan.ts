import { attr, enumOf, flagsOf, names, nested, u16 } from '../../codec/index.js'

/** At which layer packets change links; `l3s` also passes them through netfilter. */
export const ipvlanMode = names('IPVLAN_MODE', { l2: 0, l3: 1, l3s: 2 })

/** Whom an ipvlan talks to among those on the same link; without any, to all (`bridge` of `ip`). */
export const ipvlanFlags = names('IPVLAN_F', { private: 1 << 0, vepa: 1 << 1 })

/** IFLA_INFO_DATA of ipvlan and ipvtap. The link beneath is the option `link`. */
export const ipvlan = nested({
  mode: attr('IFLA_IPVLAN_MODE', 1, enumOf(u16, ipvlanMode)),
  flags: attr('IFLA_IPVLAN_FLAGS', 2, flagsOf(u16, ipvlanFlags)),
})
