import { neighborOf } from '../../neighbors/neighbor.js'
import { families, groups, messageFlags, messageTypes } from '../../netlink/messages/constants.js'
import { neighborMessage } from '../../netlink/messages/neighbor.js'
import { request } from '../../netlink/request.js'
import type { EventKind } from './kind.js'

/** Entries of the ARP and NDP tables. */
export const neighborKind: EventKind = {
  groups: [groups.RTNLGRP_NEIGH],
  added: messageTypes.RTM_NEWNEIGH,
  deleted: messageTypes.RTM_DELNEIGH,
  families: [families.AF_INET, families.AF_INET6],
  dumps: [request('RTM_GETNEIGH', neighborMessage, {}, { flags: messageFlags.NLM_F_DUMP, words: 'the neighbors' })],
  read(_, reply) {
    const neighbor = neighborOf(reply)
    const key = `neighbor ${neighbor.link} ${neighbor.address}${neighbor.flags.includes('proxy') ? ' proxy' : ''}`
    // Those that need no resolving (multicast, loopback) are not shown by `ip neighbor` either.
    return neighbor.state === 'noarp' ? undefined : { object: { type: 'neighbor', neighbor }, key }
  },
}
