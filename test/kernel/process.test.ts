import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ending } from '../helpers/child.js'
import { isRoot } from '../helpers/user.js'

let ns: Namespace
let mounts: Namespace
let folder: string

beforeAll(async () => {
  ns = await Namespace.create()
  mounts = await Namespace.create({ types: ['net', 'mnt', 'uts'], hostname: 'inside' })
  folder = mkdtempSync(join(tmpdir(), 'a b-'))
})

afterAll(() => {
  ns.close()
  mounts.close()
  rmSync(folder, { recursive: true })
})

describe('streams', () => {
  test('piped streams carry input, output and errors', async () => {
    const child = ns.spawn('sh', ['-c', 'cat; echo oops >&2'])
    child.stdin?.end('hello')
    expect(await ending(child)).toMatchObject({ code: 0, stdout: 'hello', stderr: 'oops\n', error: undefined })
  })

  test('a descriptor as stdio is inherited', async () => {
    const file = join(folder, 'out')
    const fd = openSync(file, 'w')
    const child = ns.spawn('echo', ['to a file'], { stdio: ['ignore', fd, 'ignore'] })
    closeSync(fd)
    expect(child.stdout).toBeNull()
    expect((await ending(child)).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toBe('to a file\n')
  })

  test('a stream of this process as stdio is inherited', async () => {
    const child = ns.spawn('sh', ['-c', 'readlink /proc/self/fd/2'], { stdio: ['ignore', 'pipe', process.stderr] })
    const own = readlinkSync('/proc/self/fd/2')
    expect(await ending(child)).toMatchObject({ code: 0, stdout: `${own}\n` })
  })

  test("'inherit' gives the child the descriptors of this process", async () => {
    const file = join(folder, 'inherit')
    // In a process of its own, whose descriptors can be chosen.
    const program = `
      import { Namespace } from 'linux-namespaces'
      const ns = await Namespace.create()
      const child = ns.spawn('sh', ['-c', 'cat; echo err >&2; echo three >&3'], { stdio: ['inherit', 'inherit', 'inherit', 3] })
      child.on('close', (code) => { ns.close(); process.exitCode = code })`
    const three = openSync(file, 'w')
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'pipe', three],
    })
    closeSync(three)
    child.stdin?.end('in')
    expect(await ending(child)).toMatchObject({ code: 0, stdout: 'in', stderr: 'err\n' })
    expect(readFileSync(file, 'utf8')).toBe('three\n')
  })

  test('extra pipes are streams at their own index', async () => {
    const child = ns.spawn('sh', ['-c', 'cat <&3 >&4; echo five >&5'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'overlapped'],
    })
    expect(child.stdio).toHaveLength(6)
    const three = child.stdio[3] as import('node:stream').Writable
    const outputs = child.stdio.slice(4) as import('node:stream').Readable[]
    const texts = Promise.all(outputs.map(async (stream) => (await stream.toArray()).join('')))
    three.end('through')
    expect((await ending(child)).code).toBe(0)
    expect(await texts).toEqual(['through', 'five\n'])
  })

  test('ignored streams are /dev/null', async () => {
    const child = ns.spawn('sh', ['-c', 'test "$(readlink /proc/$$/fd/1)" = /dev/null'], { stdio: 'ignore' })
    expect(child.stdio).toEqual([null, null, null])
    expect((await ending(child)).code).toBe(0)
  })

  test.each([
    ['a network namespace', () => ns, []],
    ['several namespaces', () => mounts, []],
    ['a network namespace with an extra pipe', () => ns, ['pipe' as const]],
  ])('a child in %s has no descriptors but those of its stdio', async (_, where, extra) => {
    const child = where().spawn('ls', ['/proc/self/fd'], { stdio: ['ignore', 'pipe', 'pipe', ...extra] })
    const { stdout, code } = await ending(child)
    expect(code).toBe(0)
    // What this process was itself given to hand down, whoever started it, Node hands down as well.
    const own = spawn('ls', ['/proc/self/fd'], { stdio: ['ignore', 'pipe', 'pipe', ...extra] })
    expect(stdout).toBe((await ending(own)).stdout)
  })
})

