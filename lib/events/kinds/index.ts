import { addressKind } from './address.js'
import { linkKind } from './link.js'
import { neighborKind } from './neighbor.js'
import { nexthopKind } from './nexthop.js'
import { routeKind } from './route.js'
import { ruleKind } from './rule.js'

/** What can be watched, by the name of its option; a snapshot tells of it in this order. */
export const eventKinds = {
  links: linkKind,
  addresses: addressKind,
  neighbors: neighborKind,
  nexthops: nexthopKind,
  routes: routeKind,
  rules: ruleKind,
}

/** The names of the options. */
export const kindNames = Object.keys(eventKinds) as (keyof typeof eventKinds)[]
