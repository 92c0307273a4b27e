// @ts-check

import assert from 'node:assert/strict'
import { host, identity, pathsOf } from './contents.mjs'

/** @type {import('../types.js').Verify} */
export async function verifySocket(ask, { outside }) {
  const [path = ''] = pathsOf(await ask('hold'))
  assert.equal(identity(path) === host, outside === true, 'a namespace that is not the host')
  assert.equal(await ask('where'), identity(path), 'the socket is in the namespace')
  await ask('drop')
}
