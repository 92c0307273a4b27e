import { families, groups, messageFlags, messageTypes } from '../../netlink/messages/constants.js'
import { nexthopMessage } from '../../netlink/messages/nexthop.js'
import { request } from '../../netlink/request.js'
import { nexthopOf } from '../../nexthops/nexthop.js'
import type { EventKind } from './kind.js'

/** Next hop objects; groups of them are of no family. */
export const nexthopKind: EventKind = {
  groups: [groups.RTNLGRP_NEXTHOP],
  added: messageTypes.RTM_NEWNEXTHOP,
  deleted: messageTypes.RTM_DELNEXTHOP,
  families: [families.AF_UNSPEC, families.AF_INET, families.AF_INET6],
  dumps: [request('RTM_GETNEXTHOP', nexthopMessage, {}, { flags: messageFlags.NLM_F_DUMP, words: 'the next hops' })],
  read(_, reply) {
    const nexthop = nexthopOf(reply)
    return { object: { type: 'nexthop', nexthop }, key: `nexthop ${nexthop.id}` }
  },
  // The flags are those of the request.
  isNew: (flags) => (flags & messageFlags.NLM_F_EXCL) !== 0,
}
