import type { TestEvents, TestResult } from '@jest/test-result'

type Failure = TestEvents['test-file-failure'][1]

/** What the process of a file says beside the events. */
export type Answer = { result: TestResult } | { error: Failure }

/** An error as Jest reports it. */
export function failureOf(error: unknown): Failure {
  const { code, message, stack } = error as Failure
  return { code, message, stack, type: 'Error' }
}