describe('options', () => {
  test('the environment is the one given', async () => {
    const child = ns.spawn('env', [], { env: { PATH: process.env.PATH, COLOUR: 'blue' } })
    const { stdout } = await ending(child)
    expect(stdout).toBe(`PATH=${process.env.PATH}\nCOLOUR=blue\n`)
  })

  test('without an environment it is that of this process', async () => {
    process.env.LINUX_NAMESPACES_TEST = 'seen'
    const { stdout } = await ns.execFile('sh', ['-c', 'echo $LINUX_NAMESPACES_TEST'])
    delete process.env.LINUX_NAMESPACES_TEST
    expect(stdout).toBe('seen\n')
  })

  test.each([
    ['a network namespace', () => ns],
    ['a mount namespace', () => mounts],
  ])('the working directory in %s is this process’s, or a path, or a URL', async (_, where) => {
    const pwd = async (cwd?: string | URL) =>
      (await where().execFile('pwd', [], cwd === undefined ? {} : { cwd })).stdout.trimEnd()
    expect(await pwd()).toBe(process.cwd())
    expect(await pwd(folder)).toBe(folder)
    expect(await pwd(pathToFileURL(folder))).toBe(folder)
  })

  test('a command with a slash is looked for from the working directory', async () => {
    const { stdout } = await ns.execFile('./echo', ['here'], { cwd: '/bin' })
    expect(stdout).toBe('here\n')
  })

  test('argv0 is what the command sees as its own name', async () => {
    const child = ns.spawn('sh', ['-c', 'tr "\\0" " " </proc/$$/cmdline'], { argv0: 'pretender' })
    expect(child.spawnargs[0]).toBe('pretender')
    expect(child.spawnfile).toBe('sh')
    expect((await ending(child)).stdout).toMatch(/^pretender -c/)
  })

  test('spawnfile and spawnargs are those of the command', async () => {
    const child = ns.spawn('echo', ['a', 'b'])
    expect([child.spawnfile, child.spawnargs]).toEqual(['echo', ['echo', 'a', 'b']])
    await ending(child)
  })

  test.each([
    [true, '/bin/sh'],
    ['/bin/bash', '/bin/bash'],
  ])('with shell: %s the command is a line for it', async (shell, file) => {
    const child = ns.spawn('echo "$0" | tr -d "\\n"; exit', ['3'], { shell })
    expect(child.spawnargs).toEqual([file, '-c', 'echo "$0" | tr -d "\\n"; exit 3'])
    expect(await ending(child)).toMatchObject({ code: 3, stdout: file })
  })

  test('a detached child leads a session of its own', async () => {
    const child = ns.spawn('sh', ['-c', 'cut -d" " -f6 /proc/$$/stat'], { detached: true })
    const { stdout } = await ending(child)
    expect(Number(stdout)).toBe(child.pid)
    const attached = ns.spawn('sh', ['-c', 'cut -d" " -f6 /proc/$$/stat'])
    expect(Number((await ending(attached)).stdout)).not.toBe(attached.pid)
  })

  test('the pid of the child is the command’s own', async () => {
    const child = ns.spawn('sh', ['-c', 'echo $$'])
    expect(Number((await ending(child)).stdout)).toBe(child.pid)
  })

  test('a child runs in the namespaces, and this process does not', async () => {
    const child = mounts.spawn('sh', ['-c', 'hostname; readlink /proc/self/ns/net /proc/self/ns/mnt'])
    const { stdout } = await ending(child)
    expect(stdout).toBe(`inside\nnet:[${mounts.inode('net')}]\nmnt:[${mounts.inode('mnt')}]\n`)
  })

  if (isRoot) {
    test('uid and gid are taken after the namespaces are entered, without other groups', async () => {
      const { stdout } = await mounts.execFile('sh', ['-c', 'id -u; id -g; id -G'], { uid: 1234, gid: 2345 })
      expect(stdout).toBe('1234\n2345\n2345\n')
    })

    test('a child with another uid has no capabilities', async () => {
      const { stdout } = await ns.execFile('sh', ['-c', 'grep ^Cap /proc/self/status'], { uid: 1234, gid: 2345 })
      expect(stdout).toMatch(/CapEff:\s*0+\n/)
    })
  } else {
    test('a child is root of its user namespace', async () => {
      const { stdout } = await ns.execFile('sh', ['-c', 'id -u; id -g'], { uid: 0, gid: 0 })
      expect(stdout).toBe('0\n0\n')
    })

    test('a uid that the user namespace does not have is an error of the child', async () => {
      const { error, code } = await ending(ns.spawn('true', [], { uid: 1234 }))
      expect(error).toMatchObject({ code: 'EINVAL', syscall: 'setuid' })
      expect(code).not.toBe(0)
    })
  }
})
