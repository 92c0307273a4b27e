// @ts-check
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { useNamespace, useNamespaces, usePair } from 'linux-namespaces/node-test'

/** @type {import('linux-namespaces').Namespace | undefined} */
let first

test('a namespace', async (t) => {
  first = await useNamespace(t, { sysctl: { 'net.ipv4.ip_forward': 1 } })
  assert.equal(await first.sysctl.get('net.ipv4.ip_forward'), '1')
})

test('is closed with its test', () => assert.equal(first?.closed, true))

test('a pair', async (t) => {
  const { left, right } = await usePair(t)
  const server = createServer((request, response) => response.end(request.socket.remoteAddress))
  await left.listen(server, { host: '10.0.0.1', port: 80 })
  assert.equal(await (await right.fetch('http://10.0.0.1/')).text(), '10.0.0.2')
  server.close()
})

test('as many as it likes', async (t) => {
  const namespaces = useNamespaces(t)
  const [a, b] = await Promise.all([namespaces.create(), namespaces.create()])
  assert.notEqual(a.inode(), b.inode())
})
