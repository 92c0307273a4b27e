// @ts-check

import assert from 'node:assert/strict'
import { connected, contents, host, identity, pathsOf } from './contents.mjs'

/** @type {import('../types.js').Verify} */
export async function verifyPair(ask) {
  const [a = '', b = ''] = pathsOf(await ask('hold'))
  assert.equal(new Set([identity(a), identity(b), host]).size, 3, 'two namespaces, and neither is the host')
  assert.deepEqual(await contents(a), { ...connected, addresses: ['10.0.0.1/24'], gateways: [] })
  assert.deepEqual(await contents(b), { ...connected, addresses: ['10.0.0.2/24'], gateways: ['10.0.0.1'] })
  await ask('drop')
}
