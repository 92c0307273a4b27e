// @ts-check

import assert from 'node:assert/strict'
import { lookInto, pathsOf } from './contents.mjs'

/**
 * What there is to be read. That the peer reads all of it, its program sees to.
 *
 * @param {number} pairs
 * @returns {import('../types.js').Verify}
 */
export const verifyLinks = (pairs) => async (ask) => {
  const [path = ''] = pathsOf(await ask('hold'))
  const links = await lookInto(path, (namespace) => namespace.links.list({ kind: 'veth' }))
  const expected = Array.from({ length: pairs }, (_, i) => [`a${i}`, `b${i}`]).flat()
  assert.deepEqual(new Set(links.map(({ name }) => name)), new Set(expected))
  await ask('drop')
}
