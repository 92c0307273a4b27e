// @ts-check
// One dump after the other, each with a filter; prints how many entries each gave.
import { Namespace } from 'linux-namespaces'

const ns = await Namespace.create()
const link = await ns.links.create({
  kind: 'veth',
  name: 'a',
  addresses: ['10.0.0.1/24', 'fd00::1/64'],
  peer: { name: 'b' },
})
const bridge = await ns.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.1.0.1/24', 'fd01::1/64'] })
await ns.links.create({ kind: 'veth', name: 'c', master: bridge, peer: { name: 'd' } })
await ns.routes.add([
  { to: '10.2.0.0/16', link, protocol: 'static' },
  { to: '10.3.0.0/16', link: bridge },
  { to: '10.4.0.0/16', type: 'blackhole' },
  { to: '10.5.0.0/16', link, table: 100 },
  { to: 'fd05::/64', link, table: 100 },
])
await ns.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link })
await ns.neighbors.add({ address: '10.1.0.9', mac: '02:00:00:00:00:0a', link: bridge })
await ns.neighbors.add({ address: 'fd01::9', mac: '02:00:00:00:00:0b', link: bridge })

const family = /** @type {const} */ ('inet')
console.log(
  JSON.stringify([
    (await ns.links.list()).length,
    (await ns.links.list({ kind: 'bridge' })).length,
    (await ns.links.list({ master: bridge })).length,
    (await ns.addresses.list({ family, link })).length,
    (await ns.addresses.list({ family })).length,
    (await ns.routes.list({ family, table: 100 })).length,
    (await ns.routes.list({ family, link: bridge })).length,
    (await ns.routes.list({ family, protocol: 'static' })).length,
    (await ns.routes.list({ family, type: 'blackhole' })).length,
    (await ns.neighbors.list({ link })).length,
    (await ns.neighbors.list({ link: bridge, family })).length,
  ]),
)
ns.close()
