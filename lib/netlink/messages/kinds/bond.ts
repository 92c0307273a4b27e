import { attr, enumOf, indexed, ipv4, ipv6, mac, names, nested, u8, u16, u32 } from '../../codec/index.js'

/** How a bond chooses among its ports; as `ip` names them, but for hyphens. */
export const bondMode = names(
  'BOND_MODE',
  { balanceRr: 0, activeBackup: 1, balanceXor: 2, broadcast: 3, '802.3ad': 4, balanceTlb: 5, balanceAlb: 6 },
  {
    constants: {
      balanceRr: 'BOND_MODE_ROUNDROBIN',
      activeBackup: 'BOND_MODE_ACTIVEBACKUP',
      balanceXor: 'BOND_MODE_XOR',
      '802.3ad': 'BOND_MODE_8023AD',
      balanceTlb: 'BOND_MODE_TLB',
      balanceAlb: 'BOND_MODE_ALB',
    },
  },
)

/** Which headers decide on the port that a packet leaves by. */
export const bondHashPolicy = names(
  'BOND_XMIT_POLICY',
  { layer2: 0, layer34: 1, layer23: 2, encap23: 3, encap34: 4, vlanSrcmac: 5 },
  { since: { vlanSrcmac: '5.12' } },
)

const adInfo = nested({
  aggregator: attr('IFLA_BOND_AD_INFO_AGGREGATOR', 1, u16),
  numPorts: attr('IFLA_BOND_AD_INFO_NUM_PORTS', 2, u16),
  actorKey: attr('IFLA_BOND_AD_INFO_ACTOR_KEY', 3, u16),
  partnerKey: attr('IFLA_BOND_AD_INFO_PARTNER_KEY', 4, u16),
  partnerMac: attr('IFLA_BOND_AD_INFO_PARTNER_MAC', 5, mac),
})

/** IFLA_INFO_DATA of a bond. Times are in milliseconds, switches 0 or 1. */
export const bond = nested({
  mode: attr('IFLA_BOND_MODE', 1, enumOf(u8, bondMode)),
  activeSlave: attr('IFLA_BOND_ACTIVE_SLAVE', 2, u32),
  miimon: attr('IFLA_BOND_MIIMON', 3, u32),
  updelay: attr('IFLA_BOND_UPDELAY', 4, u32),
  downdelay: attr('IFLA_BOND_DOWNDELAY', 5, u32),
  useCarrier: attr('IFLA_BOND_USE_CARRIER', 6, u8),
  arpInterval: attr('IFLA_BOND_ARP_INTERVAL', 7, u32),
  /** Up to 16 IPv4 addresses. */
  arpIpTarget: attr('IFLA_BOND_ARP_IP_TARGET', 8, indexed(ipv4)),
  /** 0 none, 1 active, 2 backup, 3 all, 4 filter, 5 filter_active, 6 filter_backup. */
  arpValidate: attr('IFLA_BOND_ARP_VALIDATE', 9, u32),
  /** 0 any, 1 all. */
  arpAllTargets: attr('IFLA_BOND_ARP_ALL_TARGETS', 10, u32),
  primary: attr('IFLA_BOND_PRIMARY', 11, u32),
  /** 0 always, 1 better, 2 failure. */
  primaryReselect: attr('IFLA_BOND_PRIMARY_RESELECT', 12, u8),
  /** 0 none, 1 active, 2 follow. */
  failOverMac: attr('IFLA_BOND_FAIL_OVER_MAC', 13, u8),
  xmitHashPolicy: attr('IFLA_BOND_XMIT_HASH_POLICY', 14, enumOf(u8, bondHashPolicy)),
  resendIgmp: attr('IFLA_BOND_RESEND_IGMP', 15, u32),
  numPeerNotif: attr('IFLA_BOND_NUM_PEER_NOTIF', 16, u8),
  allSlavesActive: attr('IFLA_BOND_ALL_SLAVES_ACTIVE', 17, u8),
  minLinks: attr('IFLA_BOND_MIN_LINKS', 18, u32),
  /** In seconds. */
  lpInterval: attr('IFLA_BOND_LP_INTERVAL', 19, u32),
  packetsPerSlave: attr('IFLA_BOND_PACKETS_PER_SLAVE', 20, u32),
  /** 0 slow, 1 fast. */
  adLacpRate: attr('IFLA_BOND_AD_LACP_RATE', 21, u8),
  /** 0 stable, 1 bandwidth, 2 count. */
  adSelect: attr('IFLA_BOND_AD_SELECT', 22, u8),
  adInfo: attr('IFLA_BOND_AD_INFO', 23, adInfo),
  adActorSysPrio: attr('IFLA_BOND_AD_ACTOR_SYS_PRIO', 24, u16),
  adUserPortKey: attr('IFLA_BOND_AD_USER_PORT_KEY', 25, u16),
  adActorSystem: attr('IFLA_BOND_AD_ACTOR_SYSTEM', 26, mac),
  tlbDynamicLb: attr('IFLA_BOND_TLB_DYNAMIC_LB', 27, u8),
  peerNotifDelay: attr('IFLA_BOND_PEER_NOTIF_DELAY', 28, u32),
  adLacpActive: attr('IFLA_BOND_AD_LACP_ACTIVE', 29, u8, { since: '5.15' }),
  missedMax: attr('IFLA_BOND_MISSED_MAX', 30, u8, { since: '5.17' }),
  /** Up to 16 IPv6 addresses. */
  nsIp6Target: attr('IFLA_BOND_NS_IP6_TARGET', 31, indexed(ipv6), { since: '5.18' }),
  coupledControl: attr('IFLA_BOND_COUPLED_CONTROL', 32, u8, { since: '6.9' }),
  broadcastNeigh: attr('IFLA_BOND_BROADCAST_NEIGH', 33, u8, { since: '6.17' }),
  lacpStrict: attr('IFLA_BOND_LACP_STRICT', 34, u8, { since: '7.2' }),
})
