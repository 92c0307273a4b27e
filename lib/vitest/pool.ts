import type { ChildProcess, Serializable } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { ForksPoolWorker, type PoolOptions, type PoolRunnerInitializer } from 'vitest/node'
import type { CreateOptions } from '../namespace/create.js'
import { Namespace } from '../namespace/namespace.js'
import { requirementOf } from '../testing/requirement.js'

/**
 * A pool for vitest that runs each test file in a process of its own, in a fresh network namespace of its own: each can listen on
 * port 80, and none reaches the machine's network. As root and as an ordinary user, who is root in there.
 *
 * It is vitest's pool 'forks', of which the processes are started inside: all their threads are there from the start.
 *
 * @param options of the namespaces, as for {@link Namespace.create}: `sysctl`, `hostname`, …
 * @example
 * // vitest.config.ts
 * import { namespacePool } from 'linux-namespaces/vitest/pool'
 * export default defineConfig({ test: { pool: namespacePool() } })
 */
export function namespacePool(options: CreateOptions = {}): PoolRunnerInitializer {
  return {
    name: 'linux-namespaces',
    createPoolWorker: (poolOptions) => new NamespacePoolWorker(poolOptions, options),
  }
}

// How long a process that runs the user's code may take to end when asked.
const patience = 500

class NamespacePoolWorker extends ForksPoolWorker {
  override readonly name = 'linux-namespaces'
  readonly #options: CreateOptions
  readonly #streams: { stdout: Writable; stderr: Writable }
  #namespace: Namespace | undefined
  #child: ChildProcess | undefined

  constructor(poolOptions: PoolOptions, options: CreateOptions) {
    super(poolOptions)
    this.#options = options
    const { outputStream, errorStream } = poolOptions.project.vitest.logger
    this.#streams = { stdout: outputStream, stderr: errorStream }
  }

  override async start(): Promise<void> {
    if (this.#child !== undefined) return
    try {
      this.#namespace = await Namespace.create(this.#options)
    } catch (error) {
      throw requirementOf(error) ?? error
    }
    const { env, execArgv } = this
    const child = this.#namespace.fork(this.entrypoint, [], {
      env,
      execArgv,
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    this.#child = child
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = this.#streams[name]
      stream.setMaxListeners(stream.getMaxListeners() + 1)
      child[name]?.pipe(stream, { end: false })
    }
  }

  override async stop(): Promise<void> {
    const child = this.#child
    // It could not be started.
    if (child === undefined) return this.#namespace?.close()
    if (child.exitCode === null && child.signalCode === null) {
      const kill = setTimeout(() => child.kill('SIGKILL'), patience)
      child.kill()
      await once(child, 'exit')
      clearTimeout(kill)
    }
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = this.#streams[name]
      child[name]?.unpipe(stream)
      stream.setMaxListeners(stream.getMaxListeners() - 1)
    }
    this.#child = undefined
    this.#namespace?.close()
  }

  // vitest takes its listeners off one that could not be started, too.
  override on(event: string, callback: (argument: unknown) => void): void {
    this.#child?.on(event, callback)
  }

  override off(event: string, callback: (argument: unknown) => void): void {
    this.#child?.off(event, callback)
  }

  override send(message: Serializable): void {
    this.#child?.send(message)
  }
}
