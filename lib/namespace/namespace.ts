import { fstatSync } from 'node:fs'
import { checkKeys, invalidArgument } from '../errors/argument.js'
import { checkLimits, type Limits, limitKeys } from '../limits.js'
import { NamespaceProcesses } from '../process/processes.js'
import { type NamespaceCore, registerCore } from './core.js'
import { type CreateOptions, createCore } from './create.js'
import { listNamed, type NamedNamespace } from './list.js'
import { pathOfName, pinAt, pinTo, unpinFrom } from './named.js'
import { currentCore, type OpenOptions, type OpenTarget, openCore } from './open.js'
import { processesIn } from './pids.js'
import { joinOrder, type NamespaceType } from './types.js'
import { type NamespaceEvent, watchNames } from './watch.js'

let current: Namespace | undefined

const openKeys: Record<keyof OpenOptions, true> = { types: true, ...limitKeys }
const targetKeys = { pid: true, path: true, fd: true } as const

// One with several, or with what belongs into the options, would be taken for something else than was meant.
function checkTarget(target: unknown): void {
  if (typeof target !== 'object' || target === null) return
  if (Object.keys(checkKeys('target', target, targetKeys)).length > 1)
    throw invalidArgument('target', target, 'it must have one of pid, path and fd')
}

/**
 * Linux namespaces held open by this process: a network stack with its links, addresses and routes, and any of the other
 * types beside it. Nothing but file descriptors keeps an anonymous one alive: when they are closed, or this process is
 * killed, the kernel takes it away with all that is in it.
 *
 * @example
 * await using blue = await Namespace.create({ hostname: 'blue' })
 * await blue.execFile('hostname') // { stdout: 'blue\n', stderr: '' }
 */
export class Namespace extends NamespaceProcesses implements AsyncDisposable, Disposable {
  readonly #core: NamespaceCore
  readonly #pins: string[] = []

  private constructor(core: NamespaceCore) {
    super(core)
    this.#core = core
    registerCore(this, core)
    if (core.name !== undefined) this.#pins.push(pathOfName(core.name))
  }

  /**
   * Makes new namespaces, as root and as an ordinary user alike (an ordinary user's live in a user namespace, shared by all
   * of this process, in which the caller is root).
   *
   * Kernel: clone(2) and unshare(2) in a helper that shares this process's descriptors; no thread of it ever moves.
   *
   * @throws {@link SystemError} `EPERM` with the fix where the machine denies user namespaces, or when an ordinary user asks
   * for a `name`; `EEXIST` when the name is taken; `EMFILE` when there are no descriptors left; `ENOSPC` at the limit of
   * namespaces (`user.max_net_namespaces`)
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for bad options
   * @example
   * const blue = await Namespace.create({ types: ['net', 'uts'], sysctl: { 'net.ipv4.ip_forward': 1 } })
   */
  static async create(options?: CreateOptions): Promise<Namespace> {
    return new Namespace(await createCore(options))
  }

  /**
   * Opens an existing namespace: a name under /run/netns, an absolute path (`/proc/PID/ns/net`, or Docker's SandboxKey), a
   * process, or a descriptor (which stays the caller's).
   *
   * @throws {@link SystemError} `ENOENT` when there is no such name or path, `ESRCH` when there is no such process, `EACCES`
   * when the process is another user's, `EINVAL` when it is no namespace
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad targets and options
   * @example
   * const container = await Namespace.open('/run/docker/netns/d4f2ea3b4f2c')
   * const sidecar = await Namespace.open({ pid: 4711 }, { types: ['net', 'uts'] })
   */
  static async open(target: OpenTarget, options: OpenOptions = {}): Promise<Namespace> {
    checkTarget(target)
    return new Namespace(await openCore(target, checkKeys('options', options, openKeys)))
  }

