import { Link } from '../../links/link.js'
import { families, groups, messageFlags, messageTypes } from '../../netlink/messages/constants.js'
import { linkMessage } from '../../netlink/messages/link.js'
import { request } from '../../netlink/request.js'
import type { EventKind } from './kind.js'

/** Links. */
export const linkKind: EventKind = {
  groups: [groups.RTNLGRP_LINK],
  added: messageTypes.RTM_NEWLINK,
  deleted: messageTypes.RTM_DELLINK,
  families: [families.AF_UNSPEC],
  dumps: [request('RTM_GETLINK', linkMessage, {}, { flags: messageFlags.NLM_F_DUMP, words: 'the links' })],
  read(core, reply) {
    const link = new Link(core, reply)
    return { object: { type: 'link', link }, key: `link ${link.index}` }
  },
  // Of a new link the kernel says that all flags have changed, those without a name included.
  wasThere: ({ object }) =>
    object.type === 'link' && !object.link.message.change.some((change) => typeof change === 'number'),
}
