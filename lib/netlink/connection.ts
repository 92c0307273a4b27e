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

interface Waiting {
  settle(answer: Answer): void
  fail(error: unknown): void
}

/**
 * The netlink socket of one network namespace. Requests made in the same tick of the event loop go to the kernel together,
 * each with its own result.
 */
export class Connection implements Peer {
  readonly socket: number
  readonly #owner: ConnectionOwner
  #pending: { exchange: Exchange; waiting: Waiting[]; timeout: number } | undefined

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
  async request(request: NetlinkRequest, limits: Limits = {}): Promise<Reply[]> {
    const answer = await this.#enqueue(request, limits)
    if (answer.error !== undefined) throw answer.error
    return answer.replies
  }

  /**
   * Reads a whole table. While the kernel says that it changed in between, it is read again, a few times.
   *
   * @param decode makes an entry of a reply, or undefined of one that does not belong to the table; it is called as the
   * replies come, and what it is given is used again
   * @throws DumpInterruptedError with what was read at last
   */
  async dump<T>(request: NetlinkRequest, decode: (reply: Reply) => T | undefined, limits: Limits = {}): Promise<T[]> {
    for (let attempt = 1; ; attempt++) {
      const entries: T[] = []
      const answer = await this.#enqueue(request, limits, (reply) => {
        const entry = decode(reply)
        if (entry !== undefined) entries.push(entry)
      })
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
    batch.exchange
      .run({ timeout: Number.isFinite(batch.timeout) ? batch.timeout : 0 }, () => this.#owner.handle.release())
      .then((answers) => {
        batch.waiting.forEach((waiting, i) => {
          waiting.settle(answers[i] as Answer)
        })
      })
      .catch((error: unknown) => {
        for (const waiting of batch.waiting) waiting.fail(error)
      })
  }

  #enqueue(request: NetlinkRequest, limits: Limits, take?: (reply: Reply) => void): Promise<Answer> {
    checkLimits(limits)
    const { signal, timeout } = limits
    signal?.throwIfAborted()
    const batch = this.#batch()
    const index = batch.exchange.add(this, request, take)
    // The batch lives as long as the most patient of its requests; the others give up on their own.
    if (timeout !== undefined) batch.timeout = Math.max(batch.timeout, timeout || Number.POSITIVE_INFINITY)
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        end()
        if (this.#pending === batch) batch.exchange.withdraw(index)
        reject(reason)
      }
      const abort = () => giveUp(signal?.reason)
      const timer = timeout ? setTimeout(() => giveUp(this.#timedOut(request)), timeout) : undefined
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort, { once: true })
      batch.waiting.push({
        settle(answer) {
          end()
          resolve(answer)
        },
        fail(error) {
          end()
          reject(error)
        },
      })
    })
  }

  #timedOut({ name, words }: NetlinkRequest): SystemError {
    return new SystemError(ETIMEDOUT, { syscall: 'recvfrom', operation: `${name} ${words} in ${this.label}` })
  }

  #batch() {
    if (this.#pending !== undefined) return this.#pending
    this.#owner.handle.hold()
    this.#pending = { exchange: new Exchange(), waiting: [], timeout: defaultTimeout }
    // After all microtasks of this tick, in whichever phase it began: what was awaited on the way still counts as this tick.
    queueMicrotask(() => process.nextTick(() => this.flush()))
    return this.#pending
  }
}
