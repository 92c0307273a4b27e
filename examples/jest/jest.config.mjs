// @ts-check
// In a project of yours the names are enough: 'linux-namespaces/jest' and 'linux-namespaces/jest/runner'.
import { fileURLToPath } from 'node:url'

export default {
  testMatch: ['**/*.test.cjs'],
  transform: {},
  // `namespaces` in every test.
  testEnvironment: fileURLToPath(import.meta.resolve('linux-namespaces/jest')),
  // Each test file in a network namespace of its own.
  runner: fileURLToPath(import.meta.resolve('linux-namespaces/jest/runner')),
}
