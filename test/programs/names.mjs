// @ts-check
// Names under /run/netns, in a mount namespace whose /run is empty: run as `names.mjs SCENARIO` with all privileges there.
// Ends with 0 when all is as it should be.
import assert from 'node:assert/strict'
import { execFile as execFileCallback, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Namespace } from 'linux-namespaces'

const execFile = promisify(execFileCallback)
const directory = '/run/netns'

/** @param {string[]} args */
const ip = async (...args) => (await execFile('ip', args)).stdout
const ipNames = async () =>
  (await ip('netns', 'list'))
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || [])
    .sort()
const ourNames = async () => (await Namespace.list()).map(({ name }) => name)
const allMounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
// Those of the host, which the empty /run hides, are still there.
const hidden = new Set(allMounts())
const mounts = () => allMounts().filter((line) => line.includes(` ${directory} `) && !hidden.has(line))

/** Holds the lock that iproute2 takes; gives what lets go of it. */
async function lockDirectory() {
  mkdirSync(directory, { recursive: true })
  const holder = spawn('flock', [directory, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  return async () => {
    holder.stdin.end()
    await once(holder, 'exit')
  }
}

/** @type {Record<string, () => Promise<void>>} */
const scenarios = {
  async ours() {
    const blue = await Namespace.create({ name: 'blue' })
    assert.equal(blue.name, 'blue')
    assert.equal(blue.path(), `${directory}/blue`)
    assert.deepEqual(await ipNames(), ['blue'])
    const [entry] = await Namespace.list()
    assert.deepEqual(entry, { name: 'blue', path: `${directory}/blue`, inode: blue.inode() })
    assert.equal(statSync(`${directory}/blue`, { bigint: true }).ino, blue.inode())
    assert.match(await ip('-n', 'blue', 'link'), /lo: <LOOPBACK,UP/)
    const child = blue.spawn('sleep', ['60'])
    while (!(await blue.pids()).includes(child.pid ?? 0)) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal((await ip('netns', 'pids', 'blue')).trim(), `${child.pid}`)
    assert.equal((await ip('netns', 'identify', `${child.pid}`)).trim(), 'blue')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await assert.rejects(Namespace.create({ name: 'blue' }), {
      code: 'EEXIST',
      syscall: 'openat',
      path: `${directory}/blue`,
    })
    // It outlives the object.
    blue.close()
    const again = await Namespace.open('blue')
    assert.equal(again.name, 'blue')
    assert.equal(again.inode(), entry?.inode)
    await ip('netns', 'delete', 'blue')
    assert.deepEqual(await ourNames(), [])
    await assert.rejects(Namespace.open('blue'), { code: 'ENOENT', path: `${directory}/blue` })
    await assert.rejects(Namespace.delete('blue'), { code: 'ENOENT', path: `${directory}/blue` })
    // The name is gone, not the namespace.
    assert.equal((await again.links.list()).length, 1)
    again.close()
  },

  async theirs() {
    await ip('netns', 'add', 'theirs')
    assert.deepEqual(await ourNames(), ['theirs'])
    const ns = await Namespace.open('theirs')
    assert.equal(ns.name, 'theirs')
    await ns.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.0.0.1/24'] })
    assert.match(await ip('-n', 'theirs', '-br', 'address', 'show', 'br0'), /10\.0\.0\.1\/24/)
    const ours = await Namespace.create({ name: 'ours' })
    await ns.links.create({ kind: 'veth', name: 'eth0', peer: { name: 'eth0', namespace: ours } })
    assert.match(await ip('-n', 'ours', '-br', 'link'), /^eth0@/m)
    await Namespace.delete('theirs')
    assert.deepEqual(await ipNames(), ['ours'])
    assert.equal((await ns.links.list()).length, 3)
    await Namespace.delete('ours')
    ns.close()
    ours.close()
  },

  async directory() {
    assert.equal(existsSync(directory), false)
    assert.deepEqual(await Namespace.list(), [])
    const one = await Namespace.create({ name: 'one' })
    // A shared mount of itself, made once, as iproute2 makes it.
    assert.equal(mounts().length, 1)
    assert.match(mounts()[0] ?? '', / shared:\d+ /)
    assert.equal(statSync(directory).mode & 0o777, 0o755)
    const two = await Namespace.create({ name: 'two' })
    await ip('netns', 'add', 'three')
    assert.equal(mounts().length, 1)
    // Names made later reach the mount namespaces that were made earlier.
    const holder = spawn('unshare', ['--mount', '--propagation', 'unchanged', 'sh', '-c', 'echo ready; exec cat'])
    await once(holder.stdout, 'data')
    const four = await Namespace.create({ name: 'four' })
    const seen = readFileSync(`/proc/${holder.pid}/mountinfo`, 'utf8')
    assert.match(seen, / \/run\/netns\/four /)
    await Namespace.delete('four')
    assert.doesNotMatch(readFileSync(`/proc/${holder.pid}/mountinfo`, 'utf8'), / \/run\/netns\/four /)
    holder.stdin.end()
    await once(holder, 'exit')
    // What is no namespace is not listed, and can be taken away.
    writeFileSync(`${directory}/left`, '')
    assert.deepEqual(await ourNames(), ['one', 'three', 'two'])
    await assert.rejects(Namespace.open('left'), { code: 'EINVAL' })
    for (const name of ['one', 'two', 'three', 'left']) await Namespace.delete(name)
    assert.deepEqual(readdirSync(directory), [])
    for (const ns of [one, two, four]) ns.close()
  },

  async lock() {
    const unlock = await lockDirectory()
    const waiting = Namespace.create({ name: 'patient' })
    const controller = new AbortController()
    const aborted = Namespace.create({ name: 'aborted', signal: controller.signal })
    const pinned = await Namespace.create()
    await assert.rejects(Namespace.create({ name: 'hasty', timeout: 50 }), {
      code: 'ETIMEDOUT',
      syscall: 'flock',
      path: directory,
      message: /Another process holds its lock/,
    })
    await assert.rejects(pinned.pin('hasty', { timeout: 50 }), { code: 'ETIMEDOUT', syscall: 'flock' })
    await assert.rejects(pinned.pin('hasty', { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' })
    controller.abort(new Error('enough'))
    await assert.rejects(aborted, /enough/)
    // Everything else goes on meanwhile.
    assert.equal((await pinned.links.list()).length, 1)
    assert.deepEqual(readdirSync(directory), [])
    await unlock()
    const patient = await waiting
    assert.deepEqual(await ipNames(), ['patient'])
    await Namespace.delete('patient')
    patient.close()
    pinned.close()
  },

  async together() {
    const numbers = [1, 2, 3, 4, 5]
    const [made] = await Promise.all([
      Promise.all(numbers.map((n) => Namespace.create({ name: `ours${n}` }))),
      Promise.all(numbers.map((n) => ip('netns', 'add', `theirs${n}`))),
    ])
    const names = numbers.flatMap((n) => [`ours${n}`, `theirs${n}`]).sort()
    assert.deepEqual(await ourNames(), names)
    assert.deepEqual(await ipNames(), names)
    assert.equal(mounts().length, 1)
    const inodes = (await Namespace.list()).map(({ inode }) => inode)
    assert.equal(new Set(inodes).size, 10)
    for (const ns of made) {
      assert.match(await ip('-n', ns.name ?? '', 'link'), /lo: <LOOPBACK,UP/)
      ns.close()
    }
    await Promise.all([
      ...numbers.map((n) => Namespace.delete(`theirs${n}`)),
      ...numbers.map((n) => ip('netns', 'delete', `ours${n}`)),
    ])
    assert.deepEqual(await ourNames(), [])
  },

  async watch() {
    // It begins before there is a directory.
    assert.equal(existsSync(directory), false)
    const controller = new AbortController()
    const events = Namespace.watch({ signal: controller.signal })
    const next = async () => {
      const { value, done } = await events.next()
      return done || value === undefined ? undefined : `${value.event} ${value.name}`
    }
    const first = next()
    const blue = await Namespace.create({ name: 'blue' })
    assert.equal(await first, 'add blue')
    await ip('netns', 'add', 'theirs')
    assert.equal(await next(), 'add theirs')
    // What is told can be opened.
    ;(await Namespace.open('theirs')).close()
    await ip('netns', 'delete', 'blue')
    assert.equal(await next(), 'delete blue')
    // A file that is no namespace is no event; what happens while nobody asks is told later.
    writeFileSync(`${directory}/left`, '')
    await Namespace.delete('left')
    await Namespace.delete('theirs')
    const green = await Namespace.create({ name: 'green' })
    assert.deepEqual([await next(), await next()], ['delete theirs', 'add green'])
    // Deleted and made again in between, it is another one.
    await Namespace.delete('green')
    const again = await Namespace.create({ name: 'green' })
    assert.deepEqual([await next(), await next()], ['delete green', 'add green'])
    const last = next()
    controller.abort()
    assert.equal(await last, undefined)
    assert.equal(await next(), undefined)
    await Namespace.delete('green')
    for (const ns of [blue, green, again]) ns.close()
  },

  async leftovers() {
    // As a killed `ip netns add` leaves it, and as a program leaves one that has its own.
    mkdirSync(directory)
    writeFileSync(`${directory}/stale`, '')
    const controller = new AbortController()
    const events = Namespace.watch({ signal: controller.signal })
    const next = async () => {
      const { value } = await events.next()
      return value && `${value.event} ${value.name}`
    }
    // From the first moment on it holds up nothing, neither short-lived names nor others that hang.
    for (let round = 0; round < 5; round++) {
      const added = next()
      // The watch is at work by then.
      await new Promise(setImmediate)
      writeFileSync(`${directory}/stale${round}`, '')
      const ns = await Namespace.create({ name: 'brief' })
      assert.equal(await added, 'add brief')
      const deleted = next()
      await Namespace.delete('brief')
      assert.equal(await deleted, 'delete brief')
      ns.close()
    }
    // Once somebody mounts something on a new file of the name it is told of as any other.
    const last = next()
    rmSync(`${directory}/stale`)
    const stale = await Namespace.create({ name: 'stale' })
    assert.equal(await last, 'add stale')
    controller.abort()
    assert.equal(await next(), undefined)
    await Namespace.delete('stale')
    stale.close()
  },

  async limits() {
    const ns = await Namespace.create({ name: 'blue' })
    const reason = new Error('enough')
    const limits = { signal: AbortSignal.abort(reason) }
    for (const call of [
      () => Namespace.list(limits),
      () => Namespace.delete('blue', limits),
      () => ns.unpin(limits),
      () => ns.pids('net', limits),
    ]) {
      await assert.rejects(call, reason)
    }
    for (const bad of [{ timeout: -1 }, { timeout: 'x' }, { signal: 5 }]) {
      for (const call of [
        () => Namespace.list(/** @type {never} */ (bad)),
        () => Namespace.delete('blue', /** @type {never} */ (bad)),
        () => ns.unpin(/** @type {never} */ (bad)),
        () => ns.pids('net', /** @type {never} */ (bad)),
      ]) {
        await assert.rejects(call, /** @param {{ code: string }} error */ ({ code }) => /^ERR_/.test(code))
      }
    }
    assert.deepEqual(await ourNames(), ['blue'])
    assert.equal(ns.name, 'blue')
    const limited = { signal: new AbortController().signal, timeout: 10_000 }
    assert.equal((await Namespace.list(limited)).length, 1)
    assert.deepEqual(await ns.pids('net', limited), [])
    await ns.unpin(limited)
    assert.deepEqual(await ourNames(), [])
    ns.close()
  },

  async strangers() {
    const ns = await Namespace.create({ name: 'blue' })
    await ns.pin('/run/sandbox')
    // Unmounted, the empty files are still ours.
    await execFile('umount', ['/run/sandbox', `${directory}/blue`])
    await ns.unpin()
    assert.deepEqual([existsSync('/run/sandbox'), existsSync(`${directory}/blue`)], [false, false])
    // What another program has put there instead is not.
    await ns.pin('/run/sandbox')
    await ns.pin('blue')
    for (const path of ['/run/sandbox', `${directory}/blue`]) {
      await execFile('umount', [path])
      rmSync(path)
    }
    writeFileSync('/run/sandbox', 'precious')
    mkdirSync(`${directory}/blue`)
    await ns.unpin()
    assert.equal(readFileSync('/run/sandbox', 'utf8'), 'precious')
    assert.deepEqual(readdirSync(directory), ['blue'])
    // Nor one that is as empty, but that others may read.
    await ns.pin('/run/empty')
    await execFile('umount', ['/run/empty'])
    rmSync('/run/empty')
    writeFileSync('/run/empty', '')
    await ns.unpin()
    assert.equal(existsSync('/run/empty'), true)
    ns.close()
  },

  async pin() {
    const ns = await Namespace.create({ types: ['net', 'uts'] })
    await ns.pin('first')
    assert.equal(ns.name, 'first')
    await ns.pin('second')
    assert.equal(ns.name, 'first')
    await ns.pin('/run/sandbox')
    await assert.rejects(ns.pin('second'), { code: 'EEXIST' })
    await assert.rejects(ns.pin('/run/no/such/folder'), { code: 'ENOENT', path: '/run/no/such/folder' })
    assert.deepEqual(await ipNames(), ['first', 'second'])
    for (const target of ['first', 'second', '/run/sandbox']) {
      const again = await Namespace.open(target)
      assert.equal(again.inode(), ns.inode('net'))
      again.close()
    }
    await ns.unpin()
    assert.equal(ns.name, undefined)
    assert.deepEqual(await ourNames(), [])
    assert.equal(existsSync('/run/sandbox'), false)
    assert.equal((await ns.links.list()).length, 1)
    // One that was opened by name can be unpinned too.
    const named = await Namespace.create({ name: 'third' })
    named.close()
    const opened = await Namespace.open('third')
    await opened.unpin()
    assert.deepEqual(await ourNames(), [])
    opened.close()
    // What others have done to its names meanwhile is respected.
    const lost = await Namespace.create({ name: 'lost' })
    await lost.pin('kept')
    await ip('netns', 'delete', 'lost')
    assert.equal(lost.path(), `/proc/${process.pid}/fd/${lost.fd()}`)
    await ip('netns', 'add', 'lost')
    assert.equal(lost.path(), `/proc/${process.pid}/fd/${lost.fd()}`)
    await lost.unpin()
    assert.deepEqual(await ipNames(), ['lost'])
    await ip('netns', 'delete', 'lost')
    const uts = await Namespace.create({ types: ['uts'] })
    await assert.rejects(uts.pin('fourth'), { code: 'ERR_INVALID_ARG_VALUE' })
    await uts.pin('/run/uts')
    const sameUts = await Namespace.open('/run/uts')
    assert.equal(sameUts.inode('uts'), uts.inode('uts'))
    await uts.unpin()
    for (const each of [ns, lost, uts, sameUts]) each.close()
  },
}

const [, , name = ''] = process.argv
const scenario = scenarios[name]
if (scenario === undefined) throw new Error(`no scenario '${name}'`)
await scenario()
