// System calls that fail, the first time, the second time, …: what was begun is undone, and the error says what failed.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ending } from '../helpers/child.js'
import { tunTest } from '../helpers/tun.js'
import { isRoot } from '../helpers/user.js'

const program = fileURLToPath(new URL('../programs/faults.mjs', import.meta.url))

interface Report {
  failure?: { code: string; syscall: string; message: string; operation: string }
  links: string[]
  left: string[]
  names: string[]
}

async function run(action: string, inject: string, filter: string[] = []): Promise<Report> {
  const args = ['-f', '-qq', '-o', '/dev/null', ...filter, '-e', `inject=${inject}`, process.execPath, program, action]
  const { stdout, stderr, code } = await ending(spawn('strace', args))
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

/** Fails each time of a system call in turn, until there are no more; gives how many failures there were. */
async function sweep(action: string, call: string, code: string, filter: string[] = []): Promise<number> {
  let failures = 0
  for (let when = 1; when <= 30; when++) {
    const { failure, links, left, names } = await run(action, `${call}:error=${code}:when=${when}`, filter)
    expect({ when, links, left, names }).toEqual({ when, links: [], left: [], names: [] })
    if (failure === undefined) {
      // Harmless once: the next one may hurt. Harmless twice: that was all.
      const next = await run(action, `${call}:error=${code}:when=${when + 1}`, filter)
      if (next.failure === undefined) return failures
      continue
    }
    failures++
    expect(failure).toMatchObject({ code, syscall: call })
    expect(failure.message).toContain(code)
    expect(failure.operation).toMatch(/namespace|link|veth|bridge|address|true/)
  }
  throw new Error('it fails for ever')
}

describe('netlink that fails', () => {
  test.each<[string, string, string, number]>([
    ['pair', 'sendto', 'ENOBUFS', 6],
    ['pair', 'recvfrom', 'ENOBUFS', 6],
    ['bridge', 'recvfrom', 'ENOMEM', 4],
    ['bridge', 'sendto', 'ENOBUFS', 4],
    ['connect', 'recvfrom', 'ENOBUFS', 3],
  ])('%s: %s gives %s', async (action, call, code, least) => {
    expect(await sweep(action, call, code)).toBeGreaterThanOrEqual(least)
  })
})

test('a netlink message that a signal interrupts is sent and read again', async () => {
  for (const call of ['sendto', 'recvfrom']) {
    const { failure, left } = await run('pair', `${call}:error=EINTR:when=3`)
    expect(failure).toBeUndefined()
    expect(left).toEqual([])
  }
})

describe('the making of namespaces that fails', () => {
  test.each<[string, string, string]>([
    ['nothing', 'unshare', 'EPERM'],
    ['nothing', 'unshare', 'ENOSPC'],
    ['types', 'mount', 'EPERM'],
    ['types', 'sethostname', 'EPERM'],
    ['nothing', 'socket', 'EMFILE'],
    ['nothing', 'clone', 'EAGAIN'],
    ['user', 'clone', 'ENOSPC'],
    ['sysctl', 'clone', 'ENOMEM'],
  ])('%s: %s gives %s', async (action, call, code) => {
    expect(await sweep(action, call, code)).toBeGreaterThanOrEqual(1)
  })

  test.each([
    ['nothing', '/proc/thread-self/ns/net', 'EMFILE'],
    ['types', '/proc/thread-self/ns/mnt', 'ENFILE'],
    ['sysctl', '/proc/sys/net/ipv4/ip_forward', 'EMFILE'],
  ])('%s: opening %s gives %s', async (action, path, code) => {
    const { failure, links, left } = await run(action, `openat:error=${code}`, ['-P', path])
    expect(failure).toMatchObject({ code, syscall: 'openat', message: expect.stringContaining(path) })
    expect({ links, left }).toEqual({ links: [], left: [] })
  })
})

describe('/dev/net/tun that fails leaves no link and no descriptor', () => {
  for (const [action, call, code, least] of [
    ['tun', 'openat', 'EMFILE', 2],
    ['tun', 'ioctl', 'ENOMEM', 4],
    ['tun', 'sendto', 'ENOBUFS', 1],
  ] as const) {
    tunTest(`${action}: ${call} gives ${code}`, async () => {
      const filter = call === 'sendto' ? [] : ['-P', '/dev/net/tun']
      expect(await sweep(action, call, code, filter)).toBeGreaterThanOrEqual(least)
    })
  }
})

describe('joining that fails', () => {
  test.each([
    ['sysctl', 'joining'],
    ['connect', 'joining'],
  ])('%s: setns gives EPERM', async (action, words) => {
    const { failure, links, left } = await run(action, 'setns:error=EPERM')
    expect(failure).toMatchObject({ code: 'EPERM', syscall: 'setns', operation: expect.stringContaining(words) })
    expect({ links, left }).toEqual({ links: [], left: [] })
  })

  test('execFile: setns in the launcher gives EPERM', async () => {
    // Each process counts its own: as an ordinary user the first one joins the user namespace.
    const when = isRoot ? 1 : 2
    const { failure, links, left } = await run('execFile', `setns:error=EPERM:when=${when}`)
    expect(failure).toMatchObject({
      code: 'EPERM',
      syscall: 'setns',
      operation: expect.stringContaining("starting 'true' in namespace"),
    })
    expect({ links, left }).toEqual({ links: [], left: [] })
  })

  if (isRoot) {
    test.each(['EPERM', 'ENOMEM', 'EBUSY'])('named: mount gives %s, and no name is left', async (code) => {
      expect(await sweep('named', 'mount', code)).toBeGreaterThanOrEqual(1)
    })
  } else {
    test('the first namespace: setns to the user namespace gives EPERM', async () => {
      const { failure, left } = await run('nothing', 'setns:error=EPERM')
      expect(failure).toMatchObject({
        code: 'EPERM',
        syscall: 'setns',
        operation: expect.stringContaining('user namespace'),
      })
      expect(left).toEqual([])
    })
  }
})
