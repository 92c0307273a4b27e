// @ts-check

import assert from 'node:assert/strict'
import { lookInto, pathsOf } from './contents.mjs'

/** @typedef {import('linux-namespaces').Route} Route */

/**
 * What every route has but its destination, which is read from all of them.
 *
 * @param {string} path
 */
async function routesIn(path) {
  const found = await lookInto(path, async ({ links, routes }) => {
    const { index } = await links.get('eth0')
    return (await routes.list({ family: 'inet', link: index })).filter(({ to }) => to.startsWith('11.'))
  })
  return { destinations: new Set(found.map(({ to }) => to)), found }
}

/**
 * @param {number} count
 * @param {(route: Route) => object} rest
 * @param {object} expected
 * @param {string} path
 */
async function check(count, rest, expected, path) {
  const { destinations, found } = await routesIn(path)
  assert.equal(found.length, count)
  for (let i = 0; i < count; i++) {
    const to = `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
    if (!destinations.has(to)) assert.fail(`no route to ${to}`)
  }
  const others = found.map(rest).filter((each) => JSON.stringify(each) !== JSON.stringify(expected))
  assert.deepEqual(others, [])
}

/**
 * After adding.
 *
 * @param {number} count
 * @returns {import('../types.js').Verify}
 */
export const verifyRun = (count) => async (ask) => {
  const [path = ''] = pathsOf(await ask('hold'))
  await ask('run')
  await check(count, ({ via, scope }) => ({ via, scope }), { via: undefined, scope: 'link' }, path)
  await ask('drop')
}

/**
 * What there is to be read. That the peer reads all of it, its program sees to.
 *
 * @param {number} count
 * @returns {import('../types.js').Verify}
 */
export const verifyRoutes = (count) => async (ask) => {
  const [path = ''] = pathsOf(await ask('hold'))
  await check(count, ({ via, metric }) => ({ via, metric }), { via: '10.0.0.2', metric: 100 }, path)
  await ask('drop')
}
