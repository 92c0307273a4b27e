// The process of one test file, inside of its namespace: Jest's own worker, without the pool that it usually belongs to.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Answer, failureOf, type TestResult } from './failure.js'

interface Order {
  setup: unknown
  file: unknown
}

interface JestWorker {
  setup(data: unknown): Promise<void>
  worker(data: unknown): Promise<TestResult>
}

const require = createRequire(import.meta.url)
// Not among its exports: found by its place.
const { setup, worker }: JestWorker = require(
  join(dirname(require.resolve('jest-runner/package.json')), 'build', 'testWorker.js'),
)

process.once('message', async (order: Order) => {
  let answer: Answer
  try {
    await setup(order.setup)
    answer = { result: await worker(order.file) }
  } catch (error) {
    answer = { error: failureOf(error) }
  }
  process.send?.(answer)
})
