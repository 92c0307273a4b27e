// @ts-check

import assert from 'node:assert/strict'
import { host } from './contents.mjs'

/**
 * @param {number} files
 * @returns {import('../types.js').Verify}
 */
export const verifyTestFile =
  (files) =>
  async (ask, { outside }) => {
    /** @type {{ namespaces: { namespace: string }[] }} */
    const { namespaces } = JSON.parse(await ask('where'))
    const found = namespaces.map(({ namespace }) => namespace)
    assert.equal(found.length, files)
    if (outside) assert.deepEqual(new Set(found), new Set([host]))
    else assert.equal(new Set([host, ...found]).size, files + 1, 'a namespace for each file')
  }
