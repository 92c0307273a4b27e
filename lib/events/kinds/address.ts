import { addressOf } from '../../addresses/address.js'
import { addressMessage } from '../../netlink/messages/address.js'
import { families, groups, messageFlags, messageTypes } from '../../netlink/messages/constants.js'
import { request } from '../../netlink/request.js'
import type { EventKind } from './kind.js'

/** Addresses of links. */
export const addressKind: EventKind = {
  groups: [groups.RTNLGRP_IPV4_IFADDR, groups.RTNLGRP_IPV6_IFADDR],
  added: messageTypes.RTM_NEWADDR,
  deleted: messageTypes.RTM_DELADDR,
  families: [families.AF_INET, families.AF_INET6],
  dumps: [request('RTM_GETADDR', addressMessage, {}, { flags: messageFlags.NLM_F_DUMP, words: 'the addresses' })],
  read(_, reply) {
    const address = addressOf(reply)
    // Of IPv4, the same address with another prefix length or another peer is another one.
    const more = address.family === 'inet' ? `/${address.prefixLength} ${address.peer ?? ''}` : ''
    return { object: { type: 'address', address }, key: `address ${address.link} ${address.address}${more}` }
  },
  wasThere({ object }) {
    const times = object.type === 'address' ? object.address.message.cacheinfo : undefined
    return times?.created !== times?.updated
  },
}
