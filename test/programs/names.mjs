// Making and finding names under /run/netns, beside `ip netns`: see names-common.mjs.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'
import { directory, ip, ipNames, ourNames, runScenario } from './names-common.mjs'

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
await runScenario({
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
})
