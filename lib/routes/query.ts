import { familyOf } from '../addresses/family.js'
import { checkBoolean, checkInteger, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { LinkReference } from '../links/reference.js'
import { parseAddress } from '../netlink/codec/index.js'
import type { RouteMessage, RouteRequest } from '../netlink/messages/route.js'

/** What an IP packet carries: `'tcp'`, `'udp'`, `'icmp'`, … or its number, 0 to 255. */
export type IpProtocol = NonNullable<RouteMessage['ipProto']>

/** How a packet would look whose route {@link Routes.get} asks for. */
export interface RouteQuery extends Limits {
  /** Its source. */
  source?: string
  /** The link it would leave by. */
  link?: LinkReference
  /** The link it came in by: how it is forwarded, and not how one of this host is sent. */
  iif?: LinkReference
  /** The mark that a firewall or a socket gave it, 0 to 4,294,967,295. */
  mark?: number
  /** Its type of service or traffic class, 0 to 255, as the byte in its header. */
  tos?: number
  /** `'tcp'`, `'udp'`, `'icmp'` or, of IPv6, `'icmpv6'`: for rules and multipath routes that look at it. */
  ipProto?: IpProtocol
  /** Its source port, 1 to 65,535. */
  sport?: number
  /** Its destination port, 1 to 65,535. */
  dport?: number
  /** The user whose socket sends it, 0 to 4,294,967,294. */
  uid?: number
  /** Whether the answer is the entry of the table that matches, and not what the packet makes of it; false by default. */
  fibMatch?: boolean
}

const u32Max = 0xffffffff

function optional(name: string, value: number | undefined, least: number, most: number): number | undefined {
  return value === undefined ? undefined : checkInteger(name, value, least, most)
}

/** Checks what is asked about the route of a packet, and encodes it but for the links. */
export function queryValue(address: string, query: RouteQuery): RouteRequest {
  const { source, mark, tos, ipProto, sport, dport, uid, fibMatch = false } = query
  const { family, address: dst } = parseAddress(address)
  const src = source === undefined ? undefined : parseAddress(source)
  if (src !== undefined && src.family !== family)
    throw invalidArgument('source', source, 'it is of another family than the address')
  checkBoolean('fibMatch', fibMatch)
  const bits = family === 4 ? 32 : 128
  // Of IPv6, the answer names the table unasked, and the kernel refuses the flag.
  const flags = [...(family === 4 ? ['lookupTable' as const] : []), ...(fibMatch ? ['fibMatch' as const] : [])]
  return {
    family: familyOf({ family }),
    dst,
    dstLen: bits,
    ...(src !== undefined && { src: src.address, srcLen: bits }),
    tos: optional('tos', tos, 0, 255),
    flags,
    mark: optional('mark', mark, 0, u32Max),
    ipProto,
    sport: optional('sport', sport, 1, 65_535),
    dport: optional('dport', dport, 1, 65_535),
    uid: optional('uid', uid, 0, u32Max - 1),
  }
}
