import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addon, startJob } from '../helpers/native.js'

const [POLLIN, POLLOUT, POLLHUP, POLLNVAL] = [1, 4, 16, 32]
const [ETIMEDOUT, ECANCELED, EBADF] = [110, 125, 9]

let reader: number
let writer: number

beforeEach(() => {
  ;[reader, writer] = addon.pipe() as [number, number]
})

afterEach(() => {
  addon.close(reader)
  addon.close(writer)
})

const wait = (fd: number, events: number, timeoutMs = -1) => startJob((id) => addon.wait(id, fd, events, timeoutMs))
const write = () => addon.syscall(addon.numbers.write, writer, 'x', 1)

describe('a wait', () => {
  test('ends when the pipe can be read', async () => {
    const job = wait(reader, POLLIN)
    expect(write()).toBe(1)
    expect(await job.done).toEqual({ errno: 0, where: -1, outcome: POLLIN, data: undefined })
  })

  test('ends at once when it can be read already, or written', async () => {
    write()
    expect(await wait(reader, POLLIN).done).toMatchObject({ outcome: POLLIN })
    expect(await wait(writer, POLLOUT).done).toMatchObject({ outcome: POLLOUT })
  })

  test('ends when the other side is closed', async () => {
    const job = wait(reader, POLLIN)
    addon.close(writer)
    expect(await job.done).toMatchObject({ errno: 0, outcome: POLLHUP })
  })

  test('ends with ETIMEDOUT after its time limit', async () => {
    expect(await wait(reader, POLLIN, 20).done).toMatchObject({ errno: ETIMEDOUT })
    expect(await wait(reader, POLLIN, 0).done).toMatchObject({ errno: ETIMEDOUT })
  })

  test('each with its own limit ends in the order of the limits', async () => {
    const order: number[] = []
    await Promise.all([60, 20, 40].map((limit) => wait(reader, POLLIN, limit).done.then(() => order.push(limit))))
    expect(order).toEqual([20, 40, 60])
  })

  test('ends with ECANCELED when it is cancelled, once', async () => {
    const job = wait(reader, POLLIN)
    job.cancel()
    job.cancel()
    expect(await job.done).toMatchObject({ errno: ECANCELED })
    write()
    expect(await wait(reader, POLLIN).done).toMatchObject({ outcome: POLLIN })
  })

  test('for what is no descriptor ends', async () => {
    expect(await wait(9999, POLLIN).done).toMatchObject({ errno: 0, outcome: POLLNVAL })
    expect(await wait(-1, POLLIN, 10).done).toMatchObject({ errno: ETIMEDOUT })
  })

  test('for a pidfd ends when the process does', async () => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
    // It may be told of before the end of the wait.
    const exit = once(child, 'exit')
    const pidfd = addon.open(addon.numbers.pidfd_open, child.pid as number, 0)
    expect(pidfd).toBeGreaterThan(2)
    const job = wait(pidfd, POLLIN)
    expect(await wait(pidfd, POLLIN, 10).done).toMatchObject({ errno: ETIMEDOUT })
    child.stdin.end()
    const { errno, outcome } = await job.done
    // With POLLHUP beside it when Node has reaped the process by the time the kernel is asked (Linux 6.9).
    expect({ errno, readable: (outcome as number) & POLLIN }).toEqual({ errno: 0, readable: POLLIN })
    await exit
    addon.close(pidfd)
  })

  test('does not hold up a hundred others', async () => {
    const never = wait(reader, POLLIN)
    const jobs = Array.from({ length: 100 }, () => wait(writer, POLLOUT))
    for (const { outcome } of await Promise.all(jobs.map(({ done }) => done))) expect(outcome).toBe(POLLOUT)
    never.cancel()
    await never.done
  })
})

describe('descriptors', () => {
  const numbers = () => readdirSync('/proc/self/fd')

  test('that are owned are closed once, and no others', () => {
    const [one, two] = addon.pipe() as [number, number]
    expect(addon.close(one)).toBe(0)
    expect(addon.close(one)).toBe(EBADF)
    expect(addon.release(two)).toBe(true)
    expect(addon.release(two)).toBe(false)
    // Nobody's now: it stays open.
    expect(addon.close(two)).toBe(EBADF)
    expect(numbers()).toContain(`${two}`)
    addon.own(two)
    expect(addon.close(two)).toBe(0)
    expect(numbers()).not.toContain(`${two}`)
  })

  test('of others, the standard ones among them, are never closed', () => {
    const before = numbers()
    for (const fd of [-1, 0, 1, 2, 3, 4, 5, 0x7fffffff, -0x80000000]) expect(addon.close(fd)).toBe(EBADF)
    expect(numbers()).toEqual(before)
  })

  test('are close-on-exec', () => {
    for (const fd of [reader, writer]) expect(addon.syscall(addon.numbers.fcntl, fd, 1)).toBe(1)
  })

  test('that cannot be opened are an errno', () => {
    expect(addon.open(addon.numbers.openat, -100, '/no/such/file', 0)).toBe(-2)
  })
})
