import { attr, enumOf, flagsOf, mac, names, nested, s32, u8, u16, u32 } from '../../codec/index.js'

/** Whether a port carries traffic. */
export const bondPortState = names('BOND_STATE', { active: 0, backup: 1 })

/** A port's carrier, as the bond has it. */
export const bondLinkState = names('BOND_LINK', { up: 0, fail: 1, down: 2, back: 3 })

/** A port's state in the LACP (802.3ad). */
export const lacpState = names('LACP_STATE', {
  lacpActivity: 1 << 0,
  lacpTimeout: 1 << 1,
  aggregation: 1 << 2,
  synchronization: 1 << 3,
  collecting: 1 << 4,
  distributing: 1 << 5,
  defaulted: 1 << 6,
  expired: 1 << 7,
})

/** IFLA_INFO_SLAVE_DATA of a bond's port. */
export const bondPort = nested({
  state: attr('IFLA_BOND_SLAVE_STATE', 1, enumOf(u8, bondPortState)),
  miiStatus: attr('IFLA_BOND_SLAVE_MII_STATUS', 2, enumOf(u8, bondLinkState)),
  linkFailureCount: attr('IFLA_BOND_SLAVE_LINK_FAILURE_COUNT', 3, u32),
  permHwaddr: attr('IFLA_BOND_SLAVE_PERM_HWADDR', 4, mac),
  queueId: attr('IFLA_BOND_SLAVE_QUEUE_ID', 5, u16),
  adAggregatorId: attr('IFLA_BOND_SLAVE_AD_AGGREGATOR_ID', 6, u16),
  adActorOperPortState: attr('IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE', 7, flagsOf(u8, lacpState)),
  adPartnerOperPortState: attr('IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE', 8, flagsOf(u16, lacpState)),
  prio: attr('IFLA_BOND_SLAVE_PRIO', 9, s32, { since: '6.0' }),
  actorPortPrio: attr('IFLA_BOND_SLAVE_ACTOR_PORT_PRIO', 10, u16, { since: '6.18' }),
  adChurnActorState: attr('IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE', 11, u8, { since: '7.0' }),
  adChurnPartnerState: attr('IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE', 12, u8, { since: '7.0' }),
})
