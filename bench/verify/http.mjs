// @ts-check

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { host, identity, lookInto, pathsOf } from './contents.mjs'

/**
 * The established connections in a namespace, as /proc/net/tcp writes them: '0100000A:0050 0200000A:9C40'.
 *
 * @param {string} path
 */
async function connectionsIn(path) {
  const table =
    identity(path) === host
      ? readFileSync('/proc/self/net/tcp', 'utf8')
      : await lookInto(path, async (namespace) => (await namespace.execFile('cat', ['/proc/net/tcp'])).stdout)
  return Array.from(table.matchAll(/^\s*\d+: (\S+ \S+) 01 /gm), ([, ends]) => ends)
}

/** @param {string} end '10.0.0.1:80' */
function asInTable(end) {
  const [address = '', port] = end.split(':')
  const hex = (/** @type {string} */ text, /** @type {number} */ width) =>
    Number(text).toString(16).toUpperCase().padStart(width, '0')
  const bytes = address.split('.').map((byte) => hex(byte, 2))
  return `${bytes.reverse().join('')}:${hex(port ?? '', 4)}`
}

/**
 * The peer answers `hold` with the namespaces of its server and of its clients, and `where` with the ends of a connection.
 *
 * @type {import('../types.js').Verify}
 */
export async function verifyHttp(ask, { outside }) {
  const [server = '', client = ''] = pathsOf(await ask('hold'))
  for (const path of [server, client])
    assert.equal(identity(path) === host, outside === true, 'a namespace that is not the host')
  const [near = '', far = ''] = (await ask('where')).split(' ').map(asInTable)
  assert.ok((await connectionsIn(server)).includes(`${near} ${far}`), 'the server is in its namespace')
  assert.ok((await connectionsIn(client)).includes(`${far} ${near}`), 'the client is in its namespace')
  await ask('drop')
}
