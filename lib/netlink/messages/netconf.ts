import { attr, enumOf, field, type Infer, type InferInput, message, s32, struct, u8 } from '../codec/index.js'
import { family } from './common.js'

/** RTM_NEWNETCONF, RTM_GETNETCONF: settings of a family for a link, and those of all links and for new ones. */
export const netconfMessage = message({
  header: struct('netconfmsg', 1, { family: field('ncm_family', 0, enumOf(u8, family)) }),
  attributes: {
    /** The link's index; -1 for all, -2 for new ones. */
    ifindex: attr('NETCONFA_IFINDEX', 1, s32),
    forwarding: attr('NETCONFA_FORWARDING', 2, s32),
    /** 0 off, 1 strict, 2 loose. */
    rpFilter: attr('NETCONFA_RP_FILTER', 3, s32),
    mcForwarding: attr('NETCONFA_MC_FORWARDING', 4, s32),
    proxyNeigh: attr('NETCONFA_PROXY_NEIGH', 5, s32),
    ignoreRoutesWithLinkdown: attr('NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN', 6, s32),
    input: attr('NETCONFA_INPUT', 7, s32),
    bcForwarding: attr('NETCONFA_BC_FORWARDING', 8, s32),
    forceForwarding: attr('NETCONFA_FORCE_FORWARDING', 9, s32, { since: '6.17' }),
  },
})

export type NetconfMessage = Infer<typeof netconfMessage>
export type NetconfRequest = InferInput<typeof netconfMessage>
