/**
 * Namespaces for tests with vitest. The pool that runs each test file in a namespace of its own is in `linux-namespaces/vitest/pool`.
 *
 * @packageDocumentation
 */
export { type NamespacePair, Namespaces, type PairOptions } from '../testing/namespaces.js'
export { RequirementError } from '../testing/requirement.js'
export {
  type FixtureDefinitions,
  type FixtureScope,
  type NamespaceFixtures,
  namespaceFixtures,
  namespaceTest,
  test,
} from './fixtures.js'
