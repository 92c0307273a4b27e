import { SystemError } from '../errors/system-error.js'
import { checkLimits, type Limits, withLimits } from '../limits.js'
import { addon } from '../native/addon.js'
import { ECANCELED } from '../native/constants.js'
import { type Outcome, startJob } from '../native/jobs.js'
import {
  type Ack,
  type Done,
  decodeAck,
  decodeDone,
  FrameReader,
  NLMSG_DONE,
  NLMSG_ERROR,
  Writer,
} from './codec/index.js'
import { NetlinkError } from './error.js'
import { messageFlags, messageTypes } from './messages/constants.js'
import { isDump, type NetlinkRequest, type Reply } from './request.js'

/** A socket, and what its answers are said about. */
export interface Peer {
  readonly socket: number
  /** "namespace 'blue'". */
  readonly label: string
  /** What to do instead, where the kernel answers with this error. */
  hint?(code: string): string | undefined
}

/** How one request ended. */
export interface Answer {
  replies: Reply[]
  error?: Error
  /** The kernel's tables changed during this dump. */
  interrupted: boolean
}

interface Sent {
  peer: Peer
  request: NetlinkRequest
  /** Where its nlmsghdr starts among the bytes. */
  start: number
  segment: number
  answer: Answer
}

interface Segment {
  peer: Peer
  end: number
  sequence: number
  cost: number
  stopOnError: boolean
}

// A send buffer takes 212,992 bytes less bookkeeping by default.
const segmentBytes = 64 * 1024
// 256 unread acknowledgements fill the default receive buffer; the reply to a GET is several times larger.
const segmentCost = 128
const replyCost = 4

const lastSequence = 0x7fffffff

let sequence = 0
const writers: Writer[] = []

/**
 * Requests that go to the kernel in one job of the native thread: in order, in as few system calls as they fit into. Success
 * is silent: an error is always answered, asked for or not, and what drew none has succeeded.
 */
export class Exchange {
  readonly #writer = writers.pop() ?? new Writer(16 * 1024)
  readonly #segments: Segment[] = []
  readonly #sent: Sent[] = []
  // By sequence number: those of exchanges that are filled at the same time mix.
  readonly #bySequence = new Map<number, Sent>()

  get size(): number {
    return this.#sent.length
  }

  /** Encodes a request at once, so that the caller may change the objects afterwards. Returns its index. */
  add(peer: Peer, request: NetlinkRequest): number {
    const writer = this.#writer
    const start = writer.length
    const next = sequence === lastSequence ? 1 : sequence + 1
    writer.beginMessage(request.type, request.flags | messageFlags.NLM_F_REQUEST, next)
    try {
      request.message.encode(writer, request.value)
    } catch (error) {
      writer.cancelMessage()
      throw error
    }
    writer.endMessage()
    sequence = next
    const segment = this.#segmentFor(peer, request)
    const sent: Sent = { peer, request, start, segment, answer: { replies: [], interrupted: false } }
    this.#bySequence.set(next, sent)
    return this.#sent.push(sent) - 1
  }

  /** What has been added since the last such call is sent by itself, and what follows only if none of it drew an error. */
  stopOnError(): void {
    const segment = this.#segments.at(-1)
    if (segment === undefined) return
    segment.stopOnError = true
    segment.cost = segmentCost
  }

  /** Takes a request back that has not been sent. */
  withdraw(index: number): void {
    const sent = this.#sent[index]
    if (sent === undefined) return
    this.#writer.view.setUint16(sent.start + 4, messageTypes.NLMSG_NOOP, true)
    // Of a dump, nothing would tell the end any more.
    const segment = this.#segments[sent.segment]
    if (isDump(sent.request) && segment !== undefined) segment.sequence = 0
  }

