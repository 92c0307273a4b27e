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
    // One that is gone may leave its number to the next: what tells is that none is the host's.
    for (const namespace of found)
      assert.equal(namespace === host, outside === true, 'a namespace that is not the host')
  }
