import type { NetlinkError } from '../netlink/error.js'
import type { LinkKind } from '../netlink/messages/link.js'

/** The option of a kernel's configuration that brings a kind of link. */
const kernelOptions: Readonly<Record<LinkKind, string>> = {
  bareudp: 'CONFIG_BAREUDP',
  bond: 'CONFIG_BONDING',
  bridge: 'CONFIG_BRIDGE',
  dummy: 'CONFIG_DUMMY',
  erspan: 'CONFIG_NET_IPGRE',
  geneve: 'CONFIG_GENEVE',
  gre: 'CONFIG_NET_IPGRE',
  gretap: 'CONFIG_NET_IPGRE',
  hsr: 'CONFIG_HSR',
  ifb: 'CONFIG_IFB',
  ip6erspan: 'CONFIG_IPV6_GRE',
  ip6gre: 'CONFIG_IPV6_GRE',
  ip6gretap: 'CONFIG_IPV6_GRE',
  ip6tnl: 'CONFIG_IPV6_TUNNEL',
  ipip: 'CONFIG_NET_IPIP',
  ipvlan: 'CONFIG_IPVLAN',
  ipvtap: 'CONFIG_IPVTAP',
  macsec: 'CONFIG_MACSEC',
  macvlan: 'CONFIG_MACVLAN',
  macvtap: 'CONFIG_MACVTAP',
  netkit: 'CONFIG_NETKIT',
  nlmon: 'CONFIG_NLMON',
  sit: 'CONFIG_IPV6_SIT',
  team: 'CONFIG_NET_TEAM',
  tun: 'CONFIG_TUN',
  vcan: 'CONFIG_CAN_VCAN',
  veth: 'CONFIG_VETH',
  vlan: 'CONFIG_VLAN_8021Q',
  vrf: 'CONFIG_NET_VRF',
  vti: 'CONFIG_NET_IPVTI',
  vti6: 'CONFIG_IPV6_VTI',
  vxcan: 'CONFIG_CAN_VXCAN',
  vxlan: 'CONFIG_VXLAN',
  wireguard: 'CONFIG_WIREGUARD',
  xfrm: 'CONFIG_XFRM_INTERFACE',
}

/** The release with which a kind came, where that is newer than the oldest supported kernel. */
const since: Partial<Record<LinkKind, string>> = { netkit: '6.7' }

/** Options of a kernel's configuration without which a bridge does not take all attributes. */
export const bridgeFeatures = 'CONFIG_BRIDGE_VLAN_FILTERING or CONFIG_BRIDGE_IGMP_SNOOPING'

/** What to do about a link that the kernel would not make. */
export function creationHint(kind: string, { code, kernelMessage }: NetlinkError): string | undefined {
  // Of a kind that it has not at all, the kernel says so.
  if (kind === 'bridge' && code === 'EOPNOTSUPP' && kernelMessage === undefined)
    return `What was asked for needs a kernel built with ${bridgeFeatures}`
  if (code === 'ENETDOWN') return 'The link beneath is down: set it up first, or make this one with up: false'
  if (code !== 'EOPNOTSUPP' || (kernelMessage !== undefined && kernelMessage !== 'Unknown device type'))
    return undefined
  if (!Object.hasOwn(kernelOptions, kind)) return undefined
  const option = kernelOptions[kind as LinkKind]
  const release = since[kind as LinkKind]
  const needed = release === undefined ? option : `${option}, of Linux ${release} and newer`
  return `This kernel has no links of kind '${kind}': it is built without ${needed}, or the module is not installed`
}
