import { randomInt } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { invalidArgument, stateError } from '../errors/argument.js'
import { Program, type ProgramResult } from '../executor/program.js'
import type { Limits } from '../limits.js'
import { addon } from '../native/addon.js'
import { PR_GET_DUMPABLE, PR_SET_DUMPABLE } from '../native/constants.js'
import { Connection } from '../netlink/connection.js'
import { openNetlinkSocket } from '../netlink/socket.js'
import { Handle } from './handle.js'
import { privileged } from './privilege.js'
import { joinOrder, type NamespaceType, namespaceTypes } from './types.js'

/** What a namespace is made of; its descriptors belong to it from now on. */
export interface CoreParts {
  descriptors: ReadonlyMap<NamespaceType, number>
  /** The user namespace that grants the capabilities over the others: an ordinary user enters it first. */
  owner?: { descriptor: number; shared: boolean } | undefined
  /** A netlink socket in its network namespace, if it is open already. */
  socket?: number | undefined
  name?: string | undefined
  /** Types of which this process is in the very same namespace, so that there is nothing to enter. */
  own?: ReadonlySet<NamespaceType>
  /** Made by this process: nobody else chooses link indexes in it. */
  created?: boolean
  /** This process's own namespace, which an ordinary user is in but could not enter. */
  current?: boolean
}

// Links made by the library have indexes from here on, far from those the kernel chooses; in namespaces that others use, too,
// from a random number on.
const firstLinkIndex = 1000

/** The state of a {@link Namespace}, shared by its collections. */
export class NamespaceCore {
  readonly descriptors: ReadonlyMap<NamespaceType, number>
  readonly handle: Handle
  readonly rootless: boolean
  readonly current: boolean
  name: string | undefined
  readonly #owner: CoreParts['owner']
  readonly #own: ReadonlySet<NamespaceType>
  readonly #created: boolean
  #nextLinkIndex: number
  #connection: Connection | undefined
  #opening: Promise<Connection> | undefined
  // Until it is over, requests wait for one that was made before.
  #turn: Promise<void> | undefined
  #inodeText: string | undefined

  constructor(parts: CoreParts) {
    this.descriptors = parts.descriptors
    this.name = parts.name
    this.current = parts.current ?? false
    this.#created = parts.created ?? false
    this.#nextLinkIndex = parts.created ? firstLinkIndex : firstLinkIndex + randomInt(99_000, 999_000)
    this.#owner = parts.owner
    this.#own = parts.own ?? new Set()
    this.rootless = parts.owner !== undefined
    const owned = [...parts.descriptors.values()]
    if (parts.owner !== undefined && !parts.owner.shared) owned.push(parts.owner.descriptor)
    this.handle = new Handle(owned, () => this.label)
    if (parts.socket !== undefined) this.#adopt(parts.socket)
  }

  /** "namespace 'blue'", for messages. */
  get label(): string {
    if (this.name !== undefined) return `namespace '${this.name}'`
    return this.current ? "the process's own namespace" : `namespace ${this.inodeText}`
  }

  /** "net:[4026532281]", as the kernel and `ls -l /proc/PID/ns` show it. */
  get inodeText(): string {
    if (this.#inodeText === undefined) {
      const net = this.descriptors.get('net')
      const [type, descriptor] = net === undefined ? ([...this.descriptors][0] ?? ['net', -1]) : ['net', net]
      // After it is closed its number may be another file's.
      this.#inodeText = this.handle.closed ? `(${type})` : `${type}:[${fstatSync(descriptor).ino}]`
    }
    return this.#inodeText
  }

