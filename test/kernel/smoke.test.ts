import { Namespace, VethPair } from 'linux-namespaces'
import { expect, test } from 'vitest'

test('two namespaces and a veth pair', async () => {
  using a = await Namespace.create()
  using b = await Namespace.create()
  const pair = await VethPair.create(
    { namespace: a, name: 'eth0', addresses: ['10.0.0.1/24'] },
    { namespace: b, name: 'eth0', addresses: ['10.0.0.2/24'] },
  )
  expect(pair.a.isUp).toBe(true)
  const { stdout } = await b.execFile('ping', ['-c1', '-W2', '10.0.0.1'])
  expect(stdout).toContain('1 received')
})
