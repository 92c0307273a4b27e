import { be16, etherAddress, field, struct } from '../../codec/index.js'

/** Who a bridge is to the spanning tree. */
export const bridgeId = struct('ifla_bridge_id', 8, {
  prio: field('prio', 0, be16),
  addr: field('addr', 2, etherAddress),
})
