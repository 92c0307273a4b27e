// Programs of other packages, which run in a namespace for as long as a test does.
import { once } from 'node:events'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Namespace } from 'linux-namespaces'
import { until } from './until.js'

/** Fails with the name of the Debian package that a program comes from, where it is not there. */
export async function installed(program: string, debianPackage: string): Promise<string> {
  for (const folder of ['/usr/bin', '/usr/sbin', '/bin', '/sbin']) {
    const path = join(folder, program)
    const found = await access(path).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  throw new Error(`${program} is not installed: apt-get install --no-install-recommends ${debianPackage}`)
}

/** Starts a program, waits until it is ready, and ends it at its disposal, and then disposes of its `folder`. */
export async function service(
  ns: Namespace,
  path: string,
  args: readonly string[],
  ready: () => Promise<unknown>,
  folder?: AsyncDisposable,
): Promise<AsyncDisposable> {
  const child = ns.spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const exit = once(child, 'close')
  const stop = async () => {
    child.kill('SIGTERM')
    await exit
    await folder?.[Symbol.asyncDispose]()
  }
  try {
    await until(`${path} is ready`, async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('it has ended')
      return ready().then(
        () => true,
        () => false,
      )
    })
  } catch (error) {
    await stop()
    throw new Error(`${path} ${args.join(' ')}:\n${output}`, { cause: error })
  }
  return { [Symbol.asyncDispose]: stop }
}

/** Whether somebody listens at a port: a connection is made, and ended. */
export async function answers(ns: Namespace, host: string, port: number): Promise<void> {
  const socket = await ns.connect({ host, port, timeout: 1000 })
  socket.on('error', () => {}).destroy()
}

/** A new folder, which is removed at its disposal. */
export async function folder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'linux-namespaces-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
