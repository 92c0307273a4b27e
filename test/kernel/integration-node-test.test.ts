import type { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { namespaceWithout, runNode } from '../helpers/runner.js'

const nodeTest = (file: string, env: NodeJS.ProcessEnv = {}, ns?: Namespace) =>
  runNode('test/integrations/node-test', ['--test', '--test-reporter=tap', `${file}.test.mjs`], env, ns)

test('namespaces for node:test are made for a test and closed with it', async () => {
  const { status, output } = await nodeTest('passing')
  expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('\n# pass 4\n') })
})

test('a failing test of node:test tells what its namespaces looked like', async () => {
  const { status, output } = await nodeTest('failing')
  expect(status).toBe(1)
  expect(output).toMatch(/^# namespaces when the test failed:\n# namespace net:/m)
  expect(output).toContain('\n#     default via 10.0.0.2 dev eth0\n')
  expect(output).toContain("error: 'something else'")
})

test('a test of node:test is skipped for what this machine lacks, or fails where all is required', async () => {
  const skipped = await nodeTest('missing')
  expect(skipped.output).toMatch(/^ok 1 - a link of no kind # SKIP The kernel lacks what the test needs: .*nonesuch/m)
  expect(skipped.status).toBe(0)
  const failed = await nodeTest('missing', { REQUIRE_ALL: '1' })
  expect(failed.output).toMatch(/^not ok 1 - a link of no kind\n/m)
  expect(failed.output).toContain('ERR_NAMESPACE_REQUIREMENT')
  expect(failed.status).toBe(1)
})

test('where no namespace may be made, a test of node:test is skipped, and the reason says so', async () => {
  await using ns = await namespaceWithout()
  const { status, output } = await nodeTest('missing', {}, ns)
  expect(output).toMatch(
    /^ok 1 - a link of no kind # SKIP This process may not do what the test needs: ENOSPC.*user\.max_net_namespaces/m,
  )
  expect(status).toBe(0)
})
