// HTTP to names: they are looked up inside, by all that makes connections for requests.
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { LookupFunction } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { closed, useStacks } from '../helpers/stacks.js'

const stacks = useStacks()

const serve = async () => {
  const server = createServer((request, response) => response.end(request.headers.host))
  await stacks.red.listen(server, { host: '127.0.0.1', port: 80 })
  return server
}

const toLoopback: LookupFunction = (_, { all }, done) => {
  if (all) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}

test('a name is looked up in the namespace', async () => {
  const server = await serve()
  expect(await (await stacks.red.fetch('http://localhost/')).text()).toBe('localhost')
  await expect(stacks.blue.fetch('http://localhost/')).rejects.toMatchObject({ message: 'fetch failed' })
  stacks.red.close()
  await closed(server)
})

test('a lookup function of a request or a dispatcher is used', async () => {
  const server = await serve()
  const agent = stacks.red.httpAgent()
  const [response] = await once(get({ host: 'blue.test', agent, lookup: toLoopback }), 'response')
  expect(await text(response)).toBe('blue.test')
  const dispatcher = stacks.red.dispatcher({ connect: { lookup: toLoopback } })
  expect(await (await stacks.red.fetch('http://red.test/', { dispatcher })).text()).toBe('red.test')
  agent.destroy()
  await dispatcher.close()
  await closed(server)
})
