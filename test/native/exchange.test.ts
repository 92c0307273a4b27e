import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addon, answers, exchange, message } from '../helpers/native.js'
import { until } from '../helpers/until.js'

const [AF_NETLINK, SOCK_RAW_CLOEXEC] = [16, 3 | 0o2000000]
const [NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP] = [1, 4, 0x300]
const [NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, RTM_NEWLINK, RTM_GETLINK, RTM_DELLINK] = [1, 2, 3, 16, 18, 17]
const [ENODEV, EBADF, EFAULT, ENOTSOCK, EMSGSIZE, ETIMEDOUT, ECANCELED, EINVAL] = [19, 9, 14, 88, 90, 110, 125, 22]

let socket: number
let other: number

function openSocket(): number {
  const fd = addon.open(addon.numbers.socket, AF_NETLINK, SOCK_RAW_CLOEXEC, 0)
  if (fd < 0) throw new Error(`socket: ${-fd}`)
  return fd
}

beforeAll(() => {
  socket = openSocket()
  other = openSocket()
})

afterAll(() => {
  addon.close(socket)
  addon.close(other)
})

/** An ifinfomsg that names a link by its index. */
function linkOf(index: number): Uint8Array {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setInt32(4, index, true)
  return bytes
}

const get = (sequence: number, index = 1, flag = 0) =>
  message(RTM_GETLINK, NLM_F_REQUEST | flag, sequence, linkOf(index))
const dump = (sequence: number) => message(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sequence, linkOf(0))
const joined = (...messages: Uint8Array[]) => Uint8Array.from(messages.flatMap((each) => [...each]))
const noSuchLink = 0x7ffffff0

