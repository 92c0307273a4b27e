import type { TestEvents } from 'jest-runner'

type Failure = TestEvents['test-file-failure'][1]

/** What a file's tests have come to. */
export type TestResult = TestEvents['test-file-success'][1]

/** What the process of a file says beside the events. */
export type Answer = { result: TestResult } | { error: Failure }

/** An error as Jest reports it. */
export function failureOf(error: unknown): Failure {
  const { code, message, stack } = error as Failure
  return { code, message, stack, type: 'Error' }
}
