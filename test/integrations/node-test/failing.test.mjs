// @ts-check
import { test } from 'node:test'
import { usePair } from 'linux-namespaces/node-test'

test('fails with a pair', async (t) => {
  const { left } = await usePair(t)
  await left.routes.add({ to: 'default', via: '10.0.0.2' })
  throw new Error('something else')
})
