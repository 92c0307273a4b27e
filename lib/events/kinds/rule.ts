import { families, groups, messageFlags, messageTypes } from '../../netlink/messages/constants.js'
import { ruleMessage } from '../../netlink/messages/rule.js'
import { request } from '../../netlink/request.js'
import { type Rule, ruleOf } from '../../rules/rule.js'
import type { EventKind } from './kind.js'

/** Rules. */
export const ruleKind: EventKind = {
  groups: [groups.RTNLGRP_IPV4_RULE, groups.RTNLGRP_IPV6_RULE],
  added: messageTypes.RTM_NEWRULE,
  deleted: messageTypes.RTM_DELRULE,
  families: [families.AF_INET, families.AF_INET6],
  dumps: [request('RTM_GETRULE', ruleMessage, {}, { flags: messageFlags.NLM_F_DUMP, words: 'the rules' })],
  read(_, reply) {
    const rule = ruleOf(reply)
    return rule === undefined ? undefined : { object: { type: 'rule', rule }, key: keyOf(rule) }
  },
  // One that differs in anything is another one.
  isChange: () => false,
}

// All of it but for what other rules and the links make of it.
function keyOf({ message, invert }: Rule): string {
  const { flags: _, ...rest } = message
  const key = JSON.stringify({ ...rest, invert }, (__, value) => (typeof value === 'bigint' ? String(value) : value))
  return `rule ${key}`
}
