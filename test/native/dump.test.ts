import { closeSync, read, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { DumpInterruptedError, linkMessage, messageFlags, messageTypes, Writer } from 'linux-namespaces/netlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addon } from '../../dist/native/addon.js'
import { Connection } from '../../dist/netlink/connection.js'
import { request } from '../../dist/netlink/request.js'

const socketpair = process.arch === 'arm64' ? 199 : 53
const AF_UNIX = 1
const SOCK_DGRAM = 2
const { NLM_F_MULTI, NLM_F_DUMP, NLM_F_DUMP_INTR } = messageFlags

let ours: number
let theirs: number

beforeEach(() => {
  const pair = new Int32Array(2)
  expect(addon.syscall(socketpair, AF_UNIX, SOCK_DGRAM, 0, new Uint8Array(pair.buffer))).toBe(0)
  ours = pair[0] as number
  theirs = pair[1] as number
})

afterEach(() => {
  closeSync(ours)
  closeSync(theirs)
})

/** Plays the kernel: answers so many dumps, each with one link named after the attempt. */
async function answer(attempts: number, isInterrupted: (attempt: number) => boolean): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const buffer = Buffer.alloc(4096)
    await promisify(read)(theirs, buffer, 0, buffer.length, null)
    const sequence = buffer.readUInt32LE(8)
    const writer = new Writer()
    // The kernel marks what comes after the change, and at last the end.
    const flags = NLM_F_MULTI | (isInterrupted(attempt) ? NLM_F_DUMP_INTR : 0)
    writer.beginMessage(messageTypes.RTM_NEWLINK, NLM_F_MULTI, sequence)
    linkMessage.encode(writer, { ifname: `attempt${attempt}` })
    writer.endMessage()
    writer.beginMessage(messageTypes.NLMSG_DONE, flags, sequence)
    writer.reserve(4)
    writer.endMessage()
    writeSync(theirs, writer.bytes())
  }
}

function dump(): Promise<(string | undefined)[]> {
  const handle = { check() {}, hold() {}, release() {} }
  const connection = new Connection(ours, { label: 'a socket of the test', handle })
  const links = request('RTM_GETLINK', linkMessage, {}, { flags: NLM_F_DUMP, words: 'the links' })
  return connection.dump(links, ({ bytes, start, end }) => linkMessage.decode(bytes, start, end).ifname)
}

test('a dump that was interrupted is made again, and the whole one counts', async () => {
  const [names] = await Promise.all([dump(), answer(3, (attempt) => attempt < 3)])
  expect(names).toEqual(['attempt3'])
})

test('one that is interrupted each time is given up, with what was read at last', async () => {
  const [error] = await Promise.all([dump().catch((failure: unknown) => failure), answer(5, () => true)])
  expect(error).toBeInstanceOf(DumpInterruptedError)
  expect(error).toMatchObject({ code: 'EINTR', request: 'RTM_GETLINK', partial: ['attempt5'] })
})
