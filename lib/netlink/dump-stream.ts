import { onAbort } from '../abort.js'
import { stateError } from '../errors/argument.js'
import { checkLimits, type Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { Handle } from '../namespace/handle.js'
import { DumpInterruptedError, isNetlinkError } from './error.js'
import { type Answer, Exchange } from './exchange.js'
import type { NetlinkRequest } from './request.js'
import { openNetlinkSocket } from './socket.js'
import type { Gathering } from './table.js'

/**
 * Entries of one of the kernel's tables, read as they are asked for: some thousand at most are in memory, however many there
 * are. To be iterated, or ended by `return()` or `await using`.
 */
export interface DumpStream<T> extends AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable {
  return(): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): DumpStream<T>
}

const dumpAttempts = 5

type Plan<T> = (limits: Limits) => Promise<Gathering<T>>

/**
 * Streams dumps through a socket of its own: one that has a dump under way refuses another. The kernel makes the next part of a
 * dump when the one before is read.
 *
 * @param plan says what is read; called when the first entry is asked for
 */
export function streamDumps<T>(core: NamespaceCore, limits: Limits, plan: Plan<T>): DumpStream<T> {
  return new Stream(core, limits, plan)
}

class Stream<T> implements DumpStream<T> {
  readonly #core: NamespaceCore
  readonly #limits: Limits
  readonly #plan: Plan<T>
  readonly #ending = new AbortController()
  #blocks: AsyncGenerator<T[], undefined, undefined> | undefined
  #entries: readonly T[] = []
  #next = 0
  // How many have been asked for and not given, and the last of them.
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()
  // Why it has ended, until that has been told.
  readonly #failures: { reason: unknown }[] = []
  #letGo = () => {}

  constructor(core: NamespaceCore, limits: Limits, plan: Plan<T>) {
    this.#core = core
    this.#limits = limits
    this.#plan = plan
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // Most are there already.
    if (this.#waiting === 0 && this.#next < this.#entries.length) return Promise.resolve(this.#take())
    this.#waiting++
    const result = this.#last.then(() => this.#advance())
    this.#last = result.catch(ignore)
    return result
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end()
  }

  async #advance(): Promise<IteratorResult<T, undefined>> {
    const { signal } = this.#ending
    while (this.#next === this.#entries.length && !signal.aborted) {
      try {
        this.#blocks ??= this.#begin()
        const { done, value } = await this.#blocks.next()
        if (signal.aborted) break
        if (done) this.#end()
        else [this.#entries, this.#next] = [value, 0]
      } catch (error) {
        this.#end({ reason: error })
      }
    }
    this.#waiting--
    if (!signal.aborted) return this.#take()
    // An error is told once, as by a generator.
    const [failure] = this.#failures.splice(0)
    if (failure !== undefined) throw failure.reason
    return { done: true, value: undefined }
  }

  #take(): IteratorResult<T, undefined> {
    return { done: false, value: this.#entries[this.#next++] as T }
  }

  #begin(): AsyncGenerator<T[], undefined, undefined> {
    checkLimits(this.#limits)
    const { signal, timeout } = this.#limits
    signal?.throwIfAborted()
    const core = this.#core
    core.handle.check()
    const ignoreSignal = onAbort(signal, () => this.#end({ reason: signal?.reason }))
    const forget = core.handle.onClose(() => {
      this.#end({ reason: stateError('ERR_NAMESPACE_CLOSED', `The ${core.label} is closed`) })
    })
    this.#letGo = () => {
      ignoreSignal()
      forget()
    }
    return blocksOf(core, { signal: this.#ending.signal, timeout }, this.#plan)
  }

  // What is under way is called off.
  #end(failure?: { reason: unknown }): void {
    if (this.#ending.signal.aborted) return
    if (failure !== undefined) this.#failures.push(failure)
    this.#ending.abort()
    this.#entries = []
    this.#next = 0
    this.#letGo()
    this.#blocks?.return(undefined).catch(ignore)
  }
}

function ignore(): void {}

async function* blocksOf<T>(
  core: NamespaceCore,
  limits: Limits,
  plan: Plan<T>,
): AsyncGenerator<T[], undefined, undefined> {
  const { dumps, gather, empty } = await plan(limits)
  const socket = await core.handle.use(() => openNetlinkSocket(core, { limits }))
  const handle = new Handle([socket], () => `stream of ${core.label}`)
  const peer = { socket, label: core.label, hint: (code: string) => core.hint(code) }
  let interrupted: NetlinkRequest | undefined
  try {
    for (const dump of dumps) {
      for (let attempt = 1, given = false; ; attempt++) {
        let entries: T[] = []
        const exchange = new Exchange()
        exchange.add(peer, dump, (reply) => gather(reply, entries))
        let answer: Answer
        do {
          // Called off, it may go on for a moment.
          handle.hold()
          answer = await exchange.step(limits, () => handle.release())
          if (answer.interrupted && answer.ended && !given && attempt < dumpAttempts) break
          given = true
          if (entries.length > 0) yield entries
          entries = []
        } while (!answer.ended && answer.error === undefined)
        if (answer.error !== undefined && !isNetlinkError(answer.error, empty)) throw answer.error
        if (!answer.interrupted) break
        // Nothing of it has been given: it can be read again.
        if (!given) continue
        interrupted ??= dump
        break
      }
    }
  } finally {
    handle.close()
  }
  if (interrupted === undefined) return undefined
  const { name, words } = interrupted
  throw new DumpInterruptedError({ request: name, operation: `${words} in ${core.label}` })
}
