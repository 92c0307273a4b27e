// `ip -j` as the oracle: what it shows of a namespace, in the words of its JSON.
import type { Namespace } from 'linux-namespaces'

export interface IpAddress {
  family: 'inet' | 'inet6'
  local: string
  prefixlen: number
  scope: string
  address?: string
  label?: string
  broadcast?: string
  metric?: number
  nodad?: boolean
  tentative?: boolean
  noprefixroute?: boolean
}

export interface IpLink {
  ifindex: number
  ifname: string
  flags: string[]
  mtu: number
  operstate: string
  group: string
  link_type: string
  txqlen?: number
  address?: string
  master?: string
  link?: string
  link_index?: number
  link_netnsid?: number
  num_tx_queues?: number
  num_rx_queues?: number
  linkinfo?: { info_kind?: string; info_data?: Record<string, unknown> }
  stats64?: { rx: { packets: number; bytes: number }; tx: { packets: number; bytes: number } }
  addr_info?: IpAddress[]
}

export interface IpRoute {
  dst: string
  type?: string
  gateway?: string
  via?: { family: string; host: string }
  dev?: string
  protocol?: string
  scope?: string
  prefsrc?: string
  metric?: number
  table?: string
  flags: string[]
  metrics?: { mtu?: number }[]
}

export interface IpNeighbor {
  dst: string
  dev: string
  lladdr?: string
  state: string[]
}

/** Whatever `ip -j` shows for these arguments. */
export async function ip<T>(ns: Namespace, args: string[]): Promise<T[]> {
  const { stdout } = await ns.execFile('ip', ['-j', ...args])
  const list: T[] = stdout.trim() === '' ? [] : JSON.parse(stdout)
  // A filter leaves empty objects where it left something out.
  return list.filter((entry) => Object.keys(entry as object).length > 0)
}

export const ipLinks = (ns: Namespace, ...args: string[]) => ip<IpLink>(ns, ['-d', '-s', 'link', 'show', ...args])

/** One link, which is there. */
export async function ipLink(ns: Namespace, name: string): Promise<IpLink> {
  const link = (await ipLinks(ns)).find(({ ifname }) => ifname === name)
  if (link === undefined) throw new Error(`ip shows no link '${name}'`)
  return link
}

/** The addresses of a link, of both families, without the ones that the kernel makes up for IPv6. */
export async function ipAddresses(ns: Namespace, name: string): Promise<IpAddress[]> {
  const [link] = await ip<IpLink>(ns, ['address', 'show', 'dev', name])
  return (link?.addr_info ?? []).filter(({ local }) => !local.startsWith('fe80:'))
}

export const ipRoutes = (ns: Namespace, ...args: string[]) => ip<IpRoute>(ns, ['-4', 'route', 'show', ...args])
export const ipRoutes6 = (ns: Namespace, ...args: string[]) => ip<IpRoute>(ns, ['-6', 'route', 'show', ...args])
export const ipNeighbors = (ns: Namespace, ...args: string[]) => ip<IpNeighbor>(ns, ['neigh', 'show', ...args])
