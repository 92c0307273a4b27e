import { bareudp } from './bareudp.js'
import { bond } from './bond.js'
import { bondPort } from './bond-port.js'
import { bridge } from './bridge.js'
import { bridgePort } from './bridge-port.js'
import { geneve } from './geneve.js'
import { gre, ip6gre } from './gre.js'
import { hsr } from './hsr.js'
import { ip6tnl, iptun } from './iptun.js'
import { ipvlan } from './ipvlan.js'
import { macsec } from './macsec.js'
import { macvlan } from './macvlan.js'
import { netkit } from './netkit.js'
import { plain } from './plain.js'
import { tun } from './tun.js'
import { veth } from './veth.js'
import { vlan } from './vlan.js'
import { vrf, vrfPort } from './vrf.js'
import { vti, vti6 } from './vti.js'
import { vxcan } from './vxcan.js'
import { vxlan } from './vxlan.js'
import { xfrm } from './xfrm.js'

/** IFLA_INFO_DATA by IFLA_INFO_KIND. A new kind of link is one file here and one line below. */
export const linkKinds = {
  bareudp,
  bond,
  bridge,
  dummy: plain,
  erspan: gre,
  geneve,
  gre,
  gretap: gre,
  hsr,
  ifb: plain,
  ip6erspan: ip6gre,
  ip6gre,
  ip6gretap: ip6gre,
  ip6tnl,
  ipip: iptun,
  ipvlan,
  ipvtap: ipvlan,
  macsec,
  macvlan,
  macvtap: macvlan,
  netkit,
  nlmon: plain,
  sit: iptun,
  team: plain,
  tun,
  vcan: plain,
  veth,
  vlan,
  vrf,
  vti,
  vti6,
  vxcan,
  vxlan,
  wireguard: plain,
  xfrm,
}

/** IFLA_INFO_SLAVE_DATA by IFLA_INFO_SLAVE_KIND: what a link is to its master. */
export const slaveKinds = { bond: bondPort, bridge: bridgePort, vrf: vrfPort }

/** Attributes of kinds, and of ports, that are the index of another link of the same namespace. */
export const linkIndexes = ['activeSlave', 'backupPort', 'dev', 'interlink', 'primary', 'slave1', 'slave2'] as const
