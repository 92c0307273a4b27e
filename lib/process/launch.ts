import type { ChildProcess, SpawnOptions, StdioOptions } from 'node:child_process'
import { constants } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkInteger, invalidArgument, stateError } from '../errors/argument.js'
import { describeErrno } from '../errors/errno.js'
import { SystemError } from '../errors/system-error.js'
import type { NamespaceCore } from '../namespace/core.js'
import { namespaceTypes } from '../namespace/types.js'
import { addon } from '../native/addon.js'
import { EAGAIN, F_SETFL, POLLIN } from '../native/constants.js'
import { type Job, startJob } from '../native/jobs.js'

const lastId = 0xfffffffe

type Stdio = Exclude<StdioOptions, string>

/** How a child is started through the launcher. */
export interface Launch {
  /** What the launcher is told, ending with `--`. */
  words: string[]
  /** The child's stdio, with the descriptors for the launcher behind the user's own. */
  stdio: Stdio
  /** Watches whether the command could be started, and gives the child its own face; `args` begin with argv[0]. */
  started(child: ChildProcess, file: string, args: readonly string[]): void
  /** The working directory for Node to set: none where the launcher does. */
  cwd: { cwd?: string | URL | undefined }
  /** Closes what was opened for a start that did not come about. */
  abandon(): void
}

function listOf(stdio: StdioOptions | undefined): Stdio {
  if (typeof stdio === 'string') return [stdio, stdio, stdio]
  if (stdio && !Array.isArray(stdio)) throw invalidArgument('stdio', stdio, 'it must be a word or an array')
  const list: Stdio = [...(stdio || [])]
  while (list.length < 3) list.push('pipe')
  return list
}

/** Options that the launcher carries out, since they apply after the namespaces are entered. */
export type LaunchOptions = Pick<SpawnOptions, 'uid' | 'gid' | 'detached' | 'stdio' | 'cwd'>

/**
 * Prepares the start of a child inside a namespace. A child of an anonymous namespace dies with this process, so that
 * nothing is left of it after `kill -9`, unless it is detached.
 */
export function prepareLaunch(core: NamespaceCore, options: LaunchOptions): Launch {
  core.handle.check()
  const { uid, gid } = options
  if (uid !== undefined) checkInteger('uid', uid, 0, lastId)
  if (gid !== undefined) checkInteger('gid', gid, 0, lastId)
  const stdio = listOf(options.stdio)
  const streams = stdio.length
  const entry = core.entry()
  // Joining one concerns children only, and the command takes the launcher's place.
  if (entry.some(({ type }) => type === 'pid')) {
    throw stateError(
      'ERR_NAMESPACE_TYPE',
      `A process cannot be started in the pid namespace of the ${core.label}: leave out 'pid' when opening it`,
    )
  }
  // Entering a mount namespace leads to its root directory: the working directory is found again by its path.
  const cwd = entry.some(({ type }) => type === 'mnt') ? resolve(workingDirectory(options.cwd)) : undefined
  const pipe = addon.pipe()
  if (typeof pipe === 'number')
    throw new SystemError(-pipe, { syscall: 'pipe2', operation: `starting a process in ${core.label}` })
  const [reader, writer] = pipe
  // Whoever looks whether something is in it must not be held up.
  addon.syscall(addon.numbers.fcntl, reader, F_SETFL, constants.O_NONBLOCK)
  const words = [`status=${stdio.push(writer) - 1}`]
  for (const { descriptor, type } of entry) words.push(`ns=${stdio.push(descriptor) - 1}:${namespaceTypes[type].flag}`)
  if (core.name === undefined && !core.current && !options.detached) words.push(`parent=${process.pid}`)
  if (gid !== undefined) words.push(`gid=${gid}`)
  if (uid !== undefined) words.push(`uid=${uid}`)
  if (cwd !== undefined) words.push(`cwd=${cwd}`)
  words.push('--')
  return {
    words,
    stdio,
    cwd: cwd === undefined && options.cwd !== undefined ? { cwd: options.cwd } : {},
    started(child, file, args) {
      // What the user started, for Node's own error messages and for whoever looks; and the user's streams alone.
      Object.assign(child, { spawnfile: file, spawnargs: args })
      child.stdio?.splice(streams)
      addon.close(writer)
      if (child.pid === undefined) addon.close(reader)
      else watch(child, reader, core)
    },
    abandon() {
      addon.close(writer)
      addon.close(reader)
    },
  }
}

/** The working directory that an option names, as a path. */
export function workingDirectory(cwd: string | URL | null | undefined): string {
  if (cwd === undefined || cwd === null) return process.cwd()
  if (cwd instanceof URL) return fileURLToPath(cwd)
  if (typeof cwd !== 'string' || cwd.includes('\0'))
    throw invalidArgument('cwd', cwd, 'it must be a path or a file: URL')
  return cwd
}

// The pipe ends without a word when the command has taken the launcher's place; else it says at which step it failed.
async function watch(child: ChildProcess, reader: number, core: NamespaceCore): Promise<void> {
  let job: Job | undefined
  let told = false
  const tell = () => {
    if (told) return
    const buffer = new Uint8Array(64)
    const length = addon.syscall(addon.numbers.read, reader, buffer, buffer.length)
    if (length === -EAGAIN) return
    told = true
    job?.cancel()
    addon.close(reader)
    if (length <= 0) return
    const [stage = '', errno = '0'] = new TextDecoder().decode(buffer.subarray(0, length)).split(' ')
    child.emit('error', startError(stage, Number(errno), child, core))
  }
  // Whichever is seen first: the error always comes before the end of the launcher that had it.
  child.prependOnceListener('exit', tell)
  try {
    job = startJob((id) => addon.wait(id, reader, POLLIN, -1))
  } catch {
    return // without a thread to wait on, its end tells
  }
  await job.done
  tell()
}

// As Node says it where the command is at fault ("spawn foo ENOENT"), else with the step that failed.
function startError(stage: string, errno: number, child: ChildProcess, core: NamespaceCore): Error {
  const { code } = describeErrno(errno)
  const { spawnfile: file } = child
  if (stage === 'exec') {
    const error = stateError('ERR_SPAWN', `spawn ${file} ${code}`)
    return Object.assign(error, {
      code,
      errno: -errno,
      syscall: `spawn ${file}`,
      path: file,
      spawnargs: child.spawnargs.slice(1),
    })
  }
  return new SystemError(errno, { syscall: stage, operation: `starting '${file}' in ${core.label}` })
}
