import { type SpawnOptions, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ending, failure } from '../helpers/child.js'

let ns: Namespace
let mounts: Namespace
let folder: string

beforeAll(async () => {
  ns = await Namespace.create()
  mounts = await Namespace.create({ types: ['net', 'mnt'] })
  folder = mkdtempSync(join(tmpdir(), 'errors-'))
  writeFileSync(join(folder, 'not-executable'), 'x')
  writeFileSync(join(folder, 'no-interpreter'), '#!/no/such/interpreter\n')
  chmodSync(join(folder, 'no-interpreter'), 0o755)
})

afterAll(() => {
  ns.close()
  mounts.close()
  rmSync(folder, { recursive: true })
})

/** The properties of an error as Node makes it, but for its stack. */
function facts(error: Error | undefined): object {
  return { name: error?.name, message: error?.message, ...error }
}

const failing: [string, () => [string, string[], SpawnOptions?]][] = [
  ['that is not in PATH', () => ['no-such-command', ['a', 'b']]],
  ['whose path does not exist', () => ['/no/such/command', []]],
  ['in a folder that does not exist', () => ['./x', [], { cwd: '/no/such/folder' }]],
  ['whose working directory does not exist', () => ['true', [], { cwd: '/no/such/folder' }]],
  ['that is a folder', () => [folder, ['a']]],
  ['that is not executable', () => [join(folder, 'not-executable'), []]],
  ['that is found in a PATH of its own only', () => ['not-executable', [], { env: { PATH: folder } }]],
  ['that no PATH of its own has', () => ['ls', [], { env: { PATH: '/no/such/folder' } }]],
  ['with an argv0', () => ['no-such-command', ['a'], { argv0: 'other' }]],
  ['whose shell does not exist', () => ['true', [], { shell: '/no/such/shell' }]],
]

describe('a command that cannot be started', () => {
  test.each(failing)('%s: the same error and events as from Node', async (_, make) => {
    const node = await ending(spawn(...(make() as [string, string[], SpawnOptions])))
    const ours = await ending(ns.spawn(...(make() as [string, string[], SpawnOptions])))
    expect(facts(ours.error)).toEqual(facts(node.error))
    expect(ours.events).toEqual(node.events)
    expect([ours.code, ours.signal]).toEqual([node.code, node.signal])
  })

  test('whose interpreter does not exist: the same error as from Node', async () => {
    const file = join(folder, 'no-interpreter')
    const node = await ending(spawn(file, ['a']))
    const ours = await ending(ns.spawn(file, ['a']))
    expect(facts(ours.error)).toEqual(facts(node.error))
  })

  test.each(failing.filter(([name]) => !name.includes('directory') && !name.includes('in a folder')))(
    'in a mount namespace %s: the same error as from Node, before the end',
    async (_, make) => {
      const node = await ending(spawn(...(make() as [string, string[], SpawnOptions])))
      for (let round = 0; round < 10; round++) {
        const ours = await ending(mounts.spawn(...(make() as [string, string[], SpawnOptions])))
        expect(facts(ours.error)).toEqual(facts(node.error))
        expect(ours.events.filter((event) => event !== 'spawn')).toEqual(['error', 'exit', 'close'])
      }
    },
  )

  test('in a working directory that the mount namespace does not have: an error that says so', async () => {
    const { error, code } = await ending(mounts.spawn('true', [], { cwd: '/no/such/folder' }))
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'chdir' })
    expect(error?.message).toContain("starting 'true' in namespace")
    expect(code).toBe(127)
  })

  test.each([
    ['a network namespace', () => ns],
    ['a mount namespace', () => mounts],
  ])('execFile in %s rejects with the error, every time', async (_, where) => {
    const attempts = Array.from({ length: 20 }, () =>
      failure(where().execFile('no-such-command', ['x'], { env: { PATH: '/usr/bin:/bin' } })),
    )
    for (const error of await Promise.all(attempts)) {
      expect(error).toMatchObject({
        code: 'ENOENT',
        errno: -2,
        syscall: 'spawn no-such-command',
        path: 'no-such-command',
        cmd: 'no-such-command x',
        spawnargs: ['x'],
        stdout: '',
        stderr: '',
      })
    }
  })
})

test('a command that is there only in the mount namespace is started', async () => {
  const target = '/mnt'
  await mounts.execFile('mount', ['-t', 'tmpfs', 'none', target])
  await mounts.execFile('sh', [
    '-c',
    `printf '#!/bin/sh\\necho inside' >${target}/only-here; chmod 755 ${target}/only-here`,
  ])
  expect((await mounts.execFile(`${target}/only-here`)).stdout).toBe('inside\n')
  expect((await mounts.execFile('only-here', [], { env: { PATH: target } })).stdout).toBe('inside\n')
  expect(await failure(ns.execFile(`${target}/only-here`))).toMatchObject({ code: 'ENOENT' })
  await mounts.execFile('umount', [target])
})

