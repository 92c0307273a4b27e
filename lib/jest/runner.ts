/**
 * A runner for Jest that gives each test file a network namespace of its own.
 *
 * @packageDocumentation
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Config, Test, TestEvents, TestRunnerContext, TestWatcher } from 'jest-runner'
import { Namespace } from '../namespace/namespace.js'
import { requirementOf } from '../testing/requirement.js'
import { type Answer, failureOf, type TestResult } from './failure.js'

type Listener = (data: never) => void | Promise<void>

// What Jest's own worker says with its messageParent: 3, and an event of a test.
type Event = [kind: 3, event: [name: keyof TestEvents, data: unknown]]

/**
 * Runs each test file in a process of its own, in a fresh network namespace of its own: each can listen on port 80, and none
 * reaches the machine's network. As root and as an ordinary user, who is root in there.
 *
 * @example
 * // jest.config.js: { runner: 'linux-namespaces/jest/runner' }
 */
export default class NamespaceRunner {
  readonly supportsEventEmitters = true
  readonly #config: Config.GlobalConfig
  readonly #context: TestRunnerContext
  readonly #listeners = new Map<string, Set<Listener>>()

  constructor(config: Config.GlobalConfig, context: TestRunnerContext) {
    this.#config = config
    this.#context = context
  }

  /** Listens to an event of a test file; the function it returns ends that. @internal */
  on<Name extends keyof TestEvents>(
    name: Name,
    listener: (data: TestEvents[Name]) => void | Promise<void>,
  ): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Runs the files, as many at a time as Jest is to have workers. @internal */
  async runTests(tests: Test[], watcher: TestWatcher): Promise<void> {
    const waiting = tests.values()
    const work = async (_: unknown, slot: number) => {
      for (const test of waiting) if (!watcher.isInterrupted()) await this.#runFile(test, watcher, slot + 1)
    }
    await Promise.all(Array.from({ length: Math.max(1, this.#config.maxWorkers) }, work))
  }

  async #runFile(test: Test, watcher: TestWatcher, worker: number): Promise<void> {
    await this.#emit('test-file-start', [test])
    try {
      await using namespace = await Namespace.create()
      const child = namespace.fork(new URL('./process.js', import.meta.url), [], {
        env: { ...process.env, JEST_WORKER_ID: `${worker}` },
        // A debugger of this process is not for that one, as with Jest's own workers.
        execArgv: process.execArgv.filter((option) => !/^--(debug|inspect)/.test(option)),
        serialization: 'json',
      })
      const stop = watcher.on('change', ({ interrupted }) => {
        if (interrupted) child.kill('SIGKILL')
      })
      try {
        await this.#emit('test-file-success', [test, await this.#result(child, test)])
      } finally {
        stop()
        if (child.kill('SIGKILL')) await once(child, 'exit')
      }
    } catch (error) {
      await this.#emit('test-file-failure', [test, failureOf(requirementOf(error) ?? error)])
    }
  }

  #result(child: ChildProcess, { context, path }: Test): Promise<TestResult> {
    const { changedFiles, sourcesRelatedToTestsInChangedFiles } = this.#context
    child.send({
      setup: { serializableResolvers: [{ config: context.config, serializableModuleMap: context.moduleMap.toJSON() }] },
      file: {
        config: context.config,
        context: {
          changedFiles: changedFiles && [...changedFiles],
          sourcesRelatedToTestsInChangedFiles: sourcesRelatedToTestsInChangedFiles && [
            ...sourcesRelatedToTestsInChangedFiles,
          ],
        },
        globalConfig: this.#config,
        path,
      },
    })
    return new Promise((resolve, reject) => {
      child.on('message', (message: Answer | Event) => {
        if (Array.isArray(message)) this.#emit(...message[1])
        else if ('error' in message) reject(message.error)
        else resolve(message.result)
      })
      child.once('error', reject)
      child.once('exit', (code, signal) =>
        reject(new Error(`The process of the test file has ended (${signal ?? code})`)),
      )
    })
  }

  async #emit(name: keyof TestEvents, data: unknown): Promise<void> {
    for (const listener of this.#listeners.get(name) ?? []) await listener(data as never)
  }
}
