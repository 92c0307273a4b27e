// @ts-check

import assert from 'node:assert/strict'
import { connected, contents, host, identity, lookInto, pathsOf } from './contents.mjs'

/** @param {string} path */
function hubContents(path) {
  return lookInto(path, async ({ links, addresses }) => {
    const bridge = (await links.list({ kind: 'bridge' }))[0]
    const ports = bridge === undefined ? [] : await links.list({ master: bridge, kind: 'veth' })
    return {
      bridgeUp: bridge?.isUp,
      addresses: (await addresses.list({ family: 'inet' })).flatMap(({ link, cidr }) =>
        link === bridge?.index ? [cidr] : [],
      ),
      ports: ports.filter(({ isUp, flags }) => isUp && flags.includes('lowerUp')).length,
    }
  })
}

/**
 * @param {number} leaves
 * @returns {import('../types.js').Verify}
 */
export const verifyStar = (leaves) => async (ask) => {
  const [hub = '', ...others] = pathsOf(await ask('hold'))
  assert.equal(others.length, leaves)
  assert.equal(new Set([host, hub, ...others].map((path) => (path === host ? host : identity(path)))).size, leaves + 2)
  assert.deepEqual(await hubContents(hub), { bridgeUp: true, addresses: ['10.0.0.1/16'], ports: leaves })
  for (const [i, path] of others.entries()) {
    const addresses = [`10.0.${(i + 2) >> 8}.${(i + 2) & 255}/16`]
    assert.deepEqual(await contents(path), { ...connected, addresses, gateways: ['10.0.0.1'] })
  }
  await ask('drop')
}