test('a namespace that cannot be joined is an error of the child, which names the step', async () => {
  // Its user namespace gives no capability over the network namespace of this process.
  const script = `
    import { Namespace } from 'linux-namespaces'
    import { closeSync, openSync } from 'node:fs'
    const ns = await Namespace.create()
    const fd = ns.fd()
    closeSync(fd)
    if (openSync('/dev/null') !== fd) throw new Error('another number')
    const child = ns.spawn('true')
    child.on('error', ({ code, syscall, message }) => console.log(JSON.stringify({ code, syscall, message })))
    child.on('close', (code) => { console.log(code); process.exit(0) })`
  const { stdout, stderr } = await ending(spawn(process.execPath, ['--input-type=module', '-e', script]))
  expect(stderr).toBe('')
  const [error = '', code] = stdout.split('\n')
  expect(JSON.parse(error)).toEqual({
    code: 'EINVAL',
    syscall: 'setns',
    message: expect.stringContaining("starting 'true' in namespace net:["),
  })
  expect(code).toBe('127')
})

describe('execFile', () => {
  test('a status other than 0 rejects as Node’s does', async () => {
    expect(await failure(ns.execFile('sh', ['-c', 'echo out; echo err >&2; exit 7']))).toMatchObject({
      message: 'Command failed: sh -c echo out; echo err >&2; exit 7\nerr\n',
      code: 7,
      signal: null,
      killed: false,
      stdout: 'out\n',
      stderr: 'err\n',
      cmd: 'sh -c echo out; echo err >&2; exit 7',
    })
  })

  test('a signal that ends it is in the error', async () => {
    expect(await failure(ns.execFile('sh', ['-c', 'kill -9 $$']))).toMatchObject({
      code: null,
      signal: 'SIGKILL',
      killed: false,
    })
  })

  test('timeout kills it, with killSignal', async () => {
    const error = await failure(ns.execFile('sleep', ['60'], { timeout: 50, killSignal: 'SIGKILL' }))
    expect(error).toMatchObject({ signal: 'SIGKILL', killed: true })
  })

  test('an abort signal kills it and rejects with an AbortError', async () => {
    const controller = new AbortController()
    const running = failure(ns.execFile('sleep', ['60'], { signal: controller.signal }))
    controller.abort()
    expect(await running).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
  })

  test('an abort signal that was aborted before rejects too', async () => {
    const error = await failure(ns.execFile('sleep', ['60'], { signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ name: 'AbortError' })
  })

  test('more output than maxBuffer kills it and keeps what fits', async () => {
    const error = await failure(ns.execFile('yes', [], { maxBuffer: 10 }))
    expect(error).toMatchObject({ code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', killed: true, stdout: 'y\ny\ny\ny\ny\n' })
  })

  test('input is what it reads, also when it does not', async () => {
    expect((await ns.execFile('cat', [], { input: 'text' })).stdout).toBe('text')
    expect((await ns.execFile('cat', [], { input: Uint8Array.of(65) })).stdout).toBe('A')
    await ns.execFile('true', [], { input: 'x'.repeat(1 << 20) })
  })

  test('output can be a buffer, or text of another encoding', async () => {
    expect((await ns.execFile('printf', ['\\377'], { encoding: 'buffer' })).stdout).toEqual(Buffer.of(255))
    expect((await ns.execFile('printf', ['\\377'], { encoding: 'hex' })).stdout).toBe('ff')
  })
})

test('a launcher that LINUX_NAMESPACES_LAUNCHER names and that is not there is not replaced by another', async () => {
  const program = `
    import { Namespace } from 'linux-namespaces'
    const ns = await Namespace.create()
    for (const start of [() => ns.spawn('true'), () => ns.fork('x'), () => ns.execFile('true')]) {
      try {
        await start()
      } catch ({ code, message }) {
        console.log(code, message)
      }
    }`
  const env = { ...process.env, LINUX_NAMESPACES_LAUNCHER: '/no/such/launcher' }
  const { stdout, stderr } = await ending(spawn(process.execPath, ['--input-type=module', '-e', program], { env }))
  expect(stderr).toBe('')
  const line =
    'ERR_LAUNCHER_MISSING The launcher is missing: no program at /no/such/launcher (LINUX_NAMESPACES_LAUNCHER)\n'
  expect(stdout).toBe(line.repeat(3))
})
