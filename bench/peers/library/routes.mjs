// @ts-check

import { holder, timed } from './held.mjs'
import { buildPair } from './pair.mjs'

/**
 * @typedef {import('linux-namespaces').Namespace} Namespace
 * @typedef {import('linux-namespaces').RouteOptions} RouteOptions
 */

/**
 * Host routes 11.0.0.0, 11.0.0.1, …
 *
 * @param {number} count
 * @param {Omit<RouteOptions, 'to'>} rest
 * @returns {RouteOptions[]}
 */
function routesLike(count, rest) {
  return Array.from({ length: count }, (_, i) => ({ to: `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`, ...rest }))
}

/**
 * @param {number} count
 * @param {(namespace: Namespace, routes: RouteOptions[]) => Promise<unknown>} add
 */
function adding(count, add) {
  const held = holder(buildPair)
  return {
    ...held.words,
    async run() {
      // The routes of the run before this one go with their link.
      const link = await held.first.links.get('eth0')
      await link.down()
      await link.up()
      const routes = routesLike(count, { link: link.index, scope: 'link' })
      return timed(() => add(held.first, routes))
    },
  }
}

/** @param {number} count */
export function addAsArray(count) {
  return adding(count, (namespace, routes) => namespace.routes.add(routes))
}

/** @param {number} count */
export function addEach(count) {
  return adding(count, (namespace, routes) => Promise.all(routes.map((route) => namespace.routes.add(route))))
}

/** @param {number} count */
export function dumpRoutes(count) {
  const held = holder(async () => {
    const [a, ...others] = await buildPair()
    if (a === undefined) throw new Error('there are two')
    const { index } = await a.links.get('eth0')
    await a.routes.add(routesLike(count, { via: '10.0.0.2', link: index, metric: 100 }))
    return [a, ...others]
  })
  return {
    ...held.words,
    async run() {
      let sum = 0
      let found = 0
      const result = await timed(async () => {
        const routes = await held.first.routes.list({ family: 'inet' })
        found = routes.length
        for (const { to, via, link, metric } of routes) sum += to.length + (via?.length ?? 0) + (link ?? 0) + metric
      })
      if (found <= count || sum === 0) throw new Error(`${found} routes`)
      return result
    },
  }
}
