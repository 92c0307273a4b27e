import { onAbort } from '../abort.js'
import { SystemError } from '../errors/system-error.js'
import { checkLimits, defaultTimeout, type Limits } from '../limits.js'
import { ETIMEDOUT } from '../native/constants.js'
import { DumpInterruptedError } from './error.js'
import { type Answer, Exchange, type Peer } from './exchange.js'
import type { NetlinkRequest, Reply } from './request.js'

/** Who owns the socket: what keeps it open while the kernel is asked. */
export interface ConnectionOwner {
  readonly label: string
  readonly handle: { check(): void; hold(): void; release(): void }
  hint?(code: string): string | undefined
}

const dumpAttempts = 5

// So many requests of one tick are sent together. What is more goes to the kernel while the next ones are being encoded.
const longestBatch = 1024

/** Requests that are sent together. */
interface Batch {
  readonly exchange: Exchange
  /** How many requests have not been given up. */
  patient: number
  /** Milliseconds; the most patient request's. */
  timeout: number
  readonly answers: Promise<readonly Answer[]>
  send(answers: Promise<readonly Answer[]>): void
}

/**
 * The netlink socket of one network namespace. Requests made in the same tick of the event loop go to the kernel together,
 * each with its own result.
 */
export class Connection implements Peer {
  readonly socket: number
  readonly #owner: ConnectionOwner
  #pending: Batch | undefined

  constructor(socket: number, owner: ConnectionOwner) {
    this.socket = socket
    this.#owner = owner
  }

  get label(): string {
    return this.#owner.label
  }

  hint(code: string): string | undefined {
    return this.#owner.hint?.(code)
  }

  /** Sends a request with the others of this tick; its replies, none for most changes. */
  request(request: NetlinkRequest, limits: Limits = {}): Promise<Reply[]> {
    return this.#enqueue(request, limits, repliesOf)
  }

  /** Sends a request that draws no reply. */
  change(request: NetlinkRequest, limits: Limits = {}): Promise<void> {
    return this.#enqueue(request, limits, succeed)
  }

  /** Sends many of these; rejects with the first error. */
  async changeAll(requests: readonly NetlinkRequest[], limits: Limits = {}): Promise<void> {
    checkLimits(limits)
    if (limits.signal !== undefined || limits.timeout !== undefined) {
      await Promise.all(requests.map((each) => this.change(each, limits)))
      return
    }
    const batches = new Map<Batch, number[]>()
    const refused: unknown[] = []
    for (const each of requests) {
      const batch = this.#batch()
      const indexes = batches.get(batch) ?? []
      // None of them is given up.
      if (!batches.has(batch)) batch.patient++
      batches.set(batch, indexes)
      try {
        indexes.push(this.#add(batch, each))
      } catch (error) {
        refused.push(error)
      }
    }
    const all = await Promise.all([...batches].map(async ([{ answers }, indexes]) => [await answers, indexes] as const))
    if (refused.length > 0) throw refused[0]
    for (const [answers, indexes] of all) for (const index of indexes) succeed(answers[index] as Answer)
  }

  /**
   * Reads a whole table. While the kernel says that it changed in between, it is read again, a few times.
   *
   * @param decode makes an entry of a reply, or undefined of one that does not belong to the table; it is called as the
   * replies come, and what it is given is used again
   * @throws DumpInterruptedError with what was read at last
   */
  dump<T>(request: NetlinkRequest, decode: (reply: Reply) => T | undefined, limits: Limits = {}): Promise<T[]> {
    const gather = (reply: Reply, entries: T[]) => {
      const entry = decode(reply)
      if (entry !== undefined) entries.push(entry)
    }
    return this.dumpInto(request, gather, limits)
  }

  /** The same, where a reply may have several entries: `gather` puts them to the others. */
  async dumpInto<T>(
    request: NetlinkRequest,
    gather: (reply: Reply, entries: T[]) => void,
    limits: Limits = {},
  ): Promise<T[]> {
    for (let attempt = 1; ; attempt++) {
      const entries: T[] = []
      const answer = await this.#enqueue(request, limits, asItIs, (reply) => gather(reply, entries))
      if (answer.error !== undefined) throw answer.error
      if (!answer.interrupted) return entries
      if (attempt < dumpAttempts) continue
      const operation = `${request.words} in ${this.label}`
      throw new DumpInterruptedError({ request: request.name, operation }, entries)
    }
  }

  /** Sends what has been requested in this tick now, ahead of what the caller is about to send itself. */
  flush(): void {
    const batch = this.#pending
    if (batch === undefined) return
    this.#pending = undefined
    const timeout = Number.isFinite(batch.timeout) ? batch.timeout : 0
    batch.send(batch.exchange.run({ timeout }, () => this.#owner.handle.release()))
  }

  #enqueue<R>(
    request: NetlinkRequest,
    limits: Limits,
    read: (answer: Answer) => R,
    take?: (reply: Reply) => void,
  ): Promise<R> {
    try {
      checkLimits(limits)
      const { signal, timeout } = limits
      signal?.throwIfAborted()
      const batch = this.#batch()
      // The batch lives as long as the most patient of its requests; the others give up on their own.
      if (timeout !== undefined) batch.timeout = Math.max(batch.timeout, timeout || Number.POSITIVE_INFINITY)
      const index = this.#add(batch, request, take)
      batch.patient++
      const answer = batch.answers.then((answers) => read(answers[index] as Answer))
      if (signal === undefined && !timeout) return answer
      return this.#within(limits, request, answer, () => {
        if (this.#pending === batch) batch.exchange.withdraw(index)
        if (--batch.patient === 0) batch.exchange.abandon()
      })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #add(batch: Batch, request: NetlinkRequest, take?: (reply: Reply) => void): number {
    const index = batch.exchange.add(this, request, take)
    if (index + 1 === longestBatch) this.flush()
    return index
  }

  #within<R>(limits: Limits, request: NetlinkRequest, answer: Promise<R>, withdraw: () => void): Promise<R> {
    const { signal, timeout } = limits
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        forget()
      }
      const giveUp = (reason: unknown) => {
        end()
        withdraw()
        reject(reason)
      }
      const timer = timeout ? setTimeout(() => giveUp(this.#timedOut(request)), timeout) : undefined
      const forget = onAbort(signal, () => giveUp(signal?.reason))
      answer.finally(end).then(resolve, reject)
    })
  }

  #timedOut({ name, words }: NetlinkRequest): SystemError {
    return new SystemError(ETIMEDOUT, { syscall: 'recvfrom', operation: `${name} ${words} in ${this.label}` })
  }

  #batch(): Batch {
    if (this.#pending !== undefined) return this.#pending
    this.#owner.handle.hold()
    let send: Batch['send'] = () => {}
    const answers = new Promise<readonly Answer[]>((resolve) => {
      send = resolve
    })
    const batch: Batch = { exchange: new Exchange(), patient: 0, timeout: defaultTimeout, answers, send }
    this.#pending = batch
    // After all microtasks of this tick, in whichever phase it began: what was awaited on the way still counts as this tick.
    queueMicrotask(() =>
      process.nextTick(() => {
        if (this.#pending === batch) this.flush()
      }),
    )
    return batch
  }
}

function repliesOf({ error, replies }: Answer): Reply[] {
  if (error !== undefined) throw error
  return replies
}

function succeed({ error }: Answer): void {
  if (error !== undefined) throw error
}

function asItIs(answer: Answer): Answer {
  return answer
}
