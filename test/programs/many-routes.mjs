// @ts-check
// Adds 10,000 routes at once, every thousandth of which the kernel refuses; prints how each ended.
import { Namespace } from 'linux-namespaces'

const count = 10_000
await addRoutes(await Namespace.create())

/** @param {Namespace} ns */
async function addRoutes(ns) {
  const link = await ns.links.create({ kind: 'veth', name: 'eth0', addresses: ['10.0.0.1/24'], peer: { name: 'eth1' } })
  const routes = Array.from({ length: count }, (_, i) => {
    const to = `10.${1 + (i >> 8)}.${i & 255}.0/24`
    // This gateway cannot be reached.
    return i % 1000 === 999 ? { to, via: '192.0.2.1' } : { to, link }
  })
  const results = await Promise.allSettled(routes.map((route) => ns.routes.add(route)))
  const refused = results.flatMap((result, i) =>
    result.status === 'rejected' ? [{ i, code: result.reason.code, message: result.reason.message }] : [],
  )
  const listed = await ns.routes.list({ family: 'inet' })
  console.log(JSON.stringify({ refused, listed: listed.length }))
  ns.close()
}