  /** Whether it is the same network stack, perhaps opened twice. */
  isSame(other: NamespaceCore): boolean {
    // Two that were made here are two.
    return this === other || (!(this.#created && other.#created) && this.inodeText === other.inodeText)
  }

  /**
   * The descriptor of one type; throws `ERR_NAMESPACE_TYPE` when this namespace does not have it. An ordinary user's have that
   * of the user namespace to enter first.
   */
  descriptor(type: NamespaceType): number {
    this.handle.check()
    return this.heldDescriptor(type)
  }

  /** The same for what has begun before `close()` and holds it open. */
  heldDescriptor(type: NamespaceType): number {
    const descriptor = this.descriptors.get(type) ?? (type === 'user' ? this.#owner?.descriptor : undefined)
    if (descriptor !== undefined) return descriptor
    const has = [...this.descriptors.keys()].join(', ')
    throw stateError('ERR_NAMESPACE_TYPE', `The ${this.label} has no ${type} namespace of its own, only ${has}`)
  }

  /** What a process enters, in this order. */
  entry(types: readonly NamespaceType[] = joinOrder): { descriptor: number; type: NamespaceType }[] {
    if (this.current && !privileged) return []
    const own = joinOrder.flatMap((type) => {
      const descriptor = types.includes(type) && !this.#own.has(type) ? this.descriptors.get(type) : undefined
      return descriptor === undefined ? [] : [{ descriptor, type }]
    })
    // Its own user namespace gives the capabilities as well, and may be entered from outside of its owner.
    if (this.#owner === undefined || own[0]?.type === 'user') return own
    return [{ descriptor: this.#owner.descriptor, type: 'user' }, ...own]
  }

  /** Adds the entering of these types to a program. */
  enter(program: Program, types?: readonly NamespaceType[]): void {
    for (const { descriptor, type } of this.entry(types)) {
      const purpose = `joining the ${type} namespace`
      program.call('setns', [descriptor, namespaceTypes[type].flag], {
        purpose,
        once: program.chains && type === 'user',
      })
      if (type === 'user') restoreDumpable(program)
    }
  }

  /** The same with the capabilities of its owner, also where it has a user namespace of its own. */
  enterAsOwner(program: Program, types: readonly NamespaceType[]): void {
    if (this.#owner !== undefined) {
      program.call('setns', [this.#owner.descriptor, namespaceTypes.user.flag], {
        purpose: 'joining the user namespace',
      })
      restoreDumpable(program)
    }
    if (this.current && !privileged) return
    for (const type of types) {
      if (this.#own.has(type)) continue
      const descriptor = this.heldDescriptor(type)
      program.call('setns', [descriptor, namespaceTypes[type].flag], { purpose: `joining the ${type} namespace` })
    }
  }

  /**
   * Runs system calls inside: every type but user and mnt, so that paths mean what they mean outside and the identity stays
   * that of the owner.
   *
   * @param chains whether several such visits of one tick may be one, as for short calls of which there may be many
   */
  async visit<T>(
    operation: string,
    build: (program: Program) => T,
    limits?: Limits,
    types: readonly NamespaceType[] = ['net', 'uts', 'ipc', 'cgroup'],
    chains = false,
  ): Promise<{ steps: T; values: ProgramResult }> {
    return this.handle.use(async () => {
      const program = new Program()
      // What does not enter its own namespaces, or not by way of the user namespace that others enter by, goes alone.
      program.chains = chains && !(this.current && !privileged) && (this.#owner === undefined || this.#owner.shared)
      this.enter(program, types)
      const steps = build(program)
      return { steps, values: await program.run(`${operation} in ${this.label}`, limits) }
    })
  }

  /**
   * Calls `use` with the connection to its network stack, opened at first need. At once where it is open, so that requests
   * go out in the order in which they were made.
   */
  withConnection<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const ready = this.ready
    // Closed meanwhile, it still ends.
    return this.handle.use(ready === undefined ? async () => use(await this.#connectInTurn()) : () => use(ready))
  }

  /** The connection, when a request can be made now without getting ahead of one that was made before. */
  get ready(): Connection | undefined {
    const { connection } = this
    return this.#turn === undefined ? connection : undefined
  }

  /**
   * The same for a request that concerns several at once: what is asked of them from now on comes after it has begun.
   *
   * @param lookUp what has to be over before that: itself asked before this call
   */
  static withConnections<T>(
    cores: readonly NamespaceCore[],
    use: (connectionOf: (core: NamespaceCore) => Connection) => Promise<T>,
    lookUp?: Promise<unknown>,
  ): Promise<T> {
    const connectionOf = (core: NamespaceCore) => core.#connection as Connection
    if (lookUp === undefined && cores.every((core) => core.ready !== undefined)) return use(connectionOf)
    const opened = cores.map((core) => core.#connectInTurn())
    const begun = Promise.all([lookUp, ...opened]).then(() => ({ ended: use(connectionOf) }))
    const turn = begun.then(
      () => {},
      () => {},
    )
    for (const core of cores) core.#wait(turn)
    return begun.then(({ ended }) => ended)
  }

  /**
   * As {@link withConnection}, with what has to be looked up first, which is asked already: what is asked of it from now on does
   * not get ahead of `use`.
   */
  withConnectionAfter<L, T>(lookUp: Promise<L>, use: (connection: Connection, found: L) => Promise<T>): Promise<T> {
    const found: L[] = []
    const over = lookUp.then((each) => found.push(each))
    // Where the namespace is closed, that is what is told.
    over.catch(() => {})
    return this.handle.use(() =>
      NamespaceCore.withConnections([this], (connectionOf) => use(connectionOf(this), found[0] as L), over),
    )
  }

  async #connectInTurn(): Promise<Connection> {
    await this.#turn
    return this.#connection ?? this.connect()
  }

  #wait(turn: Promise<void>): void {
    this.#turn = turn
    turn.then(() => {
      if (this.#turn === turn) this.#turn = undefined
    })
  }

  /** The connection to its network stack, if it is open. */
  get connection(): Connection | undefined {
    this.descriptor('net')
    return this.#connection
  }

  /** Opens the connection. */
  connect(): Promise<Connection> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #open(): Promise<Connection> {
    this.handle.hold()
    try {
      return this.#adopt(await openNetlinkSocket(this))
    } finally {
      this.handle.release()
    }
  }

  /** An index for a new link. Chosen here and not by the kernel, what follows can name the link without asking for it. */
  nextLinkIndex(least = 0): number {
    this.#nextLinkIndex = Math.max(this.#nextLinkIndex, least)
    return this.#nextLinkIndex++
  }

  /** What to do instead of what the kernel refused with this error. */
  hint(code: string): string | undefined {
    if (code !== 'EPERM' || privileged) return undefined
    return this.rootless
      ? 'An ordinary user can only join stacks of their own: both namespaces must be made by this process'
      : "An ordinary user may not change the host's network stack: make a Namespace and use it instead"
  }

  #adopt(socket: number): Connection {
    this.handle.add(socket)
    this.#connection = new Connection(socket, this)
    return this.#connection
  }
}

// Read once: while another visit is between joining and restoring, it is not what it should be.
const dumpable = addon.syscall(addon.numbers.prctl, PR_GET_DUMPABLE)

// Joining a user namespace that another uid owns clears the whole process's dumpable flag, with which go core dumps,
// ptrace and the ownership of /proc/self.
function restoreDumpable(program: Program): void {
  if (dumpable === 1) program.call('prctl', [PR_SET_DUMPABLE, 1])
}

const cores = new WeakMap<object, NamespaceCore>()

/** Remembers the core behind a public object. */
export function registerCore(namespace: object, core: NamespaceCore): void {
  cores.set(namespace, core)
}

/** The core of a {@link Namespace}; refuses what is none, and one that is closed. */
export function coreOf(namespace: unknown): NamespaceCore {
  const core = typeof namespace === 'object' && namespace !== null ? cores.get(namespace) : undefined
  if (core === undefined) throw invalidArgument('namespace', namespace, 'it must be a Namespace')
  core.handle.check()
  return core
}
