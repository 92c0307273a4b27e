import { setImmediate as nextTurn } from 'node:timers/promises'
import { SystemError } from '../errors/system-error.js'
import { Program } from '../executor/program.js'
import { withLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { Handle } from '../namespace/handle.js'
import { addon } from '../native/addon.js'
import {
  AF_NETLINK,
  EAGAIN,
  EINTR,
  ENOBUFS,
  MSG_DONTWAIT,
  MSG_TRUNC,
  POLLIN,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOL_NETLINK,
  SOL_SOCKET,
} from '../native/constants.js'
import { startJob } from '../native/jobs.js'
import { FrameReader } from './codec/index.js'
import { socketOptions } from './messages/constants.js'
import type { Reply } from './request.js'
import { openSocketSteps } from './socket.js'

/** A notification. */
export interface Notice extends Reply {
  /** NLM_F_* bits. */
  flags: number
}

// Notifications are of a few KB; those about links with many virtual functions are longer.
const receiveBytes = 64 * 1024

// So many are read without a pause at most: what is always there at once would never let the event loop go on.
const longestRun = 64

/**
 * A socket of its own in a network namespace that is told of changes. It is read only when somebody asks: until then, what
 * comes waits in the kernel's buffer, and when that is full the kernel drops it and says so.
 */
export class Subscription {
  readonly #label: string
  readonly #ending = new AbortController()
  /** Fulfilled when it is subscribed. */
  readonly opened: Promise<void>
  readonly #forget: () => void
  #handle: Handle | undefined
  #socket = -1
  #buffer = new Uint8Array(receiveBytes)
  #run = 0

  /**
   * Subscribes: what is asked of the kernel by this process after this call is told.
   *
   * @param groups RTNLGRP_*
   * @param receiveBuffer bytes of the kernel's buffer
   */
  constructor(core: NamespaceCore, groups: readonly number[], receiveBuffer: number) {
    this.#label = core.label
    this.#forget = core.handle.onClose(() => this.close())
    this.opened = core.handle.use(() => this.#open(core, groups, receiveBuffer))
    // Whoever reads is told.
    this.opened.catch(() => {})
  }

  /** Ended by {@link close}, or because its namespace was closed. */
  get closed(): boolean {
    return this.#ending.signal.aborted
  }

  /** Aborted when it is closed. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** What came next; `'lost'` when the kernel had to drop notifications, undefined when it is closed. */
  async receive(): Promise<Notice[] | 'lost' | undefined> {
    try {
      await this.opened
      if (++this.#run % longestRun === 0) await nextTurn()
      while (!this.closed) {
        const received = this.#read()
        if (received !== 'nothing') return received
        this.#run = 0
        await this.#readable()
      }
    } catch (error) {
      if (!this.closed) throw error
    }
    return undefined
  }

  /** All that waits. After a loss the kernel keeps nothing more until this is done, and what it kept is of no use. */
  collect(): { notices: Notice[]; lost: boolean } {
    const notices: Notice[] = []
    let lost = false
    while (!this.closed) {
      const received = this.#read()
      if (received === 'nothing') break
      if (received === 'lost') lost = true
      else if (!lost) notices.push(...received)
    }
    return { notices: lost ? [] : notices, lost }
  }

  /** Ends it at once, whatever is under way. */
  close(): void {
    if (this.closed) return
    this.#ending.abort()
    this.#forget()
    this.#handle?.close()
  }

  async #open(core: NamespaceCore, groups: readonly number[], receiveBuffer: number): Promise<void> {
    const program = new Program()
    core.enterAsOwner(program, ['net'])
    const socket = openSocketSteps(program)
    const number = (value: number) => program.bytes(new Uint8Array(Int32Array.of(value).buffer))
    const size = number(receiveBuffer)
    // Everybody may have as much as net.core.rmem_max says, root more.
    for (const option of [SO_RCVBUF, SO_RCVBUFFORCE]) {
      program.call('setsockopt', [socket, SOL_SOCKET, option, size, size.length], { mayFail: true })
    }
    // A socket without a number of its own, which the kernel would give it when it first sends, is told nothing.
    const unnumbered = program.bytes(new Uint8Array(Int32Array.of(AF_NETLINK, 0, 0).buffer))
    program.call('bind', [socket, unnumbered, unnumbered.length])
    for (const group of groups.map(number)) {
      const options = { purpose: 'subscribing' }
      program.call('setsockopt', [socket, SOL_NETLINK, socketOptions.NETLINK_ADD_MEMBERSHIP, group, 4], options)
    }
    const result = await program.run(`watching ${this.#label}`, { signal: this.#ending.signal })
    this.#socket = result.of(socket)
    this.#handle = new Handle([this.#socket], () => `watch of ${this.#label}`)
    if (this.closed) this.#handle.close()
  }

  #read(): Notice[] | 'lost' | 'nothing' {
    const { recvfrom } = addon.numbers
    for (;;) {
      const size = addon.syscall(recvfrom, this.#socket, this.#buffer, this.#buffer.length, MSG_DONTWAIT | MSG_TRUNC)
      if (size > this.#buffer.length) {
        this.#buffer = new Uint8Array(size)
        return 'lost'
      }
      if (size >= 0) return noticesOf(this.#buffer.slice(0, size))
      if (size === -EAGAIN) return 'nothing'
      if (size === -ENOBUFS) return 'lost'
      if (size !== -EINTR) throw this.#failed(-size, 'recvfrom', 'watching')
    }
  }

  async #readable(): Promise<void> {
    const limits = { signal: this.#ending.signal, timeout: 0 }
    const { errno } = await withLimits('watching', 'poll', limits, () =>
      startJob((id) => addon.wait(id, this.#socket, POLLIN, -1)),
    )
    if (errno !== 0) throw this.#failed(errno, 'poll', 'watching')
  }

  #failed(errno: number, syscall: string, what: string): SystemError {
    return new SystemError(errno, { syscall, operation: `${what} in ${this.#label}` })
  }
}

function noticesOf(bytes: Uint8Array): Notice[] {
  const notices: Notice[] = []
  const frames = new FrameReader(bytes)
  while (frames.next())
    notices.push({ type: frames.type, flags: frames.flags, bytes, start: frames.start, end: frames.end })
  return notices
}
