import { setImmediate as nextTurn } from 'node:timers/promises'
import { checkObject, invalidArgument, stateError } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import { checkLimits, defaultTimeout, type Limits, withLimits } from '../limits.js'
import { addon, type SyscallName } from '../native/addon.js'
import { EAGAIN, EBADFD, EINTR, POLLIN, POLLOUT } from '../native/constants.js'
import { type Job, startJob } from '../native/jobs.js'

// The longest packet, its Ethernet header, and what can be before it (256 bytes of virtio_net_hdr and a struct tun_pi).
const longestPacket = 65_535 + 18 + 256 + 4

// So many are read without a pause at most: while packets keep coming, the event loop must go on.
const longestRun = 64

/**
 * A queue of a {@link TunTap}: packets that the namespace sends through the link are read here, and what is written here
 * arrives at the link. One read or write is one packet. While nobody reads, the kernel keeps as many packets as the link's
 * `txQueueLength` says, and drops those that come after.
 */
export class TunQueue {
  readonly #label: string
  readonly #descriptor: number
  readonly #waits = new Set<Job>()
  readonly #buffer = new Uint8Array(longestPacket)
  #closed = false
  #run = 0

  /** @internal */
  constructor(descriptor: number, label: string) {
    this.#descriptor = descriptor
    this.#label = label
  }

  /**
   * Its descriptor, which does not block: for `stdio` of a child process that shall read and write itself, for instance. It is
   * this object's own, not to be closed.
   *
   * @throws Error `ERR_TUNTAP_CLOSED` after `close()` of the device
   */
  get fd(): number {
    this.#check()
    return this.#descriptor
  }

  /**
   * The next packet. Without a `timeout` or a `signal` it waits for as long as that takes, with no thread held.
   *
   * Kernel: poll(2), read(2).
   *
   * @returns undefined when the device is closed or its link deleted
   * @throws {@link SystemError} `ETIMEDOUT` after the time limit; the signal's reason when it is aborted
   * @example
   * const packet = await tun.queue.read({ timeout: 1000 })
   */
  async read(limits: Limits = {}): Promise<Buffer | undefined> {
    checkLimits(limits)
    limits.signal?.throwIfAborted()
    if (++this.#run % longestRun === 0) await nextTurn()
    const until = deadline(limits.timeout ?? 0)
    while (!this.#closed) {
      const size = addon.syscall(addon.numbers.read, this.#descriptor, this.#buffer, this.#buffer.length)
      if (size >= 0) return Buffer.from(this.#buffer.subarray(0, size))
      if (size === -EBADFD) return undefined
      if (size === -EINTR) continue
      if (size !== -EAGAIN) throw this.#failed(-size, 'read')
      this.#run = 0
      await this.#ready(POLLIN, 'reading from', { signal: limits.signal, timeout: until() })
    }
    return undefined
  }

  /**
   * Sends a packet into the namespace, as if it had come in by the link.
   *
   * Kernel: write(2).
   *
   * @param packet with what the device's options have before it
   * @throws {@link SystemError} `EINVAL` for what is no packet (of a tun, one that is neither IPv4 nor IPv6; of a tap, one without
   * an Ethernet header), `EIO` while the link is down, `EBADFD` when it is deleted, `ETIMEDOUT` after the time limit
   * @throws Error `ERR_TUNTAP_CLOSED` after `close()`; TypeError `ERR_INVALID_ARG_VALUE` for what is no Uint8Array
   * @example
   * await tun.queue.write(reply)
   */
  async write(packet: Uint8Array, limits: Limits = {}): Promise<void> {
    if (!(packet instanceof Uint8Array)) throw invalidArgument('packet', packet, 'it must be a Uint8Array')
    checkLimits(limits)
    limits.signal?.throwIfAborted()
    const until = deadline(limits.timeout ?? defaultTimeout)
    // Memory that other threads share has no address for the addon.
    const bytes = packet.buffer instanceof ArrayBuffer ? packet : Uint8Array.from(packet)
    for (;;) {
      this.#check()
      const size = addon.syscall(addon.numbers.write, this.#descriptor, bytes, bytes.length)
      if (size >= 0) return
      if (size === -EINTR) continue
      if (size !== -EAGAIN) throw this.#failed(-size, 'write')
      await this.#ready(POLLOUT, 'writing to', { signal: limits.signal, timeout: until() })
    }
  }

  /**
   * The packets as they come, until the device is closed, its link deleted or `signal` aborted: all of that ends it at once and
   * without an error. None is read ahead.
   *
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad signal
   * @example
   * for await (const packet of tun.queue.packets({ signal })) console.log(packet.length)
   */
  packets(options: { signal?: AbortSignal } = {}): AsyncGenerator<Buffer, void, undefined> {
    const { signal } = checkObject('options', options)
    checkLimits({ signal })
    return this.#packets(signal)
  }

  /** The same as {@link packets}. */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    return this.packets()
  }

  /**
   * Nothing is read or written any more, and no native thread looks at the descriptor.
   *
   * @internal
   */
  async end(): Promise<void> {
    this.#closed = true
    if (this.#waits.size === 0) return
    for (const wait of this.#waits) wait.cancel()
    // Until the waiting thread comes back from poll(2) it holds the file: this ends with the next call, which is without it.
    await startJob((id) => addon.wait(id, this.#descriptor, 0, 0)).done
  }

  async *#packets(signal: AbortSignal | undefined): AsyncGenerator<Buffer, void, undefined> {
    try {
      while (signal?.aborted !== true) {
        const packet = await this.read({ signal })
        if (packet === undefined) return
        yield packet
      }
    } catch (error) {
      if (signal?.aborted !== true) throw error
    }
  }

  // It is ready, or closed meanwhile.
  async #ready(events: number, what: string, limits: Limits): Promise<void> {
    const { errno } = await withLimits(`${what} ${this.#label}`, 'poll', limits, () => {
      const wait = startJob((id) => addon.wait(id, this.#descriptor, events, -1))
      this.#waits.add(wait)
      wait.done.then(() => this.#waits.delete(wait))
      return wait
    })
    if (errno !== 0 && !this.#closed) throw this.#failed(errno, 'poll')
  }

  #check(): void {
    if (this.#closed) throw stateError('ERR_TUNTAP_CLOSED', `The ${this.#label} is closed`)
  }

  #failed(errno: number, syscall: SyscallName | 'poll'): SystemError {
    return new SystemError(errno, { syscall, operation: `${syscall} of a packet of ${this.#label}` })
  }
}

// Gives the milliseconds that are left; 0 is no limit.
function deadline(timeout: number): () => number {
  const end = performance.now() + timeout
  return () => (timeout === 0 ? 0 : Math.max(1, Math.ceil(end - performance.now())))
}
