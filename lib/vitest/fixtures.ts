import { test as base, type TestAPI, type TestContext } from 'vitest'
import type { CreateOptions } from '../namespace/create.js'
import type { Namespace } from '../namespace/namespace.js'
import { attach, type NamespacePair, Namespaces, type PairOptions } from '../testing/namespaces.js'

/** What a test asks for by name. */
export interface NamespaceFixtures {
  /** A fresh namespace. */
  namespace: Namespace
  /** Two of them with a cable between. */
  pair: NamespacePair
  /** Makes as many as a test likes, closes them, and skips the test for what this machine lacks. */
  namespaces: Namespaces
  /** The options of `namespace`; changed by `test.override({ namespaceOptions: { … } })`. */
  namespaceOptions: CreateOptions
  /** The options of `pair`. */
  pairOptions: PairOptions
}

/** For how long the fixtures live: a test each, all tests of a file, or all files of a worker. */
export type FixtureScope = 'test' | 'file' | 'worker'

type Use<T> = (value: T) => Promise<void>
type Fixture<T, Needs> = [(needs: Needs, use: Use<T>) => Promise<void>, { scope: FixtureScope }]
type Report = [
  (context: Pick<TestContext, 'task' | 'skip'> & { namespaces: Namespaces }, use: Use<void>) => Promise<void>,
  { auto: true },
]

/** Fixtures for `test.extend`. */
export interface FixtureDefinitions {
  namespaceOptions: [CreateOptions, { scope: FixtureScope }]
  pairOptions: [PairOptions, { scope: FixtureScope }]
  namespaces: Fixture<Namespaces, Pick<NamespaceFixtures, 'namespaceOptions'>>
  namespaceReport: Report
  namespace: Fixture<Namespace, Pick<NamespaceFixtures, 'namespaces' | 'namespaceOptions'>>
  pair: Fixture<NamespacePair, Pick<NamespaceFixtures, 'namespaces' | 'pairOptions'>>
}

/**
 * The fixtures `namespace`, `pair` and `namespaces` for a `test` of your own. They are closed at the end of their scope. When a test
 * fails, what they look like is added to its error, and to `task.meta.namespaces` for reporters.
 *
 * @param options `scope`: for how long they live, `'test'` by default; other scopes at the top level of a file only
 * @example
 * const test = base.extend<NamespaceFixtures>(namespaceFixtures({ scope: 'file' }))
 */
export function namespaceFixtures({ scope = 'test' }: { scope?: FixtureScope } = {}): FixtureDefinitions {
  return {
    namespaceOptions: [{}, { scope }],
    pairOptions: [{}, { scope }],
    namespaces: [
      // vitest reads the names from its parameters: there must be one.
      async ({ namespaceOptions: _ }, use) => {
        using namespaces = new Namespaces()
        await use(namespaces)
      },
      { scope },
    ],
    // Before the others: what they lack skips the test that asks for them.
    namespaceReport: [
      async ({ task, skip, namespaces }, use) => {
        namespaces.skipWith((reason) => skip(reason))
        await use()
        const error = task.result?.state === 'fail' ? task.result.errors?.at(-1) : undefined
        if (error === undefined) return
        const text = await namespaces.describe()
        if (text === '') return
        Object.assign(task.meta, { namespaces: text })
        attach(error, text)
      },
      { auto: true },
    ],
    namespace: [
      async ({ namespaces, namespaceOptions }, use) => use(await namespaces.create(namespaceOptions)),
      { scope },
    ],
    pair: [async ({ namespaces, pairOptions }, use) => use(await namespaces.pair(pairOptions)), { scope }],
  }
}

/**
 * vitest's `test` with the fixtures of {@link namespaceFixtures}: for a scope other than `'test'`.
 *
 * @example
 * const test = namespaceTest({ scope: 'file' })
 */
export function namespaceTest(options: { scope?: FixtureScope } = {}): TestAPI<NamespaceFixtures> {
  return base.extend<NamespaceFixtures>(namespaceFixtures(options))
}

/**
 * vitest's `test` with the fixtures `namespace`, `pair` and `namespaces`, made for each test that asks for them.
 *
 * @example
 * test('answers', async ({ pair: { left, right } }) => {
 *   await left.listen(server, { port: 80 })
 *   expect(await (await right.fetch('http://10.0.0.1')).text()).toBe('hello')
 * })
 */
export const test: TestAPI<NamespaceFixtures> = namespaceTest()
