// Events of a watch in words, and what they add up to.
import type { Namespace, NetworkEvent, NetworkWatch } from 'linux-namespaces'

/** `'link eth0'`, `'address 10.0.0.1/24'`, `'route 10.1.0.0/16 via 10.0.0.2'`, `'neighbor 10.0.0.9'`, … */
export function subject(event: NetworkEvent): string {
  switch (event.type) {
    case 'link':
      return `link ${event.link.name}`
    case 'address':
      return `address ${event.address.cidr}`
    case 'route': {
      const hops = event.route.message.multipath?.map(({ gateway }) => gateway) ?? [event.route.via]
      return `route ${event.route.to} via ${hops.sort().join()}`
    }
    case 'neighbor':
      return `neighbor ${event.neighbor.address}`
    case 'nexthop':
      return `nexthop ${event.nexthop.id}`
    case 'rule':
      return `rule ${event.rule.family} ${event.rule.priority}`
    default:
      return ''
  }
}

/** `'add link eth0'`, `'resync'`. */
export function words(event: NetworkEvent): string {
  return `${event.event} ${subject(event)}`.trim()
}

/** The events up to the first one of these words, that one included. */
export async function upTo(watch: NetworkWatch, last: string): Promise<NetworkEvent[]> {
  const events: NetworkEvent[] = []
  for (;;) {
    const { value, done } = await watch.next()
    if (done || value === undefined) throw new Error(`it ended before '${last}': ${events.map(words).join(', ')}`)
    events.push(value)
    if (words(value) === last) return events
  }
}

/** The words of those whose words contain one of these texts. */
export function about(events: NetworkEvent[], ...texts: string[]): string[] {
  return events.map(words).filter((each) => texts.some((text) => each.includes(text)))
}

/** What there is, by the events; fails when one is told twice. */
export class Ledger {
  readonly entries = new Map<string, string>()
  resyncs = 0

  take(event: NetworkEvent): void {
    if (event.event === 'resync') {
      this.resyncs++
      this.entries.clear()
      return
    }
    const [key, value] = entry(event)
    const known = this.entries.has(key)
    if (event.event === 'add' && known) throw new Error(`told twice: ${words(event)}`)
    if (event.event !== 'add' && !known) throw new Error(`told of before it was added: ${words(event)}`)
    if (event.event === 'delete') this.entries.delete(key)
    else this.entries.set(key, value)
  }
}

function entry(event: Exclude<NetworkEvent, { event: 'resync' }>): [string, string] {
  switch (event.type) {
    case 'link':
      return [`link ${event.link.index}`, `${event.link.name} ${event.link.mtu}`]
    case 'address': {
      const { cidr, link, flags } = event.address
      return [`address ${link} ${cidr}`, flags.join()]
    }
    case 'route': {
      const { to, table, link, metric } = event.route
      return [`route ${to} ${table} ${link} ${metric}`, event.route.via ?? '']
    }
    case 'neighbor':
      return [`neighbor ${event.neighbor.link} ${event.neighbor.address}`, event.neighbor.mac ?? '']
    case 'nexthop': {
      const { id, via, link, group } = event.nexthop
      return [`nexthop ${id}`, JSON.stringify([via, link, group])]
    }
    case 'rule': {
      const { family, priority, from, fwmark, table, action } = event.rule
      return [`rule ${family} ${priority} ${from} ${fwmark}`, `${action} ${table}`]
    }
  }
}

/** The same as {@link Ledger.entries}, by fresh lists. */
export async function listed(ns: Namespace): Promise<Map<string, string>> {
  const [links, addresses, routes, neighbors, nexthops, rules] = await Promise.all([
    ns.links.list(),
    ns.addresses.list(),
    ns.routes.list({ table: 'all' }),
    ns.neighbors.list(),
    ns.nexthops.list(),
    ns.rules.list(),
  ])
  return new Map([
    ...links.map((link) => entry({ event: 'add', type: 'link', link })),
    ...addresses.map((address) => entry({ event: 'add', type: 'address', address })),
    ...routes.map((route) => entry({ event: 'add', type: 'route', route })),
    ...neighbors.map((neighbor) => entry({ event: 'add', type: 'neighbor', neighbor })),
    ...nexthops.map((nexthop) => entry({ event: 'add', type: 'nexthop', nexthop })),
    ...rules.map((rule) => entry({ event: 'add', type: 'rule', rule })),
  ])
}

/** Has `ip` make many changes in one go. */
export async function ipBatch(ns: Namespace, lines: readonly string[]): Promise<void> {
  const script = `printf '%s\\n' "$1" | ip -batch -`
  await ns.execFile('sh', ['-c', script, 'sh', lines.join('\n')])
}
