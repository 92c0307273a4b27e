import { type Family, familyOf } from '../addresses/family.js'
import { checkBoolean, checkInteger, checkObject, invalidArgument } from '../errors/argument.js'
import type { LinkReference } from '../links/reference.js'
import { parseAddress } from '../netlink/codec/index.js'
import type { RouteMessage, RouteRequest } from '../netlink/messages/route.js'

/** One of the ways that a multipath route spreads its flows over. */
export interface RouteHop {
  /** Its gateway. */
  readonly via?: string
  /** The index of the link it leads over. */
  readonly link?: number
  /** Its share is its weight by the sum of all. */
  readonly weight: number
  /** `'onlink'`, `'linkdown'`, `'dead'`, … */
  readonly flags: NonNullable<RouteMessage['multipath']>[number]['flags']
}

/** One of the ways of a multipath route to add. */
export interface RouteHopOptions {
  /** The gateway, of either family. */
  via?: string
  /** The link it leads over; needed without a gateway, and for link-local gateways. */
  link?: LinkReference
  /** 1 to 256; 1 by default. */
  weight?: number
  /** The gateway is on the link although no address of the link says so. */
  onlink?: boolean
}

type WireHop = NonNullable<RouteRequest['multipath']>[number]

function checkHops(hops: unknown): readonly RouteHopOptions[] {
  if (!Array.isArray(hops) || hops.length === 0) throw invalidArgument('hops', hops, 'it must be an array of hops')
  return hops.map((hop, i) => checkObject(`hops.${i}`, hop))
}

/** The first gateway among the hops of a route: its family tells that of a default route. */
export function hopGateway(hops: unknown): { family: 4 | 6 } | undefined {
  const first = checkHops(hops).find(({ via }) => via !== undefined)?.via
  return first === undefined ? undefined : parseAddress(first)
}

/** Checks the hops of a route, and encodes them but for the indexes of their links. */
export function hopValues(hops: unknown, family: Family): WireHop[] {
  return checkHops(hops).map((hop, i) => {
    const { via, link, weight = 1, onlink = false } = hop
    if (via === undefined && link === undefined) throw invalidArgument(`hops.${i}`, hop, "it must have 'via' or 'link'")
    checkBoolean(`hops.${i}.onlink`, onlink)
    const gateway = via === undefined ? undefined : parseAddress(via)
    const foreign = gateway !== undefined && familyOf(gateway) !== family
    return {
      flags: onlink ? ['onlink'] : [],
      hops: checkInteger(`hops.${i}.weight`, weight, 1, 256) - 1,
      gateway: foreign ? undefined : gateway?.address,
      via: foreign ? { family: familyOf(gateway), address: gateway.address } : undefined,
    }
  })
}

/** The hops of a route that the kernel told about. */
export function hopsOf(wire: NonNullable<RouteMessage['multipath']>): RouteHop[] {
  return wire.map(({ flags, hops, ifindex, gateway, via }) => {
    const address = gateway ?? via?.address
    return {
      ...(address !== undefined && { via: address }),
      ...(ifindex !== 0 && { link: ifindex }),
      weight: hops + 1,
      flags,
    }
  })
}
