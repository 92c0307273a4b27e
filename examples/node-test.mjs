// @ts-check
// Namespaces in tests with node:test: `node --test examples/node-test.mjs`.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { skipMissing, useNamespaces, usePair } from 'linux-namespaces/node-test'

test('a client in one namespace asks a server in another', async (t) => {
  const { left, right } = await usePair(t)
  const server = createServer((request, response) => response.end(`hello ${request.socket.remoteAddress}`))
  await left.listen(server, { host: '10.0.0.1', port: 80 })
  const response = await right.fetch('http://10.0.0.1/')
  assert.equal(await response.text(), 'hello 10.0.0.2')
  server.close()
})

test(
  'a bridge, where the kernel has them',
  skipMissing(async (t) => {
    const namespaces = useNamespaces(t)
    const ns = await namespaces.create()
    const bridge = await namespaces.need(ns.links.create({ kind: 'bridge', name: 'br0' }))
    assert.equal(bridge.kind, 'bridge')
  }),
)
