import { randomInt } from 'node:crypto'
import { decode, encode, RECURSION_DESIRED } from 'dns-packet'

/** Which addresses are asked for. */
export type AddressType = 'A' | 'AAAA'

/** A question in the form in which it is sent. */
export interface Query {
  id: number
  name: string
  type: AddressType
  bytes: Uint8Array
}

/** What a server says. */
export interface Reply {
  /** RCODE. */
  code: number
  /** It did not fit into a datagram. */
  truncated: boolean
  answers: { name: string; type: string; data: string }[]
}

/** Codes of replies (RFC 1035, 4.1.1). */
export const codes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const

// What passes everywhere without fragments.
const udpPayloadSize = 1232

/** Encodes a question. With EDNS(0) the answer may have more than 512 bytes in a datagram. */
export function queryFor(name: string, type: AddressType, edns: boolean): Query {
  const id = randomInt(0x10000)
  const bytes = encode({
    id,
    type: 'query',
    flags: RECURSION_DESIRED,
    questions: [{ type, name }],
    additionals: edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  })
  return { id, name, type, bytes }
}

/** Names without regard to case and to a dot at the end. */
export const sameName = (a: string, b: string) =>
  a.replace(/\.$/, '').toLowerCase() === b.replace(/\.$/, '').toLowerCase()

/** Decodes the answer to a question; undefined for what is none, which anybody may send. */
export function replyTo(query: Query, bytes: Uint8Array): Reply | undefined {
  try {
    const packet = decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    if (packet.id !== query.id || packet.type !== 'response') return undefined
    const code = (packet.flags ?? 0) & 0xf
    const [question] = packet.questions ?? []
    // A server that could not read the question need not repeat it.
    const repeated = question !== undefined && question.type === query.type && sameName(question.name, query.name)
    if (!repeated && !(code === codes.FORMERR && question === undefined)) return undefined
    const answers = (packet.answers ?? []).flatMap((answer) =>
      'data' in answer && typeof answer.data === 'string'
        ? [{ name: answer.name, type: answer.type, data: answer.data }]
        : [],
    )
    return { code, truncated: packet.flag_tc, answers }
  } catch {
    return undefined
  }
}