describe('an exchange', () => {
  test('brings the reply of a request', async () => {
    const { errno, where, outcome, data } = await exchange([{ socket, bytes: get(5) }]).done
    expect([errno, where, outcome]).toEqual([0, -1, false])
    expect(answers(data)).toEqual([{ type: RTM_NEWLINK, sequence: 5, errno: 0 }])
  })

  test('of nothing is over at once', async () => {
    expect(await exchange([]).done).toEqual({ errno: 0, where: -1, outcome: false, data: undefined })
  })

  test('brings the errors of each request in a batch, and success in silence', async () => {
    const bytes = joined(get(1), get(2, noSuchLink), get(3), get(4, noSuchLink), get(5, 1, NLM_F_ACK))
    const { errno, data } = await exchange([{ socket, bytes }]).done
    expect(errno).toBe(0)
    expect(answers(data)).toEqual([
      { type: RTM_NEWLINK, sequence: 1, errno: 0 },
      { type: NLMSG_ERROR, sequence: 2, errno: ENODEV },
      { type: RTM_NEWLINK, sequence: 3, errno: 0 },
      { type: NLMSG_ERROR, sequence: 4, errno: ENODEV },
      { type: RTM_NEWLINK, sequence: 5, errno: 0 },
      { type: NLMSG_ERROR, sequence: 5, errno: 0 },
    ])
  })

  test('reads a dump until NLMSG_DONE', async () => {
    const { errno, data } = await exchange([{ socket, bytes: dump(9), sequence: 9 }]).done
    expect(errno).toBe(0)
    const list = answers(data)
    expect(list.at(-1)).toEqual({ type: NLMSG_DONE, sequence: 9, errno: 0 })
    expect(list.slice(0, -1).every(({ type }) => type === RTM_NEWLINK)).toBe(true)
  })

  test('reads a dump that is refused until its error', async () => {
    const bytes = message(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 9, new Uint8Array(4))
    // Strict checking is what refuses it.
    const one = Uint8Array.of(1, 0, 0, 0)
    const strict = openSocket()
    expect(addon.syscall(addon.numbers.setsockopt, strict, 270, 12, one, 4)).toBe(0)
    const { errno, data } = await exchange([{ socket: strict, bytes, sequence: 9 }]).done
    addon.close(strict)
    // Which of the two it is depends on the kernel.
    const type = expect.toSatisfy((each: number) => each === NLMSG_ERROR || each === NLMSG_DONE)
    expect([errno, answers(data)]).toEqual([0, [{ type, sequence: 9, errno: EINVAL }]])
  })

  test('goes through its parts in order, over several sockets', async () => {
    const parts = Array.from({ length: 20 }, (_, i) => ({ socket: i % 2 === 0 ? socket : other, bytes: get(i + 1) }))
    const { errno, data } = await exchange(parts).done
    expect(errno).toBe(0)
    expect(answers(data).map(({ sequence }) => sequence)).toEqual(parts.map((_, i) => i + 1))
  })

  test('stops at an error where it is to, and says where', async () => {
    const parts = [
      { socket, bytes: get(1), stopOnError: true },
      { socket, bytes: get(2, noSuchLink) },
      { socket, bytes: get(3, noSuchLink), stopOnError: true },
      { socket, bytes: get(4) },
    ]
    const { errno, where, outcome, data } = await exchange(parts).done
    expect([errno, where, outcome]).toEqual([0, 2, false])
    expect(answers(data).map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  })

  test('does not take an acknowledgement for an error', async () => {
    const { where, data } = await exchange([
      { socket, bytes: get(1, 1, NLM_F_ACK), stopOnError: true },
      { socket, bytes: get(2) },
    ]).done
    expect(where).toBe(-1)
    expect(answers(data).at(-1)).toMatchObject({ sequence: 2 })
  })

  test('with a socket that is none fails in sending, and nothing after it is sent', async () => {
    const parts = [
      { socket, bytes: get(1) },
      { socket: 9999, bytes: get(2) },
      { socket, bytes: get(3) },
    ]
    const { errno, where, outcome, data } = await exchange(parts).done
    expect([errno, where, outcome]).toEqual([EBADF, 1, true])
    expect(answers(data).map(({ sequence }) => sequence)).toEqual([1])
    const [reader, writer] = addon.pipe() as [number, number]
    expect(await exchange([{ socket: writer, bytes: get(1) }]).done).toMatchObject({
      errno: ENOTSOCK,
      where: 0,
      outcome: true,
    })
    addon.close(reader)
    addon.close(writer)
  })

  test('of more than the socket takes fails in sending', async () => {
    expect(await exchange([{ socket, bytes: new Uint8Array(1 << 20) }]).done).toMatchObject({
      errno: EMSGSIZE,
      outcome: true,
    })
    expect((await exchange([{ socket, bytes: get(1) }]).done).errno).toBe(0)
  })

  test('of bytes that are no message draws no reply, and the socket goes on', async () => {
    for (const bytes of [
      new Uint8Array(3),
      new Uint8Array(64).fill(255),
      message(RTM_DELLINK, 0, 1, linkOf(noSuchLink)),
    ]) {
      expect(await exchange([{ socket, bytes }]).done).toMatchObject({ errno: 0, data: undefined })
    }
    expect((await exchange([{ socket, bytes: get(1) }]).done).data).toBeDefined()
  })
})

describe('a socket that never answers', () => {
  const silence = (sequence: number) => ({ socket, bytes: message(NLMSG_NOOP, NLM_F_REQUEST, sequence), sequence })

  test('is given up after the time limit', async () => {
    const { errno, where, outcome, data } = await exchange(
      [{ socket, bytes: get(1) }, silence(2), { socket, bytes: get(3) }],
      30,
    ).done
    expect([errno, where, outcome]).toEqual([ETIMEDOUT, 1, false])
    expect(answers(data).map(({ sequence }) => sequence)).toEqual([1])
  })

  test('is given up when the exchange is cancelled, and the next one goes on', async () => {
    const job = exchange([silence(1)], 0x7fffffff)
    const next = exchange([{ socket, bytes: get(2) }])
    job.cancel()
    expect(await job.done).toMatchObject({ errno: ECANCELED })
    expect(answers((await next.done).data)).toMatchObject([{ sequence: 2 }])
  })

  test('is given up when it is cancelled in the middle', async () => {
    const job = exchange([{ socket, bytes: get(1) }, silence(2)], 0x7fffffff)
    let over = false
    const done = job.done.finally(() => {
      over = true
    })
    // The one behind it waits, so it must be under way when its turn has not come.
    const behind = exchange([{ socket, bytes: get(3) }])
    await new Promise(setImmediate)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(over).toBe(false)
    job.cancel()
    expect(await done).toMatchObject({ errno: ECANCELED })
    expect((await behind.done).errno).toBe(0)
  })
})

test('a dump that is not read to its end is followed by one that is', async () => {
  // What is left of the first would make the kernel refuse the second.
  const first = await exchange([
    { socket, bytes: joined(dump(1)) },
    { socket, bytes: dump(2), sequence: 2 },
  ]).done
  expect(first.errno).toBe(0)
  expect(answers(first.data).at(-1)).toEqual({ type: NLMSG_DONE, sequence: 2, errno: 0 })
})

test('parts that are longer than the request are refused with EFAULT', () => {
  const request = get(1)
  for (const segments of [
    [socket, request.length + 1, 0, 0],
    [socket, -1, 0, 0],
    [socket, 16, 0, 0, socket, 17, 0, 0],
  ]) {
    expect(addon.exchange(0, Int32Array.from(segments), request, 1000)).toBe(EFAULT)
  }
})

test('many exchanges at once are carried out one after the other', async () => {
  const jobs = Array.from({ length: 200 }, (_, i) => exchange([{ socket, bytes: get(i + 1) }]))
  const results = await Promise.all(jobs.map(({ done }) => done))
  expect(results.map(({ data }) => answers(data)[0]?.sequence)).toEqual(jobs.map((_, i) => i + 1))
  await until(
    'nothing is left to read',
    () => addon.syscall(addon.numbers.recvfrom, socket, new Uint8Array(16), 16, 0x40) === -11,
  )
})
