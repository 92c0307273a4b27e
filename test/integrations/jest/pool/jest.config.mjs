// @ts-check
import { fileURLToPath } from 'node:url'

export default {
  testMatch: ['**/*.case.cjs'],
  transform: {},
  maxWorkers: 2,
  // In a project that has the package installed: 'linux-namespaces/jest/runner'.
  runner: fileURLToPath(import.meta.resolve('linux-namespaces/jest/runner')),
}
