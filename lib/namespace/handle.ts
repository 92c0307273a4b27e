import { stateError } from '../errors/argument.js'
import { addon } from '../native/addon.js'

/**
 * Descriptors that are closed together, but not under the feet of what uses them on a native thread: a number closed too
 * early could be another file's by the time the thread gets to it.
 */
export class Handle {
  readonly #descriptors: number[]
  readonly #what: () => string
  readonly #listeners = new Set<() => void>()
  #uses = 0
  #closed = false

  /** @param what in words, for the error when it is used after `close()`: "namespace 'blue'" */
  constructor(descriptors: number[], what: () => string) {
    this.#descriptors = [...descriptors]
    this.#what = what
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Another descriptor to close with the others. */
  add(descriptor: number): void {
    this.#descriptors.push(descriptor)
  }

  /** Throws `ERR_NAMESPACE_CLOSED` after `close()`. */
  check(): void {
    if (this.#closed) throw stateError('ERR_NAMESPACE_CLOSED', `The ${this.#what()} is closed`)
  }

  /** Keeps the descriptors open until `work` is over. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.check()
    this.hold()
    try {
      return await work()
    } finally {
      this.release()
    }
  }

  /** Throws as {@link check} when they are closed already; what is under way may still begin its next step. */
  hold(): void {
    if (this.#uses === 0) this.check()
    this.#uses++
  }

  release(): void {
    this.#uses--
    this.#closeIfIdle()
  }

  /** No new use begins; the descriptors go when the last one under way is over. */
  close(): void {
    this.#closed = true
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
    this.#closeIfIdle()
  }

  /** Calls `listener` once when `close()` is called, unless the function that it returns was called before. */
  onClose(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #closeIfIdle(): void {
    if (!this.#closed || this.#uses > 0) return
    for (const descriptor of this.#descriptors.splice(0)) addon.close(descriptor)
  }
}
