import { attr, counter64, enumOf, flag, names, nested, padding, u8, u16, u32 } from '../../codec/index.js'
import { bridgeId } from './bridge-id.js'

/** Spanning tree state of a port. */
export const bridgePortState = names('BR_STATE', { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 })

/** Attributes of a link that is a port of a bridge. Switches are 0 or 1; timers in hundredths of seconds. */
export const bridgePortAttributes = {
  state: attr('IFLA_BRPORT_STATE', 1, enumOf(u8, bridgePortState)),
  priority: attr('IFLA_BRPORT_PRIORITY', 2, u16),
  cost: attr('IFLA_BRPORT_COST', 3, u32),
  mode: attr('IFLA_BRPORT_MODE', 4, u8),
  guard: attr('IFLA_BRPORT_GUARD', 5, u8),
  protect: attr('IFLA_BRPORT_PROTECT', 6, u8),
  fastLeave: attr('IFLA_BRPORT_FAST_LEAVE', 7, u8),
  learning: attr('IFLA_BRPORT_LEARNING', 8, u8),
  unicastFlood: attr('IFLA_BRPORT_UNICAST_FLOOD', 9, u8),
  proxyarp: attr('IFLA_BRPORT_PROXYARP', 10, u8),
  learningSync: attr('IFLA_BRPORT_LEARNING_SYNC', 11, u8),
  proxyarpWifi: attr('IFLA_BRPORT_PROXYARP_WIFI', 12, u8),
  rootId: attr('IFLA_BRPORT_ROOT_ID', 13, bridgeId),
  bridgeId: attr('IFLA_BRPORT_BRIDGE_ID', 14, bridgeId),
  designatedPort: attr('IFLA_BRPORT_DESIGNATED_PORT', 15, u16),
  designatedCost: attr('IFLA_BRPORT_DESIGNATED_COST', 16, u16),
  id: attr('IFLA_BRPORT_ID', 17, u16),
  no: attr('IFLA_BRPORT_NO', 18, u16),
  topologyChangeAck: attr('IFLA_BRPORT_TOPOLOGY_CHANGE_ACK', 19, u8),
  configPending: attr('IFLA_BRPORT_CONFIG_PENDING', 20, u8),
  messageAgeTimer: attr('IFLA_BRPORT_MESSAGE_AGE_TIMER', 21, counter64),
  forwardDelayTimer: attr('IFLA_BRPORT_FORWARD_DELAY_TIMER', 22, counter64),
  holdTimer: attr('IFLA_BRPORT_HOLD_TIMER', 23, counter64),
  flush: attr('IFLA_BRPORT_FLUSH', 24, flag),
  multicastRouter: attr('IFLA_BRPORT_MULTICAST_ROUTER', 25, u8),
  pad: attr('IFLA_BRPORT_PAD', 26, padding),
  mcastFlood: attr('IFLA_BRPORT_MCAST_FLOOD', 27, u8),
  mcastToUcast: attr('IFLA_BRPORT_MCAST_TO_UCAST', 28, u8),
  vlanTunnel: attr('IFLA_BRPORT_VLAN_TUNNEL', 29, u8),
  bcastFlood: attr('IFLA_BRPORT_BCAST_FLOOD', 30, u8),
  groupFwdMask: attr('IFLA_BRPORT_GROUP_FWD_MASK', 31, u16),
  neighSuppress: attr('IFLA_BRPORT_NEIGH_SUPPRESS', 32, u8),
  isolated: attr('IFLA_BRPORT_ISOLATED', 33, u8),
  backupPort: attr('IFLA_BRPORT_BACKUP_PORT', 34, u32),
  mrpRingOpen: attr('IFLA_BRPORT_MRP_RING_OPEN', 35, u8),
  mrpInOpen: attr('IFLA_BRPORT_MRP_IN_OPEN', 36, u8),
  mcastEhtHostsLimit: attr('IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT', 37, u32, { since: '5.12' }),
  mcastEhtHostsCnt: attr('IFLA_BRPORT_MCAST_EHT_HOSTS_CNT', 38, u32, { since: '5.12' }),
  locked: attr('IFLA_BRPORT_LOCKED', 39, u8, { since: '5.18' }),
  mab: attr('IFLA_BRPORT_MAB', 40, u8, { since: '6.2' }),
  mcastNGroups: attr('IFLA_BRPORT_MCAST_N_GROUPS', 41, u32, { since: '6.3' }),
  mcastMaxGroups: attr('IFLA_BRPORT_MCAST_MAX_GROUPS', 42, u32, { since: '6.3' }),
  neighVlanSuppress: attr('IFLA_BRPORT_NEIGH_VLAN_SUPPRESS', 43, u8, { since: '6.4' }),
  backupNhid: attr('IFLA_BRPORT_BACKUP_NHID', 44, u32, { since: '6.6' }),
  neighForwardGrat: attr('IFLA_BRPORT_NEIGH_FORWARD_GRAT', 45, u8, { since: '7.2' }),
}

/** IFLA_INFO_SLAVE_DATA of a bridge's port, IFLA_PROTINFO in messages of family `bridge`. */
export const bridgePort = nested(bridgePortAttributes)
