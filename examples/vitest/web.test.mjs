// @ts-check
import { createServer } from 'node:http'
import { test } from 'linux-namespaces/vitest'
import { expect } from 'vitest'

const hello = () => createServer((request, response) => response.end(`hello ${request.socket.remoteAddress}`))

test('a client in one namespace asks a server in another', async ({ pair: { left, right } }) => {
  const server = hello()
  await left.listen(server, { host: '10.0.0.1', port: 80 })
  const response = await right.fetch('http://10.0.0.1/')
  expect(await response.text()).toBe('hello 10.0.0.2')
  server.close()
})

test('port 80 of the file is its own', async () => {
  const server = hello()
  await new Promise((resolve) => server.listen(80, '127.0.0.1', () => resolve(undefined)))
  expect(await (await fetch('http://127.0.0.1/')).text()).toBe('hello 127.0.0.1')
  server.closeAllConnections()
  server.close()
})
