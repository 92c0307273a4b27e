import { describeErrno } from '../errors/errno.js'
import { SystemError } from '../errors/system-error.js'
import { type Limits, withLimits } from '../limits.js'
import { addon, type SyscallName } from '../native/addon.js'
import { EPERM } from '../native/constants.js'
import { type Outcome, startJob } from '../native/jobs.js'

/** The result of an earlier step, as an argument of a later one. */
export class StepResult {
  constructor(readonly index: number) {}
}

/** A piece of memory that the program's calls read or fill. */
export class Memory {
  constructor(
    readonly offset: number,
    readonly length: number,
  ) {}
}

/** An argument of a step: a number, text (its address, NUL-terminated), memory (its address) or an earlier result. */
export type StepArgument = number | string | Memory | StepResult

/** What becomes of a step's result. */
export interface StepOptions {
  /** `keep`: a descriptor that the caller gets and owns; `temporary`: one that is closed at the end. */
  descriptor?: 'keep' | 'temporary'
  /** An error of this step is a result (-errno) and not the end. */
  mayFail?: boolean
  /** Not made again by further programs that share the visit: joining what the first one has joined. */
  once?: boolean
  /** What the step is for, in words, when it fails: "joining the net namespace". */
  purpose?: string
  /** The file concerned, for the error. */
  path?: string
  /** What to do instead of what was refused with this error. */
  hint?: (code: string) => string | undefined
}

/** What a program gave. */
export interface ProgramResult {
  /** What a step's call returned: a descriptor, a length, or -errno where it might fail. */
  of(step: StepResult): number
  /** What is in a piece of memory now. */
  read(memory: Memory): Uint8Array
}

// The layout of Step in native/src/executor.h.
const stepNumbers = 9
const stepDescriptor = 1
const stepTemporary = 2
const stepMayFail = 4
const stepOnce = 8
const newUserNamespace = -1
const kindData = 1
const kindResult = 2

const notYours = 'Only root, and the user who made a namespace, can enter it'

const encoder = new TextEncoder()

let waking = false

// Once all that are asked for in this tick are queued.
function wakeLater(): void {
  if (waking) return
  waking = true
  queueMicrotask(() => {
    waking = false
    addon.wake()
  })
}

/**
 * A short list of system calls for the executor (DESIGN: a child that shares this process's memory and descriptors, enters
 * namespaces, makes the calls and is gone). The first error ends it, and then every descriptor it opened is closed.
 */
export class Program {
  readonly #steps: number[] = []
  readonly #options: { name: string; options: StepOptions }[] = []
  #data = new Uint8Array(256)
  #length = 0
  #fills = false
  #encoded: { steps: Int32Array; data: Uint8Array } | undefined

  /** It may share a visit with other such programs: whatever namespaces they leave it in, it makes its own. */
  chains = false

  /** Adds a system call. */
  call(name: SyscallName, args: StepArgument[], options: StepOptions = {}): StepResult {
    let kinds = 0
    const numbers = args.map((argument, i) => {
      if (typeof argument === 'number') return argument
      if (argument instanceof StepResult) {
        kinds |= kindResult << (2 * i)
        return argument.index
      }
      kinds |= kindData << (2 * i)
      return typeof argument === 'string' ? this.#text(argument) : argument.offset
    })
    const kept = options.descriptor === 'keep' ? stepDescriptor : options.descriptor === 'temporary' ? stepTemporary : 0
    return this.#add(
      addon.numbers[name],
      kept | (options.mayFail ? stepMayFail : 0) | (options.once ? stepOnce : 0),
      kinds,
      numbers,
      name,
      options,
    )
  }

  /** All steps after this one run in a new user namespace with these maps, as /proc/PID/uid_map takes them. */
  enterNewUserNamespace(maps: { setgroups?: 'deny'; uidMap: string; gidMap: string }): void {
    const setgroups = maps.setgroups === undefined ? -1 : this.#text(maps.setgroups)
    const args = [setgroups, this.#text(maps.uidMap), this.#text(maps.gidMap)]
    this.#add(newUserNamespace, 0, 0, args, 'clone', { purpose: 'creating a user namespace' })
  }

  /** Memory that holds `bytes`, for a call that reads them. */
  bytes(bytes: Uint8Array): Memory {
    const offset = this.#reserve(bytes.length)
    this.#data.set(bytes, offset)
    return new Memory(offset, bytes.length)
  }

  /** Memory for a call to fill, with zeros or `initial` in it before; read from the {@link ProgramResult}. */
  memory(initial: number | Uint8Array): Memory {
    this.#fills = true
    return typeof initial === 'number' ? new Memory(this.#reserve(initial), initial) : this.bytes(initial)
  }

  /**
   * Carries it out; any number of times. Rejects with a {@link SystemError} that names the call, its purpose and `operation`.
   */
  async run(operation: string, limits: Limits = {}): Promise<ProgramResult> {
    // The others of this tick go to the native thread together with it.
    if (this.chains) {
      await undefined
      wakeLater()
    }
    const { steps, data } = this.#encode()
    const {
      errno,
      where,
      outcome,
      data: filled,
    } = await withLimits(
      operation,
      'clone',
      limits,
      () => startJob((id) => addon.execute(id, steps, data, this.#fills, this.chains)),
      (late) => this.#discard(late),
    )
    if (errno !== 0) throw this.#error(errno, where, operation)
    const results = outcome as number[]
    return {
      of: (step) => results[step.index] ?? -1,
      read: (memory) => (filled ?? data).subarray(memory.offset, memory.offset + memory.length),
    }
  }

  #encode(): { steps: Int32Array; data: Uint8Array } {
    if (this.#encoded === undefined) {
      this.#reserve(1) // the data ends with a NUL
      this.#encoded = { steps: Int32Array.from(this.#steps), data: this.#data.subarray(0, this.#length) }
    }
    return this.#encoded
  }

  // What was opened for a caller who no longer waits; of one that failed, the native side has closed it.
  #discard({ errno, outcome }: Outcome): void {
    if (errno !== 0) return
    this.#options.forEach(({ options }, i) => {
      const result = (outcome as number[])[i] ?? -1
      if (options.descriptor === 'keep' && result >= 0) addon.close(result)
    })
  }

  #error(errno: number, where: number, operation: string): SystemError {
    const step = this.#options[where]
    if (step === undefined) return new SystemError(errno, { syscall: 'clone', operation })
    const { purpose, path } = step.options
    const words = purpose === undefined ? operation : `${operation} (${purpose})`
    const hint = step.name === 'setns' && errno === EPERM ? notYours : step.options.hint?.(describeErrno(errno).code)
    return new SystemError(errno, { syscall: step.name, operation: words, path, hint })
  }

  #add(number: number, flags: number, kinds: number, args: number[], name: string, options: StepOptions): StepResult {
    const step = [number, flags, kinds, ...args]
    while (step.length < stepNumbers) step.push(0)
    this.#steps.push(...step)
    this.#options.push({ name, options })
    return new StepResult(this.#options.length - 1)
  }

  #text(text: string): number {
    const bytes = encoder.encode(text)
    const offset = this.#reserve(bytes.length + 1)
    this.#data.set(bytes, offset)
    return offset
  }

  // Eight bytes are the strictest alignment that a call asks for.
  #reserve(length: number): number {
    const offset = (this.#length + 7) & ~7
    this.#length = offset + length
    if (this.#length > this.#data.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#data.length))
      grown.set(this.#data)
      this.#data = grown
    }
    return offset
  }
}
