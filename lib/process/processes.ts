import type { ChildProcess, ForkOptions, SpawnOptions } from 'node:child_process'
import type { Worker, WorkerOptions } from 'node:worker_threads'
import { NamespaceHttp } from '../http/http.js'
import type { NamespaceCore } from '../namespace/core.js'
import { type ExecFileOptions, type ExecFileResult, execFile } from './exec-file.js'
import { fork, spawn } from './spawn.js'
import { startWorker } from './worker.js'

/** The processes of a {@link Namespace}, and threads of this one, that are inside. */
export abstract class NamespaceProcesses extends NamespaceHttp {
  readonly #core: NamespaceCore

  /** @internal */
  protected constructor(core: NamespaceCore) {
    super(core)
    this.#core = core
  }

  /**
   * Starts a command inside: Node's own `child_process.spawn`, its options and its ChildProcess. As an ordinary user it runs
   * as root of the user namespace. A process in an anonymous namespace dies with this one (with the thread that started it,
   * in a Worker) unless it is `detached`; what it has started itself may live on, and keeps the namespace.
   *
   * `uid`, `gid` and (in a mount namespace) `cwd` apply after the namespaces are entered. Whether a command is there is only
   * known inside a mount namespace: then `'error'` comes after `'spawn'`, and `'exit'` with 127 follows.
   *
   * @throws TypeError, RangeError with Node's codes for bad arguments; Error `ERR_NAMESPACE_CLOSED` after `close()`;
   * {@link SystemError} `EMFILE` when there are no descriptors left. What fails later is the child's `'error'` event
   * @example
   * const server = ns.spawn('nc', ['-l', '-p', '80'], { stdio: 'inherit' })
   */
  spawn(command: string, args?: readonly string[], options?: SpawnOptions): ChildProcess
  spawn(command: string, options?: SpawnOptions): ChildProcess
  spawn(command: string, args: readonly string[] | SpawnOptions = [], options?: SpawnOptions): ChildProcess {
    return isList(args)
      ? spawn(this.#core, command, args, options === undefined ? {} : options)
      : spawn(this.#core, command, [], args)
  }

  /**
   * Runs a command inside to its end. Without a `timeout` or a `signal` among its options it waits for as long as that takes.
   *
   * @throws Error as Node's execFile: `code` (the exit status, or `'ENOENT'`), `signal`, `killed`, `stdout`, `stderr`
   * @example
   * const { stdout } = await ns.execFile('ip', ['-j', 'address'])
   */
  execFile(
    command: string,
    args: readonly string[],
    options: ExecFileOptions & { encoding: 'buffer' },
  ): Promise<ExecFileResult<Buffer>>
  execFile(command: string, args?: readonly string[], options?: ExecFileOptions): Promise<ExecFileResult>
  async execFile(
    command: string,
    args: readonly string[] = [],
    options: ExecFileOptions = {},
  ): Promise<ExecFileResult<string | Buffer>> {
    return execFile(this.#core, command, args, options)
  }

  /**
   * Starts a Node module inside, with an IPC channel: Node's own `child_process.fork`, its options and its ChildProcess.
   *
   * @throws as {@link spawn}
   * @example
   * const child = ns.fork(new URL('./server.js', import.meta.url))
   * child.send({ port: 80 })
   */
  fork(modulePath: string | URL, args?: readonly string[], options?: ForkOptions): ChildProcess
  fork(modulePath: string | URL, options?: ForkOptions): ChildProcess
  fork(modulePath: string | URL, args: readonly string[] | ForkOptions = [], options?: ForkOptions): ChildProcess {
    return isList(args)
      ? fork(this.#core, modulePath, args, options === undefined ? {} : options)
      : fork(this.#core, modulePath, [], args)
  }

  /**
   * Starts a Worker (`node:worker_threads`) whose thread is inside, for root: whatever that thread makes is in there, the
   * sockets of any library and child processes too. In the host's remain what Node does on other threads, `dns.lookup` and
   * `fs.promises` among it, and {@link Namespace.current}. A Worker takes tens of milliseconds to start.
   *
   * The namespace lives as long as the Worker. Its `net`, `uts`, `ipc` and `cgroup` namespaces are joined.
   *
   * Kernel: setns(2), on the Worker's thread alone.
   *
   * @param filename as of Node's Worker; so are the options. `execArgv` is this process's by default
   * @throws {@link SystemError} `EPERM` as an ordinary user, whose threads cannot enter their user namespace: use {@link fork}
   * @throws Error `ERR_NAMESPACE_TYPE` when it holds a namespace that a thread cannot join (`mnt`, `user`, `pid`, `time`),
   * `ERR_NAMESPACE_CLOSED` after `close()`
   * @example
   * const worker = ns.worker(new URL('./server.js', import.meta.url), { workerData: { port: 80 } })
   */
  worker(filename: string | URL, options: WorkerOptions = {}): Worker {
    return startWorker(this.#core, filename, options)
  }
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}
