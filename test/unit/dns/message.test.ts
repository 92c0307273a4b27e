import { decode, encode } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { queryFor, replyTo } from '../../../lib/dns/message.js'

const query = queryFor('a.test', 'A', true)
const answer = { type: 'A', name: 'a.test', ttl: 1, data: '10.0.0.1' } as const

const reply = (changes: object = {}) =>
  encode({
    id: query.id,
    type: 'response',
    flags: 0,
    questions: [{ type: 'A', name: 'A.test' }],
    answers: [answer],
    ...changes,
  })

describe('a question', () => {
  test('asks for recursion, and for longer answers with EDNS(0)', () => {
    const sent = decode(Buffer.from(query.bytes))
    expect(sent).toMatchObject({
      id: query.id,
      type: 'query',
      flag_rd: true,
      questions: [{ type: 'A', name: 'a.test' }],
    })
    expect(sent.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }])
    const plain = queryFor('a.test', 'AAAA', false)
    expect(decode(Buffer.from(plain.bytes)).additionals).toEqual([])
  })

  test('has a number that cannot be foreseen', () => {
    expect(new Set(Array.from({ length: 50 }, () => queryFor('a.test', 'A', true).id)).size).toBeGreaterThan(40)
  })
})

describe('a reply', () => {
  test('is what answers the question', () => {
    expect(replyTo(query, reply())).toEqual({
      code: 0,
      truncated: false,
      answers: [{ type: 'A', name: 'a.test', data: '10.0.0.1' }],
    })
    expect(replyTo(query, reply({ flags: 0x203 }))).toMatchObject({ code: 3, truncated: true })
    expect(replyTo(query, reply({ flags: 1, questions: [], answers: [] }))).toMatchObject({ code: 1 })
  })

  test('is nothing else', () => {
    for (const changes of [
      { id: query.id ^ 1 },
      { type: 'query' },
      { questions: [{ type: 'AAAA', name: 'a.test' }] },
      { questions: [{ type: 'A', name: 'b.test' }] },
      { questions: [] },
    ])
      expect(replyTo(query, reply(changes)), JSON.stringify(changes)).toBe(undefined)
  })

  test('of any bytes at all is read without an error and without a hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(), fc.nat(255), (bytes, at, value) => {
        replyTo(query, bytes)
        const changed = Uint8Array.from(reply())
        changed[at % changed.length] = value
        replyTo(query, changed)
        replyTo(query, changed.subarray(0, at % changed.length))
      }),
    )
  })
})