  /** Sends everything; the answers, by index. Rejects only at its limits. It can be run once. */
  async run(limits: Limits): Promise<Answer[]> {
    checkLimits(limits)
    const bytes = this.#writer.bytes()
    const segments = new Int32Array(4 * this.#segments.length)
    let start = 0
    this.#segments.forEach(({ peer, end, sequence: wanted, stopOnError }, i) => {
      segments.set([peer.socket, end - start, wanted, stopOnError ? 1 : 0], 4 * i)
      start = end
    })
    const { timeout = 30_000 } = limits
    const outcome = await withLimits('waiting for the kernel', 'recvfrom', limits, () =>
      startJob((id) => addon.exchange(id, segments, bytes, timeout > 0 ? timeout : 0x7fffffff)),
    )
    if (outcome.data !== undefined) this.#distribute(outcome.data)
    if (outcome.where >= 0 || outcome.errno !== 0) this.#fail(outcome)
    const answers = this.#sent.map(({ answer }) => answer)
    this.#writer.reset()
    if (writers.length < 4) writers.push(this.#writer)
    return answers
  }

  #segmentFor(peer: Peer, request: NetlinkRequest): number {
    const end = this.#writer.length
    const dump = isDump(request)
    const replies = request.name.includes('GET') || (request.flags & messageFlags.NLM_F_ECHO) !== 0
    const cost = replies ? replyCost : 1
    const last = this.#segments.at(-1)
    const from = this.#segments.at(-2)?.end ?? 0
    const fits =
      last !== undefined && last.peer === peer && last.cost + cost <= segmentCost && end - from <= segmentBytes && !dump
    if (fits) {
      last.end = end
      last.cost += cost
    } else {
      // One dump at a time: a socket that has one under way refuses another.
      this.#segments.push({
        peer,
        end,
        sequence: dump ? sequence : 0,
        cost: dump ? segmentCost : cost,
        stopOnError: false,
      })
    }
    return this.#segments.length - 1
  }

  #distribute(bytes: Uint8Array): void {
    const frames = new FrameReader(bytes)
    while (frames.next()) {
      const sent = this.#bySequence.get(frames.seq)
      // Left over from a request whose time was up.
      if (sent === undefined) continue
      const { type, start, end } = frames
      if (frames.has(messageFlags.NLM_F_DUMP_INTR)) sent.answer.interrupted = true
      if (type === NLMSG_ERROR) {
        const ack = decodeAck(bytes, start, end, frames.flags)
        if (ack.errno !== 0) sent.answer.error = this.#refused(sent, ack)
      } else if (type === NLMSG_DONE) {
        const done = decodeDone(bytes, start, end, frames.flags)
        if (done.errno !== 0) sent.answer.error = this.#refused(sent, done)
      } else sent.answer.replies.push({ type, bytes, start, end })
    }
  }

  #refused(sent: Sent, ack: Ack | Done): NetlinkError {
    const { message, name, words } = sent.request
    const bytes = this.#writer.bytes()
    const start = sent.start + 16
    const end = sent.start + this.#writer.view.getUint32(sent.start, true)
    let attribute: string | undefined
    if (ack.missingType !== undefined)
      attribute = message.missingAt(bytes, start, end, ack.missingType, ack.missingNest)
    else if (ack.offset !== undefined) attribute = message.pathAt(bytes, start, end, ack.offset)
    const details = { request: name, operation: `${words} in ${sent.peer.label}`, attribute, ack }
    const error = new NetlinkError(ack.errno, details)
    const hint = sent.request.hint?.(error) ?? sent.peer.hint?.(error.code)
    return hint === undefined ? error : new NetlinkError(ack.errno, { ...details, hint })
  }

  // What came before the failed segment is known; what was in it or after it is not, or was never sent.
  #fail({ errno, where, outcome }: Outcome): void {
    for (const { answer, segment, request, peer } of this.#sent) {
      if (segment < where || answer.error !== undefined) continue
      const operation = `${request.name} ${request.words} in ${peer.label}`
      if (segment > where) {
        answer.error = new SystemError(errno === 0 ? ECANCELED : errno, { syscall: 'sendto', operation })
      } else if (errno !== 0)
        answer.error = new SystemError(errno, { syscall: outcome === true ? 'sendto' : 'recvfrom', operation })
    }
  }
}
