// The addon as it is, without the library in between: programs of steps and messages as the bytes it takes.
import { addon, type SyscallName } from '../../dist/native/addon.js'
import { type Job, type Outcome, startJob } from '../../dist/native/jobs.js'

export { addon, startJob }

/** An argument: a number, text or bytes (their address is passed), `{ at }` of the data, or an earlier step's result. */
export type Argument = number | string | Uint8Array | { at: number } | { result: number }

export const flags = { keep: 1, temporary: 2, mayFail: 4, once: 8 } as const

/** Steps for the executor, in the layout of native/src/executor.h. */
export class Steps {
  readonly numbers: number[] = []
  #data: number[] = []

  add(name: SyscallName | number, args: Argument[], flag = 0): this {
    let kinds = 0
    const values = args.map((argument, i) => {
      if (typeof argument === 'number') return argument
      if (typeof argument === 'object' && !(argument instanceof Uint8Array) && 'result' in argument) {
        kinds |= 2 << (2 * i)
        return argument.result
      }
      kinds |= 1 << (2 * i)
      if (typeof argument === 'object' && !(argument instanceof Uint8Array)) return argument.at
      return this.data(typeof argument === 'string' ? new TextEncoder().encode(`${argument}\0`) : argument)
    })
    const number = typeof name === 'number' ? name : addon.numbers[name]
    this.numbers.push(number, flag, kinds, ...values, ...Array(6 - values.length).fill(0))
    return this
  }

  /** Puts bytes into the data, at a multiple of eight. */
  data(bytes: Uint8Array): number {
    while (this.#data.length % 8 !== 0) this.#data.push(0)
    const offset = this.#data.length
    this.#data.push(...bytes)
    return offset
  }

  get bytes(): Uint8Array {
    return Uint8Array.from([...this.#data, 0])
  }

  /** One that chains begins at addon.wake(), or with what is started after it. */
  start({ wantsData = false, chains = false } = {}): Job {
    return startJob((id) => addon.execute(id, Int32Array.from(this.numbers), this.bytes, wantsData, chains))
  }

  run(options: { wantsData?: boolean; chains?: boolean } = {}): Promise<Outcome> {
    const { done } = this.start(options)
    addon.wake()
    return done
  }

  /** The errno of queueing it: what is unsound is refused before it begins. */
  refusal(): number {
    return addon.execute(0, Int32Array.from(this.numbers), this.bytes, false, false)
  }
}

/** A message of netlink: its header, and its payload. */
export function message(
  type: number,
  flag: number,
  sequence: number,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  const bytes = new Uint8Array(16 + ((payload.length + 3) & ~3))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 16 + payload.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, flag, true)
  view.setUint32(8, sequence, true)
  bytes.set(payload, 16)
  return bytes
}

/** A part of an exchange: a message for a socket. */
export interface Part {
  socket: number
  bytes: Uint8Array
  /** Read on until the answer to it has ended. */
  sequence?: number
  stopOnError?: boolean
}

/** Starts an exchange. */
export function exchange(parts: Part[], timeoutMs = 5000): Job {
  const segments = parts.flatMap(({ socket, bytes, sequence = 0, stopOnError = false }) => [
    socket,
    bytes.length,
    sequence,
    stopOnError ? 1 : 0,
  ])
  const request = Uint8Array.from(parts.flatMap(({ bytes }) => [...bytes]))
  return startJob((id) => addon.exchange(id, Int32Array.from(segments), request, timeoutMs))
}

/** The messages of an answer, by type, sequence number and (for NLMSG_ERROR and NLMSG_DONE) errno. */
export function answers(data: Uint8Array | undefined): { type: number; sequence: number; errno: number }[] {
  const result = []
  const bytes = data ?? new Uint8Array()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + 16 <= bytes.length; at += (view.getUint32(at, true) + 3) & ~3) {
    const type = view.getUint16(at + 4, true)
    const errno = type === 2 || type === 3 ? -view.getInt32(at + 16, true) : 0
    result.push({ type, sequence: view.getUint32(at + 8, true), errno: errno === 0 ? 0 : errno })
  }
  return result
}
