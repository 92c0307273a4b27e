import type { Limits } from '../limits.js'
import { knownIndex, type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { RouteRequest } from '../netlink/messages/route.js'
import type { RouteOptions } from './route.js'

/** Asks the kernel for the indexes of links, and gives the payload with them. */
export type LinkLookup = (limits?: Limits) => Promise<RouteRequest>

/**
 * Puts the indexes of the links that a route names into its payload: at once where none of them has to be looked up, so that
 * requests go out in the order in which they were made. Refuses what is no link.
 */
export function putLinks(
  core: NamespaceCore,
  { link, hops }: RouteOptions,
  value: RouteRequest,
): RouteRequest | LinkLookup {
  if (hops !== undefined) return putHops(core, hops, value)
  if (link === undefined) return value
  value.oif = knownIndex(core, link)
  if (value.oif !== undefined) return value
  return async (limits) => ({ ...value, oif: await resolveLink(core, link, limits) })
}

function putHops(
  core: NamespaceCore,
  hops: NonNullable<RouteOptions['hops']>,
  value: RouteRequest,
): RouteRequest | LinkLookup {
  const links = hops.map(({ link }) => link)
  const known = links.map((link) => (link === undefined ? 0 : knownIndex(core, link)))
  const put = (indexes: readonly (number | undefined)[]): RouteRequest => ({
    ...value,
    multipath: value.multipath?.map((hop, i) => ({ ...hop, ifindex: indexes[i] })),
  })
  if (!known.includes(undefined)) return put(known)
  return async (limits) =>
    put(await Promise.all(links.map((link, i) => known[i] ?? resolveLink(core, link as LinkReference, limits))))
}
