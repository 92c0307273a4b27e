import { SystemError } from '../errors/system-error.js'
import { checkLimits, defaultTimeout, type Limits, withLimits } from '../limits.js'
import { addon } from '../native/addon.js'
import { ECANCELED } from '../native/constants.js'
import { type Job, type Outcome, startJob } from '../native/jobs.js'
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
import { newerHint } from './newer.js'
import { copyReply, isDump, type NetlinkRequest, type Reply } from './request.js'

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
  /** What came, unless it was taken as it came. */
  readonly replies: Reply[]
  readonly error: Error | undefined
  /** The kernel's tables changed during this dump. */
  readonly interrupted: boolean
  /** Of a dump: all of it has come, or it was refused. */
  readonly ended: boolean
}

const nothing: Reply[] = []

class Sent implements Answer {
  replies = nothing
  error: Error | undefined = undefined
  interrupted = false
  ended = false
  // Not the request itself: while thousands are under way, their payloads need not be kept.
  readonly name: string
  readonly words: string
  readonly message: NetlinkRequest['message']
  readonly hint: NetlinkRequest['hint']
  readonly isDump: boolean

  /**
   * @param sequence its number
   * @param start where its nlmsghdr starts among the bytes
   * @param segment the index of the segment it is in
   * @param take is given each reply, in an object that is used again
   */
  constructor(
    readonly peer: Peer,
    request: NetlinkRequest,
    readonly sequence: number,
    readonly start: number,
    readonly segment: number,
    readonly take: ((reply: Reply) => void) | undefined,
  ) {
    this.name = request.name
    this.words = request.words
    this.message = request.message
    this.hint = request.hint
    this.isDump = isDump(request)
  }

  get operation(): string {
    return `${this.words} in ${this.peer.label}`
  }

  add(reply: Reply): void {
    if (this.take === undefined) {
      if (this.replies === nothing) this.replies = []
      this.replies.push(copyReply(reply))
      return
    }
    try {
      this.take(reply)
    } catch (error) {
      this.error ??= error as Error
    }
  }
}

interface Segment {
  peer: Peer
  end: number
  sequence: number
  cost: number
  flags: number
}

