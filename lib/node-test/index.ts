/**
 * Namespaces for tests with node:test.
 *
 * @packageDocumentation
 */
import type { TestContext } from 'node:test'
import type { CreateOptions } from '../namespace/create.js'
import type { Namespace } from '../namespace/namespace.js'
import { type NamespacePair, Namespaces, type PairOptions } from '../testing/namespaces.js'
import { RequirementError, requireAll } from '../testing/requirement.js'

export { type NamespacePair, Namespaces, type PairOptions, RequirementError }

// What a context has known since Node 20.12 when its test has ended.
type Ended = TestContext & { readonly passed?: boolean }

/**
 * The namespaces of a test: made as it likes, closed when it has ended. When it fails, what they look like is added to its report,
 * as diagnostics.
 *
 * @example
 * test('routes', async (t) => {
 *   const namespaces = useNamespaces(t)
 *   const router = await namespaces.create({ sysctl: { 'net.ipv4.ip_forward': 1 } })
 * })
 */
export function useNamespaces(t: TestContext): Namespaces {
  const namespaces = new Namespaces()
  t.after(async () => {
    if ((t as Ended).passed === false) {
      const text = await namespaces.describe()
      if (text !== '') for (const line of ['namespaces when the test failed:', ...text.split('\n')]) t.diagnostic(line)
    }
    namespaces.close()
  })
  return namespaces
}

/**
 * A namespace for a test, with the options of {@link Namespace.create}.
 *
 * @throws RequirementError where this process may make none
 * @example
 * const ns = await useNamespace(t)
 */
export function useNamespace(t: TestContext, options?: CreateOptions): Promise<Namespace> {
  return useNamespaces(t).create(options)
}

/**
 * Two namespaces for a test, with a cable between.
 *
 * @throws RequirementError where this process may make none
 * @example
 * const { left, right } = await usePair(t)
 */
export function usePair(t: TestContext, options?: PairOptions): Promise<NamespacePair> {
  return useNamespaces(t).pair(options)
}

/**
 * A test that is skipped where this machine lacks what it needs: permission to make namespaces, or what it has asked for by
 * {@link Namespaces.need}. The reason names the fix. With the environment variable `REQUIRE_ALL=1` it fails instead.
 *
 * @example
 * test('a VLAN', skipMissing(async (t) => {
 *   const namespaces = useNamespaces(t)
 *   const ns = await namespaces.create()
 *   await namespaces.need(ns.links.create({ kind: 'vlan', link: 'eth0', id: 5 }))
 * }))
 */
export function skipMissing(test: (t: TestContext) => void | Promise<void>): (t: TestContext) => Promise<void> {
  // Node counts a test as failed that throws, also when it has said that it is skipped.
  return async (t) => {
    try {
      await test(t)
    } catch (error) {
      if (requireAll() || !(error instanceof RequirementError)) throw error
      t.skip(error.message)
    }
  }
}
