import { SystemError } from '../errors/system-error.js'
import { withLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import { EAGAIN, EINTR, ETIMEDOUT, MSG_DONTWAIT, POLLIN } from '../native/constants.js'
import { waitInside } from './ending.js'

/** A message as recvmsg(2) gives it. */
export interface Received {
  data: Uint8Array
  /** The sender's address. */
  name: Uint8Array
  /** Control messages. */
  control: Uint8Array
}

// Read into and copied from at once: one for all.
const data = new Uint8Array(65_536)
const name = new Uint8Array(28)
const control = new Uint8Array(512)

/** A datagram socket that is read without Node: what Node does not tell (control messages, the error queue) is there, too. */
export class Channel {
  readonly fd: number
  readonly #core: NamespaceCore
  readonly #operation: string

  /** Takes over a descriptor of the addon's. */
  constructor(core: NamespaceCore, fd: number, operation: string) {
    this.fd = fd
    this.#core = core
    this.#operation = operation
  }

  /** Sends to where it is connected. */
  send(bytes: Uint8Array): void {
    const result = addon.syscall(addon.numbers.sendto, this.fd, bytes, bytes.length, MSG_DONTWAIT)
    if (result < 0) throw this.#failed(-result, 'sendto')
  }

  /** A message that is there already, or undefined. Throws the socket's pending error. */
  read(flags = 0): Received | undefined {
    for (;;) {
      const [size, nameLength, controlLength] = addon.receive(this.fd, MSG_DONTWAIT | flags, data, name, control)
      if (size >= 0) {
        return {
          data: data.slice(0, size),
          name: name.slice(0, nameLength),
          control: control.slice(0, controlLength),
        }
      }
      if (size === -EAGAIN) return undefined
      if (size !== -EINTR) throw this.#failed(-size, 'recvmsg')
    }
  }

  /**
   * Waits until there is something to read, an error perhaps.
   *
   * @param ms how long at most; without end by default
   * @returns false when the time is up
   * @throws Error `ERR_NAMESPACE_CLOSED` when its namespace is closed
   */
  async readable(signal: AbortSignal | undefined, ms = -1): Promise<boolean> {
    const { errno } = await withLimits(this.#operation, 'poll', { signal, timeout: 0 }, () =>
      waitInside(this.#core, this.fd, POLLIN, ms),
    )
    this.#core.handle.check()
    if (errno !== 0 && errno !== ETIMEDOUT) throw this.#failed(errno, 'poll')
    return errno === 0
  }

  close(): void {
    addon.close(this.fd)
  }

  #failed(errno: number, syscall: string): SystemError {
    return new SystemError(errno, { syscall, operation: this.#operation })
  }
}
