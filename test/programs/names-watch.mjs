// A watch of the names under /run/netns: see names-common.mjs.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'
import { directory, ip, runScenario } from './names-common.mjs'

await runScenario({
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
})
