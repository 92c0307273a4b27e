// Whatever the library does: no thread of this process is ever in another namespace, and the process stays its own.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { existsSync, promises as fs, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { Bridge, Namespace, VethPair } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { ending } from '../helpers/child.js'
import { until } from '../helpers/until.js'
import { isRoot } from '../helpers/user.js'

const types = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'pid_for_children', 'time', 'time_for_children', 'user', 'uts']
const known = types.filter((type) => existsSync(`/proc/self/ns/${type}`))
const home = known.map((type) => readlinkSync(`/proc/self/ns/${type}`)).join()

/** Every thread's namespaces that are not those in which this process started. */
function strays(): string[] {
  return readdirSync('/proc/self/task').flatMap((task) => {
    try {
      const here = known.map((type) => readlinkSync(`/proc/self/task/${task}/ns/${type}`)).join()
      return here === home ? [] : [`${task}: ${here}`]
    } catch {
      return [] // it has ended
    }
  })
}

/** PR_GET_DUMPABLE is 1 just when /proc/self belongs to who runs it, and not to root; the kernel shows it to all. */
function isDumpable(): boolean {
  return statSync('/proc/self/environ').uid === process.geteuid?.()
}

async function load(): Promise<void> {
  const [a, b] = await Promise.all([
    Namespace.create(),
    Namespace.create({ types: ['net', 'uts', 'mnt', 'ipc', 'user', 'cgroup'], hostname: 'b', loopback: false }),
  ])
  const c = await Namespace.open({ fd: a.fd() })
  await VethPair.create({ namespace: a, addresses: ['10.0.0.1/24'] }, { namespace: c, name: 'y' })
  await Bridge.create({ namespace: c, name: 'br0' })
  const child = b.spawn('true')
  await Promise.all([
    ending(child),
    a.execFile('true'),
    a.sysctl.set('net.ipv4.ip_forward', 1),
    b.links.list(),
    fs.readFile('/proc/self/status'),
    fs.readdir('/proc/self/fd'),
    lookup('localhost'),
  ])
  for (const ns of [a, b, c]) ns.close()
}

test('under load every thread stays where it was, and the process dumpable', async () => {
  const worker = new Worker(new URL('../programs/worker.mjs', import.meta.url), { workerData: {}, execArgv: [] })
  await once(worker, 'message')
  let over = false
  let looks = 0
  const looking = (async () => {
    while (!over) {
      expect(strays()).toEqual([])
      if (!isRoot) expect(isDumpable()).toBe(true)
      looks++
      await new Promise(setImmediate)
    }
  })()
  for (let round = 0; round < 15; round++) await Promise.all([load(), load(), load()])
  over = true
  await looking
  await worker.terminate()
  expect(looks).toBeGreaterThan(15)
}, 60_000)

test('the thread that looks sees a thread that has moved', () => {
  // The oracle itself: a process in another namespace is a stray by the same comparison.
  expect(known).toContain('net')
  expect(strays()).toEqual([])
  expect(home).toContain(readlinkSync(`/proc/${process.pid}/ns/net`))
})

test('the pool of libuv and the DNS threads were made where the process started', async () => {
  const before = readdirSync('/proc/self/task')
  using ns = await Namespace.create()
  await Promise.all([ns.links.list(), ...Array.from({ length: 16 }, () => lookup('localhost')), fs.stat('/')])
  expect(strays()).toEqual([])
  // All of the pool was there before.
  expect(readdirSync('/proc/self/task')).toEqual(before)
})

test('capabilities and identity stay what they were', async () => {
  const identity = () =>
    readFileSync('/proc/self/status', 'utf8')
      .split('\n')
      .filter((line) => /^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp):?/.test(line))
  const before = identity()
  await load()
  expect(identity()).toEqual(before)
  expect(process.cwd()).toBe(readlinkSync('/proc/self/cwd'))
})

if (isRoot) {
  test("another user's user namespace is entered, and the process stays dumpable", async () => {
    // Joining it clears the flag, see prctl(2): it must come back.
    using ns = await Namespace.create()
    const child = ns.spawn('unshare', ['--user', '--net', '--map-root-user', 'sleep', '1000'], { uid: 1234, gid: 1234 })
    const ended = ending(child)
    await until(
      'it is inside',
      () => !readlinkSync(`/proc/${child.pid}/ns/user`).includes(readlinkSync('/proc/self/ns/user')),
    )
    await until('it has its map', () => readFileSync(`/proc/${child.pid}/uid_map`, 'utf8').includes('1234'))
    const program = `
      import { readFileSync } from 'node:fs'
      import { Namespace } from 'linux-namespaces'
      import { addon } from ${JSON.stringify(new URL('../../dist/native/addon.js', import.meta.url).href)}
      const ns = await Namespace.open({ pid: ${child.pid} }, { types: ['user', 'net'] })
      for (let i = 0; i < 20; i++) {
        await Promise.all([ns.links.list(), ns.sysctl.get('net.ipv4.ip_forward'), ns.execFile('true')])
        const dumpable = addon.syscall(addon.numbers.prctl, 3)
        if (dumpable !== 1) throw new Error('dumpable is ' + dumpable)
      }
      console.log((await ns.links.list()).map(({ name }) => name).join())
      ns.close()`
    const { stdout } = await Namespace.current().execFile(process.execPath, ['--input-type=module', '-e', program])
    expect(stdout).toBe('lo\n')
    child.kill('SIGKILL')
    await ended
  })
}
