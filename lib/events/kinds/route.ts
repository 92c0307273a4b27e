import { families, groups, messageFlags, messageTypes } from '../../netlink/messages/constants.js'
import { routeMessage } from '../../netlink/messages/route.js'
import { request } from '../../netlink/request.js'
import { type Route, routeOf } from '../../routes/route.js'
import type { NetworkObject } from '../event.js'
import type { EventKind, Told } from './kind.js'

const { NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_APPEND } = messageFlags

/** A route; what identifies it is long, and only put together when it is asked for. */
class ToldRoute implements Told {
  readonly object: { type: 'route'; route: Route }

  constructor(route: Route) {
    this.object = { type: 'route', route }
  }

  // All that makes it another one than its neighbours, without what changes by itself.
  get key(): string {
    const { flags: _f, cacheinfo: _c, mfcStats: _s, multipath, ...rest } = this.object.route.message
    const hops = multipath?.map(({ flags: _, ...hop }) => hop)
    return `${this.place} ${JSON.stringify({ ...rest, hops })}`
  }

  get place(): string {
    const { family, table, to, metric, tos = 0 } = this.object.route
    return `route ${family} ${table} ${to} ${tos} ${metric}`
  }
}

// Of IPv6, those with a gateway become one route with several hops.
const hasHops = ({ object }: Told) =>
  object.type === 'route' &&
  object.route.family === 'inet6' &&
  (object.route.via ?? object.route.message.multipath) !== undefined

// An IPv6 route to which a hop is appended is told anew, with all its hops; an IPv4 one that is appended is one of its own.
function isChange(flags: number, object: NetworkObject): boolean {
  const six = object.type === 'route' && object.route.family === 'inet6'
  return (flags & NLM_F_REPLACE) !== 0 || (six && (flags & NLM_F_APPEND) !== 0)
}

/** Routes of all tables. There may be a million of them: which are there is not remembered. */
export const routeKind: EventKind = {
  groups: [groups.RTNLGRP_IPV4_ROUTE, groups.RTNLGRP_IPV6_ROUTE],
  added: messageTypes.RTM_NEWROUTE,
  deleted: messageTypes.RTM_DELROUTE,
  families: [families.AF_INET, families.AF_INET6],
  dumps: (['inet', 'inet6'] as const).map((family) =>
    request('RTM_GETROUTE', routeMessage, { family }, { flags: NLM_F_DUMP, words: 'the routes' }),
  ),
  read: (_, reply) => new ToldRoute(routeOf(reply)),
  isChange,
  displaced(flags, told, others) {
    // It was the first one in its place.
    if ((flags & NLM_F_EXCL) !== 0) return others
    if (!isChange(flags, told.object)) return []
    return hasHops(told) ? others.filter(hasHops) : others.slice(0, 1)
  },
}
