import { expect, test } from 'vitest'
import { answers, installed, service } from '../helpers/service.js'
import { useStacks } from '../helpers/stacks.js'

const stacks = useStacks()
const amount = 10 * 2 ** 20

test.each([
  ['there', []],
  ['back', ['-R']],
])('iperf3 carries 10 MiB from one namespace to another, %s', async (_, direction) => {
  const program = await installed('iperf3', 'iperf3')
  await using _server = await service(stacks.blue, program, ['-s', '--bind', '10.0.0.1'], () =>
    answers(stacks.red, '10.0.0.1', 5201),
  )
  const before = await stacks.red.links.get('eth0')
  const { stdout } = await stacks.red.execFile(program, ['-c', '10.0.0.1', '-n', `${amount}`, '-J', ...direction])
  const { end } = JSON.parse(stdout)
  expect(end.sum_sent.bytes).toBeGreaterThanOrEqual(amount)
  expect(end.sum_received.bytes).toBeGreaterThan(0)
  // It went over the cable.
  const after = await stacks.red.links.get('eth0')
  const bytes = (counted: keyof NonNullable<typeof before.stats>) =>
    Number(after.stats?.[counted]) - Number(before.stats?.[counted])
  expect(bytes(direction.length === 0 ? 'txBytes' : 'rxBytes')).toBeGreaterThanOrEqual(end.sum_received.bytes)
})
