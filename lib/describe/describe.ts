import type { Address } from '../addresses/address.js'
import type { Limits } from '../limits.js'
import type { Link } from '../links/link.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { NetworkStack } from '../namespace/stack.js'
import type { Neighbor } from '../neighbors/neighbor.js'
import type { Route } from '../routes/route.js'
import { describeSockets } from './sockets.js'

type Names = ReadonlyMap<number, string>

/** A network stack as text; see {@link Namespace.describe}. */
export async function describe(ns: NetworkStack, core: NamespaceCore, limits: Limits): Promise<string> {
  const [links, addresses, routes, neighbors, sockets] = await Promise.all([
    ns.links.list(limits),
    ns.addresses.list(limits),
    ns.routes.list(limits),
    ns.neighbors.list(limits),
    describeSockets(core, limits),
  ])
  const names = new Map(links.map(({ index, name }) => [index, name]))
  const parts: [string, string[]][] = [
    ['links', links.map((link) => linkLine(link, names, addresses))],
    ['routes', routes.map((route) => routeLine(route, names))],
    ['neighbors', neighbors.map((neighbor) => neighborLine(neighbor, names))],
    ['sockets', sockets],
  ]
  const text = parts.flatMap(([title, lines]) => [
    `  ${title}:`,
    ...(lines.length > 0 ? lines : ['none']).map((line) => `    ${line}`),
  ])
  return [core.label, ...text].join('\n')
}

const nameOf = (names: Names, index: number) => names.get(index) ?? `#${index}`

function linkLine(link: Link, names: Names, addresses: readonly Address[]): string {
  const { index, name, kind, mac, mtu, isUp, operState, master } = link
  return words(
    `${index} ${name}`,
    kind,
    isUp ? 'up' : 'down',
    operState !== 'up' && operState !== 'unknown' && `(${operState})`,
    mac,
    `mtu ${mtu}`,
    master !== undefined && `master ${nameOf(names, master)}`,
    ...addresses.flatMap((address) => (address.link === index ? [address.cidr, ...flagsOf(address)] : [])),
  )
}

// Of an address only what keeps it from being used.
const flagsOf = ({ flags }: Address) => flags.filter((flag) => flag === 'tentative' || flag === 'dadfailed')

function routeLine(route: Route, names: Names): string {
  const { to, type, metric, hops, nexthop } = route
  return words(
    type !== 'unicast' && `${type}`,
    to,
    wayWords(route, names),
    hops !== undefined && `hops ${hops.map((hop) => wayWords(hop, names)).join(', ')}`,
    nexthop !== undefined && `nexthop ${nexthop}`,
    metric > 0 && `metric ${metric}`,
  )
}

function wayWords({ via, link }: { via?: string | undefined; link?: number | undefined }, names: Names): string {
  return words(via !== undefined && `via ${via}`, link !== undefined && `dev ${nameOf(names, link)}`)
}

function neighborLine({ address, link, mac, state }: Neighbor, names: Names): string {
  return words(address, `dev ${nameOf(names, link)}`, mac, `${state}`)
}

function words(...parts: (string | number | false | undefined)[]): string {
  return parts.filter((part) => part !== false && part !== undefined && part !== '').join(' ')
}