// The flags of a segment, of native/src/exchange.h.
const stopOnError = 1
const oneBlock = 2

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
  readonly #writer = writers.pop() ?? new Writer(1024)
  readonly #segments: Segment[] = []
  readonly #sent: Sent[] = []
  // Those of exchanges that are filled at the same time mix. Made when something is answered: most changes draw nothing.
  #bySequence: Map<number, Sent> | undefined
  #job: Job | undefined

  /**
   * Encodes a request at once, so that the caller may change the objects afterwards. Returns its index.
   *
   * @param take is given each reply as it comes, in an object that is used again; without it they are kept in the answer
   */
  add(peer: Peer, request: NetlinkRequest, take?: (reply: Reply) => void): number {
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
    return this.#sent.push(new Sent(peer, request, next, start, segment, take)) - 1
  }

  /** What has been added since the last such call is sent by itself, and what follows only if none of it drew an error. */
  stopOnError(): void {
    const segment = this.#segments.at(-1)
    if (segment === undefined) return
    segment.flags = stopOnError
    segment.cost = segmentCost
  }

  /** Takes a request back that has not been sent. */
  withdraw(index: number): void {
    const sent = this.#sent[index]
    if (sent === undefined) return
    this.#writer.view.setUint16(sent.start + 4, messageTypes.NLMSG_NOOP, true)
    // Of a dump, nothing would tell the end any more.
    const segment = this.#segments[sent.segment]
    if (sent.isDump && segment !== undefined) segment.sequence = 0
  }

  /** Nobody waits for an answer any more: what has not been sent yet never is. */
  abandon(): void {
    this.#job?.cancel()
  }

  /**
   * Sends everything; the answers, by index. Rejects only at its limits. It can be run once.
   *
   * @param over is called when the native side is through with the sockets, which may be later than that
   */
  async run(limits: Limits, over: () => void = () => {}): Promise<Answer[]> {
    const bytes = this.#writer.bytes()
    const segments = new Int32Array(4 * this.#segments.length)
    let start = 0
    this.#segments.forEach(({ peer, end, sequence: wanted, flags }, i) => {
      segments.set([peer.socket, end - start, wanted, flags], 4 * i)
      start = end
    })
    await this.#carryOut(segments, bytes, limits, over)
    this.#writer.reset()
    if (writers.length < 4) writers.push(this.#writer)
    return this.#sent
  }

  /**
   * Sends the only request, a dump, and reads the first block of its answer, or when called again the next one, until the
   * answer has `ended`. Limits are those of this block.
   */
  async step(limits: Limits, over: () => void): Promise<Answer> {
    const { peer, end, sequence: wanted } = this.#segments[0] as Segment
    const isFirst = this.#bySequence === undefined
    const bytes = this.#writer.bytes().subarray(0, isFirst ? end : 0)
    await this.#carryOut(Int32Array.of(peer.socket, bytes.length, wanted, oneBlock), bytes, limits, over)
    return this.#sent[0] as Sent
  }

  async #carryOut(segments: Int32Array, bytes: Uint8Array, limits: Limits, over: () => void): Promise<void> {
    let begun = false
    try {
      checkLimits(limits)
      const { timeout = defaultTimeout } = limits
      const start = (id: number) => addon.exchange(id, segments, bytes, timeout > 0 ? timeout : 0x7fffffff)
      const outcome = await withLimits('waiting for the kernel', 'recvfrom', limits, () => {
        const job = startJob(start, (block) => this.#distribute(block))
        this.#job = job
        begun = true
        job.done.then(over)
        return job
      })
      if (outcome.data !== undefined) this.#distribute(outcome.data)
      if (outcome.where >= 0 || outcome.errno !== 0) this.#fail(outcome)
    } finally {
      if (!begun) over()
    }
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
        flags: 0,
      })
    }
    return this.#segments.length - 1
  }

  #distribute(bytes: Uint8Array): void {
    this.#bySequence ??= new Map(this.#sent.map((sent) => [sent.sequence, sent]))
    const frames = new FrameReader(bytes)
    let sent: Sent | undefined
    while (frames.next()) {
      if (sent?.sequence !== frames.seq) sent = this.#bySequence.get(frames.seq)
      // Left over from a request whose time was up.
      if (sent === undefined) continue
      const { type, start, end } = frames
      if (frames.has(messageFlags.NLM_F_DUMP_INTR)) sent.interrupted = true
      if (type === NLMSG_ERROR) {
        const ack = decodeAck(bytes, start, end, frames.flags)
        if (ack.errno !== 0) sent.error = this.#refused(sent, ack)
        sent.ended = true
      } else if (type === NLMSG_DONE) {
        const done = decodeDone(bytes, start, end, frames.flags)
        if (done.errno !== 0) sent.error = this.#refused(sent, done)
        sent.ended = true
      } else sent.add(frames)
    }
  }

  #refused(sent: Sent, ack: Ack | Done): NetlinkError {
    const { message, name, operation } = sent
    const bytes = this.#writer.bytes()
    const start = sent.start + 16
    const end = sent.start + this.#writer.view.getUint32(sent.start, true)
    let attribute: string | undefined
    if (ack.missingType !== undefined)
      attribute = message.missingAt(bytes, start, end, ack.missingType, ack.missingNest)
    else if (ack.offset !== undefined) attribute = message.pathAt(bytes, start, end, ack.offset)
    const details = { request: name, operation, attribute, ack }
    const error = new NetlinkError(ack.errno, details)
    const value = () => message.decode(bytes, start, end)
    const hint = sent.hint?.(error) ?? newerHint(message.shape, value, error) ?? sent.peer.hint?.(error.code)
    return hint === undefined ? error : new NetlinkError(ack.errno, { ...details, hint })
  }

  // What came before the failed segment is known; what was in it or after it is not, or was never sent.
  #fail({ errno, where, outcome }: Outcome): void {
    for (const sent of this.#sent) {
      const { segment } = sent
      if (segment < where || sent.error !== undefined) continue
      const operation = `${sent.name} ${sent.operation}`
      if (segment > where) {
        sent.error = new SystemError(errno === 0 ? ECANCELED : errno, { syscall: 'sendto', operation })
      } else if (errno !== 0)
        sent.error = new SystemError(errno, { syscall: outcome === true ? 'sendto' : 'recvfrom', operation })
    }
  }
}
