// Names on the host, shared with `ip netns`. (test/kernel/names.test.ts has the same in a mount namespace of its own, with
// what would be in the way of others here: the first use of the directory, its lock.)
import { execFile as execFileCallback } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Namespace, VethPair } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { useNetnsDirectory } from '../helpers/netns-directory.js'
import { isRoot } from '../helpers/user.js'

const execFile = promisify(execFileCallback)
const ip = async (...args: string[]) => (await execFile('ip', args)).stdout
const ipNames = async () => (await ip('netns', 'list')).split('\n').map((line) => line.split(' ')[0])
const ourNames = async () => (await Namespace.list()).map(({ name }) => name)

if (isRoot) {
  useNetnsDirectory()

  test('ip netns lists, enters, deletes and knows the processes of ours', async () => {
    using ns = await Namespace.create({ name: 'lnours', types: ['net', 'uts'] })
    try {
      expect(await ipNames()).toContain('lnours')
      const inside = await ip('netns', 'exec', 'lnours', 'readlink', '/proc/self/ns/net')
      expect(inside.trim()).toBe(`net:[${ns.inode('net')}]`)
      const child = ns.spawn('sleep', ['60'])
      try {
        await expect.poll(async () => (await ip('netns', 'pids', 'lnours')).trim()).toBe(`${child.pid}`)
        expect((await ip('netns', 'identify', `${child.pid}`)).trim()).toBe('lnours')
        expect(await ns.pids()).toEqual([child.pid])
      } finally {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
    } finally {
      await ip('netns', 'delete', 'lnours')
    }
    expect(await ourNames()).not.toContain('lnours')
    await expect(Namespace.open('lnours')).rejects.toMatchObject({ code: 'ENOENT', path: '/run/netns/lnours' })
  })

  test('we list, open, change and delete those of ip netns', async () => {
    await ip('netns', 'add', 'lntheirs')
    try {
      expect(await ourNames()).toContain('lntheirs')
      using ns = await Namespace.open('lntheirs')
      // Theirs has its loopback device down.
      expect((await ns.links.get('lo')).isUp).toBe(false)
      using peer = await Namespace.create()
      await VethPair.create(
        { namespace: ns, name: 'eth0', addresses: ['10.0.0.1/24'] },
        { namespace: peer, addresses: ['10.0.0.2/24'] },
      )
      expect(await ip('netns', 'exec', 'lntheirs', 'ping', '-c1', '-W5', '10.0.0.2')).toContain('1 received')
    } finally {
      await Namespace.delete('lntheirs')
    }
    expect(await ipNames()).not.toContain('lntheirs')
  })

  test('a namespace that the host has a link to is listed with the number that ip shows', async () => {
    using ns = await Namespace.create({ name: 'lnlinked' })
    try {
      const list = async () => (await Namespace.list()).find(({ name }) => name === 'lnlinked')
      expect(await list()).toEqual({ name: 'lnlinked', path: '/run/netns/lnlinked', inode: ns.inode() })
      await using pair = await VethPair.create(
        { namespace: Namespace.current(), name: 'lnhost0' },
        { namespace: ns, name: 'eth0' },
      )
      const shown = /^lnlinked \(id: (\d+)\)$/m.exec(await ip('netns', 'list'))
      expect((await list())?.nsid).toBe(Number(shown?.[1]))
      expect(pair.a.message.linkNetnsid).toBe(Number(shown?.[1]))
    } finally {
      await Namespace.delete('lnlinked')
    }
  })

  test('a watch sees what ip netns does', async () => {
    const controller = new AbortController()
    const seen: string[] = []
    const watching = (async () => {
      for await (const { event, name } of Namespace.watch({ signal: controller.signal })) {
        if (name.startsWith('lnwatch')) seen.push(`${event} ${name}`)
      }
    })()
    await ip('netns', 'add', 'lnwatch1')
    await ip('netns', 'add', 'lnwatch2')
    await expect.poll(() => seen).toEqual(['add lnwatch1', 'add lnwatch2'])
    await ip('netns', 'delete', 'lnwatch1')
    await ip('netns', 'delete', 'lnwatch2')
    await expect.poll(() => seen).toEqual(['add lnwatch1', 'add lnwatch2', 'delete lnwatch1', 'delete lnwatch2'])
    controller.abort()
    await watching
  })

  test('many are made at once by both, and every one of them works', async () => {
    const numbers = [1, 2, 3, 4, 5]
    const names = numbers.flatMap((n) => [`lnboth-a${n}`, `lnboth-b${n}`]).sort()
    try {
      const [made] = await Promise.all([
        Promise.all(numbers.map((n) => Namespace.create({ name: `lnboth-a${n}` }))),
        Promise.all(numbers.map((n) => ip('netns', 'add', `lnboth-b${n}`))),
      ])
      for (const ns of made) ns.close()
      expect((await ourNames()).filter((name) => name.startsWith('lnboth-'))).toEqual(names)
      for (const name of names) expect(await ip('-n', name, 'link')).toContain('lo:')
    } finally {
      await Promise.allSettled(names.map((name) => Namespace.delete(name)))
    }
    expect((await ipNames()).filter((name) => name?.startsWith('lnboth-'))).toEqual([])
  })

  test('the directory is one shared mount of itself', async () => {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
    const mounts = lines.filter((line) => line.includes(' /run/netns '))
    expect(mounts).toHaveLength(1)
    expect(mounts[0]).toMatch(/ shared:\d+ /)
  })
} else {
  test('an ordinary user can list names, watch them and be told why they cannot make or delete one', async () => {
    expect(await ourNames()).toEqual((await ipNames()).filter((name) => name !== '').sort())
    for (const refused of [Namespace.create({ name: 'lnours' }), Namespace.delete('lnours')]) {
      await expect(refused).rejects.toMatchObject({
        code: 'EPERM',
        path: '/run/netns/lnours',
        message: expect.stringContaining('Only root can pin a namespace to a file'),
      })
    }
    await expect(Namespace.open('lnours')).rejects.toMatchObject({ code: 'ENOENT', path: '/run/netns/lnours' })
    const controller = new AbortController()
    const next = Namespace.watch({ signal: controller.signal }).next()
    controller.abort()
    expect(await next).toEqual({ done: true, value: undefined })
  })
}
