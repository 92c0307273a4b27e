// @ts-check

import assert from 'node:assert/strict'
import { host, identity, pathsOf } from './contents.mjs'

/** @type {import('../types.js').Verify} */
export async function verifyExec(ask, { outside }) {
  const [path = ''] = pathsOf(await ask('hold'))
  const expected = identity(path)
  assert.equal(expected === host, outside === true, 'a namespace that is not the host')
  assert.equal(await ask('where'), expected, 'the command ran in the namespace')
  await ask('drop')
}
