// Names and paths that a namespace is given later, and loses again: see names-common.mjs.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'
import { directory, execFile, ip, ipNames, ourNames, runScenario } from './names-common.mjs'

await runScenario({
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
})
