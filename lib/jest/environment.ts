/**
 * Namespaces for tests with Jest: an environment. The runner that gives each test file a namespace of its own is
 * `linux-namespaces/jest/runner`.
 *
 * @packageDocumentation
 */
import { TestEnvironment } from 'jest-environment-node'
import { attach, type NamespacePair, Namespaces, type PairOptions } from '../testing/namespaces.js'
import { RequirementError, requireAll } from '../testing/requirement.js'

export { type NamespacePair, Namespaces, type PairOptions, RequirementError }

// Of Jest's types only those that packages beside this one have: not each package manager puts the others within reach.
type Arguments = ConstructorParameters<typeof TestEnvironment>

/** What Jest's runner tells of a test. */
interface TestEvent {
  name: string
  error?: unknown
  test?: { name: string; errors: unknown[]; status?: unknown }
}

/**
 * Jest's environment 'node' with a global `namespaces`, a new one for each test: what is made by it is closed with the test, and
 * described in the error of a test that fails. A test that asks for what this machine lacks is skipped, or fails with the
 * environment variable `REQUIRE_ALL=1`.
 *
 * @example
 * // jest.config.js: { testEnvironment: 'linux-namespaces/jest' }
 * test('answers', async () => {
 *   const { left, right } = await namespaces.pair()
 * })
 */
export default class NamespaceEnvironment extends TestEnvironment {
  // What is made outside of a test, in `beforeAll` for instance, is there for all of the file.
  readonly #ofFile = new Namespaces()
  #ofTest: Namespaces | undefined
  #missing: RequirementError | undefined

  constructor(...[config, context]: Arguments) {
    super(config, context)
    this.#show(this.#ofFile)
  }

  /** @internal */
  async handleTestEvent(event: TestEvent): Promise<void> {
    if (event.name === 'test_start') this.#start()
    else if (event.name === 'test_fn_failure' || event.name === 'hook_failure') await this.#failed(event.error)
    else if (event.name === 'test_done' && event.test) this.#done(event.test)
  }

  override async teardown(): Promise<void> {
    this.#ofTest?.close()
    this.#ofFile.close()
    await super.teardown()
  }

  #show(namespaces: Namespaces): void {
    const global: Record<string, unknown> = this.global
    global.namespaces = namespaces
  }

  #start(): void {
    this.#missing = undefined
    this.#ofTest = new Namespaces()
    this.#show(this.#ofTest)
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof RequirementError && !requireAll()) this.#missing = error
    else if (typeof error === 'object' && error !== null) {
      const texts = await Promise.all([this.#ofFile.describe(), this.#ofTest?.describe() ?? ''])
      const text = texts.filter((part) => part !== '').join('\n')
      if (text !== '') attach(error, text)
    }
  }

  #done(test: NonNullable<TestEvent['test']>): void {
    this.#ofTest?.close()
    this.#show(this.#ofFile)
    if (this.#missing === undefined) return
    // Jest knows no other way to skip a test that has begun.
    test.errors = []
    test.status = 'skip'
    process.stderr.write(`skipped '${test.name}': ${this.#missing.message}\n`)
  }
}
