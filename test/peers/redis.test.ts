// Redis in one namespace, and a client from npm whose connections are made from another.
import { AbstractConnector, Redis } from 'ioredis'
import type { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { answers, folder, installed, service } from '../helpers/service.js'
import { connectionsBegun } from '../helpers/sockets.js'
import { useStacks } from '../helpers/stacks.js'

const stacks = useStacks()

/** What ioredis makes its connections with, again when one has ended. */
function connectorIn(ns: Namespace) {
  return class extends AbstractConnector {
    constructor() {
      super(1000)
    }

    override async connect() {
      this.stream = await ns.connect({ host: '10.0.0.1', port: 6379 })
      return this.stream
    }
  }
}

async function redisServer(): Promise<AsyncDisposable> {
  const program = await installed('redis-server', 'redis-server')
  const directory = await folder()
  // Without a password it trusts its own address alone, unless it is told otherwise.
  const settings = ['--bind', '10.0.0.1', '--protected-mode', 'no', '--dir', directory.path]
  const options = [...settings, '--save', '', '--appendonly', 'no']
  return service(stacks.blue, program, options, () => answers(stacks.red, '10.0.0.1', 6379), directory)
}

test('a client sets, gets and is told in a namespace, and connects there again', async () => {
  await using _ = await redisServer()
  const client = new Redis({ Connector: connectorIn(stacks.red), retryStrategy: () => 10 })
  expect(await client.set('key', 'value')).toBe('OK')
  const numbers = Array.from({ length: 1000 }, (_, i) => i)
  await Promise.all(numbers.map((i) => client.set(`key${i}`, i)))
  expect(await client.mget(numbers.map((i) => `key${i}`))).toEqual(numbers.map(String))

  const listener = client.duplicate()
  await listener.subscribe('news')
  const told = new Promise((resolve) => listener.once('message', (_, message) => resolve(message)))
  await client.publish('news', 'hello')
  expect(await told).toBe('hello')

  const before = await connectionsBegun(stacks.red)
  const again = new Promise<void>((resolve) => client.once('ready', resolve))
  await listener.quit()
  client.disconnect(true)
  await again
  expect(await client.get('key')).toBe('value')
  expect(await connectionsBegun(stacks.red)).toBe(before + 1)
  expect(await client.client('LIST')).toContain(' addr=10.0.0.2:')
  await client.quit()
})

test('a client is told when its namespace is closed', async () => {
  await using _ = await redisServer()
  const client = new Redis({ Connector: connectorIn(stacks.red), maxRetriesPerRequest: 0, retryStrategy: () => null })
  const errors: unknown[] = []
  client.on('error', (error) => errors.push(error))
  const waiting = client.blpop('nothing', 0)
  await new Promise<void>((resolve) => client.once('ready', resolve))
  const ended = new Promise<void>((resolve) => client.once('end', resolve))
  stacks.red.close()
  await expect(waiting).rejects.toThrow()
  await ended
  await expect(client.get('key')).rejects.toThrow('Connection is closed')
})
