import { closeSync, openSync, readlinkSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { Namespace, SystemError } from 'linux-namespaces'
import * as syscalls from 'linux-namespaces/syscalls'
import { describe, expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

/** Runs statements on a thread of its own, which they may move; what `result` is then. */
function onThread(code: string, data: unknown = {}): Promise<unknown> {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    const fs = require('node:fs')
    import('linux-namespaces/syscalls').then((syscalls) => {
      let result
      try { ${code} } catch ({ message, code, errno, syscall }) { result = { message, code, errno, syscall } }
      parentPort.postMessage(result)
    })`
  return new Promise((resolve, reject) => {
    const worker = new Worker(source, { eval: true, workerData: data })
    let answer: unknown
    worker.on('message', (message) => {
      answer = message
    })
    worker.on('error', reject)
    worker.on('exit', () => resolve(answer))
  })
}

function failure(call: () => unknown): SystemError {
  try {
    call()
  } catch (error) {
    if (error instanceof SystemError) return error
    throw error
  }
  throw new Error('it did not fail')
}

const NET = "fs.readlinkSync('/proc/thread-self/ns/net')"

describe('what cannot work in a process with several threads says so, and what to use instead', () => {
  test('unshare of a user namespace', () => {
    const error = failure(() => syscalls.unshare(['CLONE_NEWUSER']))
    expect(error).toMatchObject({ code: 'EINVAL', errno: -22, syscall: 'unshare' })
    expect(error.message).toContain("Namespace.create({ types: ['user'] })")
  })

  test('setns to a user namespace', () => {
    const fd = openSync('/proc/self/ns/user', 'r')
    try {
      const error = failure(() => syscalls.setns(fd, ['CLONE_NEWUSER']))
      expect(error).toMatchObject({ code: 'EINVAL', syscall: 'setns' })
      expect(error.message).toContain('Namespace.open(…).spawn(…)')
    } finally {
      closeSync(fd)
    }
  })
})

describe('queries of namespaces', () => {
  test('the type, the owner and the owner of the owner of a network namespace', async () => {
    using ns = await Namespace.create({ types: ['net', 'user'] })
    expect(syscalls.nsGetNstype(ns.fd('net'))).toBe('CLONE_NEWNET')
    expect(syscalls.nsGetNstype(ns.fd('user'))).toBe('CLONE_NEWUSER')
    const owner = syscalls.nsGetUserns(ns.fd('net'))
    const parent = syscalls.nsGetParent(ns.fd('user'))
    try {
      expect(readlinkSync(`/proc/self/fd/${owner}`)).toBe(`user:[${ns.inode('user')}]`)
      expect(readlinkSync(`/proc/self/fd/${parent}`)).toMatch(/^user:\[\d+\]$/)
      expect(syscalls.nsGetOwnerUid(ns.fd('user'))).toBe(process.geteuid?.())
    } finally {
      closeSync(owner)
      closeSync(parent)
    }
  })

  test('the network namespace of a socket', async () => {
    using ns = await Namespace.create()
    const { NetlinkSocket } = await import('linux-namespaces/netlink')
    using socket = await NetlinkSocket.open({ namespace: ns })
    // The owner of a user namespace has all capabilities over it: a user is answered, too.
    const fd = syscalls.siocgskns(socket.fd)
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe(`net:[${ns.inode()}]`)
    closeSync(fd)
  })

  test('a netlink socket is disposable, both ways', async () => {
    using ns = await Namespace.create()
    const { NetlinkSocket } = await import('linux-namespaces/netlink')
    const [first, second] = [await NetlinkSocket.open({ namespace: ns }), await NetlinkSocket.open({ namespace: ns })]
    expect([first.fd, second.fd].every((fd) => fd >= 0)).toBe(true)
    first[Symbol.dispose]()
    await second[Symbol.asyncDispose]()
    for (const socket of [first, second]) {
      expect(() => socket.fd).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_CLOSED' }))
    }
  })

  test('a descriptor of no namespace is refused', () => {
    const fd = openSync('/dev/null', 'r')
    try {
      for (const query of [syscalls.nsGetNstype, syscalls.nsGetUserns, syscalls.nsGetParent, syscalls.nsGetOwnerUid]) {
        expect(failure(() => query(fd))).toMatchObject({ code: 'ENOTTY', syscall: 'ioctl' })
      }
      const net = openSync('/proc/self/ns/net', 'r')
      expect(failure(() => syscalls.nsGetParent(net))).toMatchObject({ code: 'EINVAL', operation: 'NS_GET_PARENT' })
      closeSync(net)
    } finally {
      closeSync(fd)
    }
  })
})

test('a pidfd of this process, and none of a process that is not there', () => {
  const fd = syscalls.pidfdOpen(process.pid)
  expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('anon_inode:[pidfd]')
  closeSync(fd)
  expect(failure(() => syscalls.pidfdOpen(0x7ffffffe))).toMatchObject({ code: 'ESRCH', syscall: 'pidfd_open' })
})

test('bad arguments are refused before the kernel is asked', () => {
  const refused = [
    () => syscalls.unshare(['CLONE_NEWFOO' as 'CLONE_NEWNET']),
    () => syscalls.unshare('CLONE_NEWNET' as never),
    () => syscalls.setns(-1),
    () => syscalls.setns(1.5),
    () => syscalls.mount('a\0b', '/', 'tmpfs'),
    () => syscalls.umount2('/', ['MNT_NOW' as 'MNT_DETACH']),
    () => syscalls.sethostname('x'.repeat(65)),
    () => syscalls.pidfdOpen(0),
  ]
  for (const call of refused) expect(call).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }))
})

if (isRoot) {
  test('unshare and setns move the calling thread, and only that', async () => {
    const main = readlinkSync('/proc/self/ns/net')
    using ns = await Namespace.create()
    const [before, unshared, joined, home] = (await onThread(
      `const home = fs.openSync('/proc/thread-self/ns/net', 'r')
       result = [${NET}]
       syscalls.unshare(['CLONE_NEWNET']); result.push(${NET})
       syscalls.setns(workerData.fd, ['CLONE_NEWNET']); result.push(${NET})
       syscalls.setns(home, ['CLONE_NEWNET']); result.push(${NET})
       fs.closeSync(home)`,
      { fd: ns.fd() },
    )) as string[]
    expect(before).toBe(main)
    expect(unshared).not.toBe(main)
    expect(joined).toBe(`net:[${ns.inode()}]`)
    expect(home).toBe(main)
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(main)
  })

  test('a thread gets a host name and mounts of its own', async () => {
    const result = await onThread(`
      syscalls.unshare(['CLONE_NEWUTS', 'CLONE_NEWNS'])
      syscalls.sethostname('alone')
      syscalls.mount('none', '/', '', ['MS_REC', 'MS_PRIVATE'])
      syscalls.mount('tmpfs', '/mnt', 'tmpfs', ['MS_NOSUID'], 'size=64k')
      fs.mkdirSync('/mnt/new'); fs.mkdirSync('/mnt/new/old')
      syscalls.mount('/mnt/new', '/mnt/new', '', ['MS_BIND'])
      result = [fs.readFileSync('/proc/thread-self/mounts', 'utf8').includes(' /mnt tmpfs')]
      syscalls.umount('/mnt/new'); syscalls.umount2('/mnt', ['MNT_DETACH'])
      result.push(fs.readFileSync('/proc/thread-self/mounts', 'utf8').includes(' /mnt tmpfs'))
      result.push(fs.readFileSync('/proc/sys/kernel/hostname', 'utf8'))`)
    expect(result).toEqual([true, false, 'alone\n'])
  })

  test('pivot_root in a process of its own', async () => {
    using ns = await Namespace.create({ types: ['mnt'] })
    const program = `
      const { mount, pivotRoot, umount2 } = await import('linux-namespaces/syscalls')
      const fs = await import('node:fs')
      mount('tmpfs', '/mnt', 'tmpfs'); fs.mkdirSync('/mnt/old'); fs.writeFileSync('/mnt/here', 'new root')
      pivotRoot('/mnt', '/mnt/old')
      console.log(fs.readdirSync('/').sort().join(), fs.readFileSync('/here', 'utf8'))
      umount2('/old', ['MNT_DETACH'])
      console.log(fs.readdirSync('/old').length)`
    const { stdout } = await ns.execFile(process.execPath, ['--input-type=module', '-e', program])
    expect(stdout).toBe('here,old new root\n0\n')
  })

  test('setns to a mount namespace says how to make it work', async () => {
    using ns = await Namespace.create({ types: ['mnt'] })
    const refused = await onThread(`syscalls.setns(workerData.fd, ['CLONE_NEWNS'])`, { fd: ns.fd('mnt') })
    expect(refused).toMatchObject({ code: 'EINVAL', message: expect.stringContaining("unshare(['CLONE_FS']) first") })
    const joined = await onThread(
      `syscalls.unshare(['CLONE_FS']); syscalls.setns(workerData.fd, ['CLONE_NEWNS'])
       result = fs.readlinkSync('/proc/thread-self/ns/mnt')`,
      { fd: ns.fd('mnt') },
    )
    expect(joined).toBe(`mnt:[${ns.inode('mnt')}]`)
  })
} else {
  test('an ordinary user is refused with EPERM', () => {
    expect(failure(() => syscalls.unshare(['CLONE_NEWNET']))).toMatchObject({ code: 'EPERM', syscall: 'unshare' })
    expect(failure(() => syscalls.sethostname('mine'))).toMatchObject({ code: 'EPERM', syscall: 'sethostname' })
    expect(failure(() => syscalls.mount('none', '/', '', ['MS_PRIVATE']))).toMatchObject({ code: 'EPERM', path: '/' })
  })
}
