// A name server of the test's own, which answers as it is told.
import type { Socket } from 'node:dgram'
import { type Answer, decode, encode, type Question } from 'dns-packet'
import type { Namespace } from 'linux-namespaces'

/** What it answers to a question: records, a code, or nothing. */
export interface DnsAnswer {
  answers?: Answer[]
  code?: number
  /** What of the answer is not as it should be. */
  id?: number
  name?: string
  truncated?: boolean
}

export interface DnsServer {
  /** All that was asked, as `'A a.test'`, with `+` where EDNS(0) is spoken. */
  readonly asked: string[]
  readonly socket: Socket
}

const response = 1 << 15
const truncatedFlag = 1 << 9

/** Serves at a port of a namespace. An answer of several messages is sent as such. */
export async function serveDns(
  ns: Namespace,
  address: string,
  answer: (question: Question, edns: boolean) => DnsAnswer | DnsAnswer[] | undefined,
): Promise<DnsServer> {
  const socket = await ns.createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', address, port: 53 })
  const asked: string[] = []
  socket.on('message', (bytes, { address, port }) => {
    const query = decode(bytes)
    const question = query.questions?.[0] as Question
    const edns = query.additionals?.some(({ type }) => type === 'OPT') === true
    asked.push(`${question.type} ${question.name}${edns ? '+' : ''}`)
    for (const { answers = [], code = 0, id = query.id, name = question.name, truncated = false } of [
      answer(question, edns) ?? [],
    ].flat()) {
      const flags = response | (truncated ? truncatedFlag : 0) | code
      const questions = [{ ...question, name }]
      const message = encode({ ...(id === undefined ? {} : { id }), type: 'response', flags, questions, answers })
      socket.send(message, port, address)
    }
  })
  return { asked, socket }
}
