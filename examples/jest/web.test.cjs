// @ts-check
const { createServer } = require('node:http')
const { expect, test } = require('@jest/globals')

test('a client in one namespace asks a server in another', async () => {
  const { left, right } = await namespaces.pair()
  const server = createServer((request, response) => response.end(`hello ${request.socket.remoteAddress}`))
  await left.listen(server, { host: '10.0.0.1', port: 80 })
  const response = await right.fetch('http://10.0.0.1/')
  expect(await response.text()).toBe('hello 10.0.0.2')
  server.close()
})
