import { readdirSync, readlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { addon, flags, Steps, startJob } from '../helpers/native.js'
import { isRoot } from '../helpers/user.js'

const CLONE_NEWNET = 0x40000000
const CLONE_NEWUTS = 0x04000000
const newUserNamespace = -1
const O_CLOEXEC = 0o2000000
const [EPERM, ENOENT, EBADF, EFAULT, EINVAL, ECANCELED] = [1, 2, 9, 14, 22, 125]
const cwd = -100
const uid = process.geteuid?.() ?? 0
const gid = process.getegid?.() ?? 0

/** Steps that begin in a new user namespace, in which everybody may do the rest. */
function inUserNamespace(): Steps {
  const steps = new Steps()
  const text = (value: string) => steps.data(new TextEncoder().encode(`${value}\0`))
  return steps.add(newUserNamespace, [text('deny'), text(`0 ${uid} 1`), text(`0 ${gid} 1`)])
}

const open = (steps: Steps, path: string, flag: number) => steps.add('openat', [cwd, path, O_CLOEXEC], flag)
const count = () => readdirSync('/proc/self/fd').length

describe('a program', () => {
  test('gives the result of each step', async () => {
    const steps = open(new Steps(), '/dev/null', flags.keep)
      .add('fcntl', [{ result: 0 }, 1])
      .add('close', [{ result: 0 }])
    const { errno, where, outcome } = await steps.run()
    expect([errno, where]).toEqual([0, -1])
    const [fd = -1, cloexec, closed] = outcome as number[]
    expect(fd).toBeGreaterThan(2)
    expect([cloexec, closed]).toEqual([1, 0])
    // Closed behind its back; the number is no longer its own.
    expect(addon.release(fd)).toBe(true)
  })

  test('of no steps succeeds', async () => {
    expect(await new Steps().run()).toEqual({ errno: 0, where: -1, outcome: [], data: undefined })
  })

  test('of many steps is carried out in order', async () => {
    const steps = new Steps()
    for (let i = 0; i < 1000; i++) steps.add('fcntl', [i % 3, 1])
    const { errno, outcome } = await steps.run()
    expect(errno).toBe(0)
    expect((outcome as number[]).length).toBe(1000)
  })

  test('gives the data that its calls filled, if it is wanted', async () => {
    const steps = open(new Steps(), '/proc/sys/kernel/ostype', flags.temporary)
    const at = steps.data(new Uint8Array(16))
    steps.add('read', [{ result: 0 }, { at }, 16])
    const { data, outcome } = await steps.run({ wantsData: true })
    const [, length = 0] = outcome as number[]
    expect(new TextDecoder().decode(data?.subarray(at, at + length))).toBe('Linux\n')
    expect((await steps.run()).data).toBeUndefined()
  })

  test('keeps descriptors that are to be kept, and closes temporary ones', async () => {
    const before = count()
    const steps = open(open(new Steps(), '/proc/version', flags.keep), '/proc/uptime', flags.temporary)
    const { outcome } = await steps.run()
    const [kept = -1] = outcome as number[]
    expect(readlinkSync(`/proc/self/fd/${kept}`)).toBe('/proc/version')
    expect(count()).toBe(before + 1)
    expect(addon.close(kept)).toBe(0)
    expect(count()).toBe(before)
  })

  test('ends at the first error, and closes all that it opened', async () => {
    const before = count()
    const steps = open(open(new Steps(), '/dev/null', flags.keep), '/dev/zero', flags.temporary)
    open(steps, '/no/such/file', flags.keep)
    open(steps, '/dev/null', flags.keep)
    const { errno, where, outcome } = await steps.run()
    expect([errno, where]).toEqual([ENOENT, 2])
    expect((outcome as number[])[3]).toBe(-1)
    expect(count()).toBe(before)
  })

  test('goes on after an error that may be', async () => {
    const steps = open(new Steps(), '/no/such/file', flags.keep | flags.mayFail).add('fcntl', [0, 1])
    const { errno, outcome } = await steps.run()
    expect(errno).toBe(0)
    expect((outcome as number[])[0]).toBe(-ENOENT)
    expect((outcome as number[])[1]).toBeGreaterThanOrEqual(0)
  })

  test('uses the result that failed as what it is', async () => {
    const steps = open(new Steps(), '/no/such/file', flags.mayFail).add('fcntl', [{ result: 0 }, 1])
    expect(await steps.run()).toMatchObject({ errno: EBADF, where: 1 })
  })

  test('of a call that does not exist fails with ENOSYS', async () => {
    expect(await new Steps().add(100_000, []).run()).toMatchObject({ errno: 38, where: 0 })
  })

  test('that the kernel would write outside of its memory fails with EFAULT', async () => {
    const steps = open(new Steps(), '/proc/version', flags.temporary).add('read', [{ result: 0 }, 8, 100])
    expect(await steps.run()).toMatchObject({ errno: EFAULT, where: 1 })
  })
})

describe('a new user namespace', () => {
  test('has its maps, and the capabilities for new namespaces', async () => {
    const before = count()
    const steps = inUserNamespace().add('unshare', [CLONE_NEWNET | CLONE_NEWUTS])
    open(steps, '/proc/thread-self/ns/user', flags.keep)
    open(steps, '/proc/thread-self/ns/net', flags.keep)
    const map = open(steps, '/proc/thread-self/uid_map', flags.temporary)
    const at = map.data(new Uint8Array(64))
    map.add('read', [{ result: 4 }, { at }, 64])
    const { errno, where, outcome, data } = await steps.run({ wantsData: true })
    expect([errno, where]).toEqual([0, -1])
    const results = outcome as number[]
    const text = new TextDecoder().decode(data?.subarray(at, at + (results[5] ?? 0)))
    expect(text.trim().split(/\s+/).map(Number)).toEqual([0, uid, 1])
    const [user = -1, net = -1] = results.slice(2)
    expect(readlinkSync(`/proc/self/fd/${user}`)).toMatch(/^user:/)
    expect(readlinkSync(`/proc/self/fd/${user}`)).not.toBe(readlinkSync('/proc/self/ns/user'))
    expect(readlinkSync(`/proc/self/fd/${net}`)).not.toBe(readlinkSync('/proc/self/ns/net'))
    addon.close(user)
    addon.close(net)
    expect(count()).toBe(before)
  })

  test('whose map is refused fails at its step, and no step after it is made', async () => {
    const before = count()
    const steps = open(new Steps(), '/dev/null', flags.keep)
    const nonsense = steps.data(new TextEncoder().encode('nonsense\0'))
    steps.add(newUserNamespace, [-1, nonsense, -1])
    open(steps, '/dev/null', flags.keep)
    expect(await steps.run()).toMatchObject({ errno: EINVAL, where: 1 })
    expect(count()).toBe(before)
  })

  test('in which a step fails says which one', async () => {
    const before = count()
    const steps = open(inUserNamespace(), '/dev/null', flags.keep)
    open(steps, '/no/such/file', flags.keep)
    expect(await steps.run()).toMatchObject({ errno: ENOENT, where: 2 })
    expect(count()).toBe(before)
  })

  test('in another user namespace is one as well', async () => {
    const own = open(inUserNamespace(), '/proc/thread-self/ns/user', flags.keep)
    const { outcome } = await own.run()
    const [, first = -1] = outcome as number[]
    const nested = new Steps().add('setns', [first, 0x10000000])
    nested.add(newUserNamespace, [-1, nested.data(new TextEncoder().encode('5 0 1\0')), -1])
    open(nested, '/proc/thread-self/ns/user', flags.keep)
    const result = await nested.run()
    expect(result.errno).toBe(0)
    const [, , second = -1] = result.outcome as number[]
    expect(readlinkSync(`/proc/self/fd/${second}`)).not.toBe(readlinkSync(`/proc/self/fd/${first}`))
    addon.close(first)
    addon.close(second)
  })

  if (!isRoot) {
    test('is what an ordinary user needs', async () => {
      expect(await new Steps().add('unshare', [CLONE_NEWNET]).run()).toMatchObject({ errno: EPERM, where: 0 })
    })
  }
})

describe('an unsound program is refused with EFAULT', () => {
  const step = (kinds: number, ...args: number[]) => {
    const steps = new Steps().add('fcntl', [0, 1])
    steps.numbers.push(addon.numbers.fcntl, 0, kinds, ...args, ...Array(6 - args.length).fill(0))
    return steps
  }
  test.each<[string, Steps]>([
    ['data behind its end', step(1, 1)],
    ['data far behind its end', step(1, 0x7fffffff)],
    ['data before its beginning', step(1, -1)],
    ['data of the last argument', step(1 << 10, 0, 0, 0, 0, 0, 99)],
    ['the result of itself', step(2, 1)],
    ['the result of a later step', step(2, 2)],
    ['the result of a step before the first', step(2, -1)],
    ['a map behind the end', new Steps().add(newUserNamespace, [-1, 5, -1])],
    ['a map before the beginning', new Steps().add(newUserNamespace, [-2, -1, -1])],
  ])('%s', (_, steps) => {
    expect(steps.refusal()).toBe(EFAULT)
  })

  test('data that does not end with a NUL', () => {
    expect(addon.execute(0, new Int32Array(9), Uint8Array.of(65), false, false)).toBe(EFAULT)
  })

  test('a kind of argument that does not exist is a number', async () => {
    expect(await step(3, 0, 1).run()).toMatchObject({ errno: 0 })
  })
})

describe('programs in a queue', () => {
  test('are carried out in order, chained or not, and each fails by itself', async () => {
    const before = count()
    const runs = Array.from({ length: 40 }, (_, i) => {
      const steps = open(new Steps(), i % 7 === 3 ? '/no/such/file' : '/dev/null', flags.keep)
      return steps.run({ chains: i % 2 === 0 || i > 10 })
    })
    const results = await Promise.all(runs)
    expect(results.map(({ errno }) => errno)).toEqual(results.map((_, i) => (i % 7 === 3 ? ENOENT : 0)))
    for (const { errno, outcome } of results) if (errno === 0) addon.close((outcome as number[])[0] ?? -1)
    expect(count()).toBe(before)
  })

  test('that chain begin when they are told to, in one visit, and not if they are cancelled before', async () => {
    // In a visit, what is flagged so is done only once: by the first one, and the others are told 0.
    const start = () => new Steps().add('close', [-1], flags.once | flags.mayFail).start({ chains: true })
    for (let i = 0; i < 100; i++) {
      const [first, second, third] = [start(), start(), start()]
      second?.cancel()
      addon.wake()
      expect(await first?.done).toMatchObject({ errno: 0, outcome: [-EBADF] })
      expect(await second?.done).toMatchObject({ errno: ECANCELED })
      expect(await third?.done).toMatchObject({ errno: 0, outcome: [0] })
    }
  })

  test('that are cancelled end with ECANCELED, and leave nothing', async () => {
    const before = count()
    const jobs = Array.from({ length: 50 }, () => open(new Steps(), '/dev/null', flags.keep).start())
    for (const job of jobs.slice(1)) job.cancel()
    let cancelled = 0
    for (const job of jobs) {
      const { errno, outcome } = await job.done
      if (errno === 0) addon.close((outcome as number[])[0] ?? -1)
      else expect(errno).toBe(ECANCELED)
      if (errno === ECANCELED) cancelled++
    }
    expect(cancelled).toBeGreaterThan(0)
    expect(count()).toBe(before)
    // A cancel that comes too late, or twice, or for nobody, does nothing.
    jobs[0]?.cancel()
    expect(addon.cancel(0x7fffffff)).toBe(false)
  })

  test('a job that cannot be queued is none', () => {
    expect(() => startJob(() => 11)).toThrow(expect.objectContaining({ code: 'EAGAIN' }))
  })
})