  /**
   * The network stack that the main thread of this process is in at the first call: the one it started in (the host's, or its
   * container's), unless `setns` or `unshare` of `linux-namespaces/syscalls` has moved that thread. Each call gives the same
   * object, until it is closed.
   *
   * @throws {@link SystemError} `ENOENT` when /proc is not mounted, `EMFILE` when there are no descriptors left
   * @example
   * const uplink = await Namespace.current().routes.get('192.0.2.1')
   */
  static current(): Namespace {
    if (current === undefined || current.#core.handle.closed) current = new Namespace(currentCore())
    return current
  }

  /**
   * The names under /run/netns, as `ip netns list` shows them, sorted.
   *
   * Kernel: readdir(3), RTM_GETNSID.
   *
   * @throws {@link SystemError} `EACCES` when the directory may not be read, `ETIMEDOUT` after the time limit
   * @example
   * for (const { name, inode } of await Namespace.list()) console.log(name, inode)
   */
  static async list(limits: Limits = {}): Promise<NamedNamespace[]> {
    checkLimits(limits)
    return Namespace.current().#core.withConnection((connection) => listNamed(connection, limits))
  }

  /**
   * Takes a name away, as `ip netns delete` does; the namespace itself lives on while something holds it.
   *
   * Kernel: umount2(2) with MNT_DETACH, unlink(2).
   *
   * @throws {@link SystemError} `ENOENT` when there is no such name, `EPERM` as an ordinary user, `ETIMEDOUT` after the time
   * limit
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for what is no name
   * @example
   * await Namespace.delete('blue')
   */
  static async delete(name: string, limits?: Limits): Promise<void> {
    await unpinFrom(pathOfName(name), `deleting namespace '${name}'`, limits)
  }

  /**
   * Follows the names under /run/netns as they come and go, whoever makes them. It ends without an error when `signal` is
   * aborted.
   *
   * Kernel: inotify(7). `add` is told once the namespace can be opened.
   *
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad signal
   * @example
   * for await (const { event, name } of Namespace.watch({ signal })) console.log(event, name)
   */
  static watch(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<NamespaceEvent> {
    checkLimits(options)
    return watchNames(options.signal)
  }

  /** Its name under /run/netns, if it has one. */
  get name(): string | undefined {
    return this.#core.name
  }

  /** The types it holds. */
  get types(): readonly NamespaceType[] {
    return joinOrder.filter((type) => this.#core.descriptors.has(type))
  }

  /** Whether it is reached through a user namespace, as an ordinary user's are. */
  get rootless(): boolean {
    return this.#core.rootless
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#core.handle.closed
  }

  /**
   * A path at which another program finds the namespace while this object is open (CNI_NETNS, runc, nsenter): the name's
   * where it has one (and nobody has taken that away), else /proc/PID/fd/N of this process. An ordinary user's have a
   * `path('user')`, too: the user namespace that the other program has to enter first.
   *
   * @throws Error `ERR_NAMESPACE_TYPE` when it does not hold the type, `ERR_NAMESPACE_CLOSED` after `close()`
   * @example
   * spawn('nsenter', [`--net=${ns.path('net')}`, 'ip', 'address'])
   */
  path(type: NamespaceType = this.#firstType()): string {
    const fd = this.#core.descriptor(type)
    const named = type === 'net' && this.name !== undefined ? pathOfName(this.name) : undefined
    return named !== undefined && pinAt(named, this.inode(type)) === 'this' ? named : `/proc/${process.pid}/fd/${fd}`
  }

  /** The open descriptor of one type: this object's own, not to be closed. Throws as {@link path}. */
  fd(type: NamespaceType = this.#firstType()): number {
    return this.#core.descriptor(type)
  }

  /** The inode that identifies a namespace while it lives, as in `net:[4026531840]`. Throws as {@link path}. */
  inode(type: NamespaceType = this.#firstType()): bigint {
    return fstatSync(this.#core.descriptor(type), { bigint: true }).ino
  }

  /** Whether the other object holds the very same namespaces. */
  equals(other: Namespace): boolean {
    if (!(other instanceof Namespace)) throw invalidArgument('other', other, 'it must be a Namespace')
    const { types } = this
    return types.join() === other.types.join() && types.every((type) => this.inode(type) === other.inode(type))
  }

  /**
   * The processes in it, as `ip netns pids` lists them, in ascending order. Another user's processes can only be seen by root.
   *
   * Kernel: the links in /proc/PID/ns.
   *
   * @throws Error `ERR_NAMESPACE_TYPE` when it does not hold the type, `ERR_NAMESPACE_CLOSED` after `close()`
   * @throws {@link SystemError} `ETIMEDOUT` after the time limit
   * @example
   * for (const pid of await ns.pids()) process.kill(pid)
   */
  async pids(type: NamespaceType = this.#firstType(), limits: Limits = {}): Promise<number[]> {
    return processesIn(type, this.inode(type), limits)
  }

  /**
   * Gives the network namespace a name under /run/netns, or mounts it on a file at an absolute path: either way it lives on
   * without this process.
   *
   * Kernel: mount(2) with MS_BIND, on a new file.
   *
   * @param limits for the wait for the lock of /run/netns, which iproute2 takes too
   * @throws {@link SystemError} `EEXIST` when there is such a name or file already, `ENOENT` when there is no such folder,
   * `EPERM` as an ordinary user, `ETIMEDOUT` when another process holds the lock
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for what is no name, or a name for what is no network namespace
   * @example
   * await ns.pin('blue')
   * await ns.pin('/run/sandbox/4711')
   */
  async pin(nameOrPath: string, limits?: Limits): Promise<void> {
    const named = !nameOrPath.startsWith('/')
    const path = named ? pathOfName(nameOrPath) : nameOrPath
    const type = this.#core.descriptors.has('net') ? 'net' : this.#firstType()
    if (named && type !== 'net')
      throw invalidArgument('nameOrPath', nameOrPath, 'only a network namespace is pinned by name')
    await this.#core.handle.use(() =>
      pinTo(path, this.#core.descriptor(type), `pinning ${this.#core.label} at ${path}`, limits),
    )
    this.#pins.push(path)
    if (named) this.#core.name ??= nameOrPath
  }

  /**
   * Takes all names and paths away that it has by `create`, `open` or `pin`; the namespace lives on while this is open. Names
   * that somebody else has deleted already, or has given to another namespace or file since, are left alone.
   *
   * Kernel: umount2(2) with MNT_DETACH, unlink(2).
   *
   * @throws {@link SystemError} `EPERM` as an ordinary user, `ETIMEDOUT` after the time limit
   * @example
   * await ns.unpin()
   */
  async unpin(limits: Limits = {}): Promise<void> {
    this.#core.handle.check()
    checkLimits(limits)
    limits.signal?.throwIfAborted()
    const inode = this.inode()
    for (const path of [...this.#pins]) {
      const found = pinAt(path, inode)
      if (found === 'this' || found === 'file')
        await unpinFrom(path, `unpinning ${this.#core.label} from ${path}`, limits)
      this.#pins.splice(this.#pins.indexOf(path), 1)
    }
    this.#core.name = undefined
  }

  /**
   * Lets go of it: an anonymous namespace with no process in it is then gone, and its links with it (the kernel does so
   * within a fraction of a second). Requests to the kernel and processes that are under way end first; nothing new begins.
   * Servers and sockets of this process in there are closed, and what waits for them (a connection under way, a request, a
   * lookup, a ping) ends with an error. Closing twice is no error.
   */
  close(): void {
    this.#core.handle.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #firstType(): NamespaceType {
    return this.#core.descriptors.has('net') ? 'net' : (this.types[0] as NamespaceType)
  }
}
