import type { ChildProcess, SpawnOptions, StdioOptions } from 'node:child_process'
import { stateError } from '../errors/argument.js'
import { describeErrno } from '../errors/errno.js'
import { SystemError } from '../errors/system-error.js'
import { addon } from '../native/addon.js'
import { startJob } from '../native/jobs.js'
import type { NamespaceCore } from '../namespace/core.js'
import { namespaceTypes } from '../namespace/types.js'

const POLLIN = 1

type Stdio = Exclude<StdioOptions, string>

/** How a child is started through the launcher. */
export interface Launch {
  /** What the launcher is told, ending with `--`. */
  words: string[]
  /** The child's stdio, with the descriptors for the launcher behind the user's own. */
  stdio: Stdio
  /** Watches whether the command could be started, and gives the child its own face. */
  started(child: ChildProcess, file: string, args: readonly string[]): void
  /** Closes what was opened for a start that did not come about. */
  abandon(): void
}

function listOf(stdio: StdioOptions | undefined): Stdio {
  if (typeof stdio === 'string') return [stdio, stdio, stdio]
  const list: Stdio = [...(stdio ?? [])]
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
  const pipe = addon.pipe()
  if (typeof pipe === 'number') throw new SystemError(-pipe, { syscall: 'pipe2', operation: `starting a process in ${core.label}` })
  const [reader, writer] = pipe
  const stdio = listOf(options.stdio)
  const words = [`status=${stdio.push(writer) - 1}`]
  const entry = core.entry()
  for (const { descriptor, type } of entry) words.push(`ns=${stdio.push(descriptor) - 1}:${namespaceTypes[type].flag}`)
  if (core.name === undefined && !core.current && !options.detached) words.push(`parent=${process.pid}`)
  if (options.gid !== undefined) words.push(`gid=${options.gid}`)
  if (options.uid !== undefined) words.push(`uid=${options.uid}`)
  // Entering a mount namespace leads to its root directory: the working directory is found again by its path.
  if (entry.some(({ type }) => type === 'mnt')) words.push(`cwd=${workingDirectory(options.cwd)}`)
  words.push('--')
  return {
    words,
    stdio,
    started(child, file, args) {
      // What the user started, for Node's own error messages and for whoever looks.
      Object.assign(child, { spawnfile: file, spawnargs: [file, ...args] })
      addon.close(writer)
      if (child.pid === undefined) addon.close(reader)
      else watch(child, reader, core, file)
    },
    abandon() {
      addon.close(writer)
      addon.close(reader)
    },
  }
}

function workingDirectory(cwd: string | URL | undefined): string {
  return cwd instanceof URL ? cwd.pathname : (cwd ?? process.cwd())
}

// The pipe ends without a word when the command has taken the launcher's place; else it says at which step it failed.
async function watch(child: ChildProcess, reader: number, core: NamespaceCore, file: string): Promise<void> {
  await startJob((id) => addon.wait(id, reader, POLLIN, -1)).done
  const buffer = new Uint8Array(64)
  const length = addon.syscall(addon.numbers.read, reader, buffer, buffer.length)
  addon.close(reader)
  if (length <= 0) return
  const [stage = '', errno = '0'] = new TextDecoder().decode(buffer.subarray(0, length)).split(' ')
  child.emit('error', startError(stage, Number(errno), file, core))
}

// As Node says it where the command is at fault ("spawn foo ENOENT"), else with the step that failed.
function startError(stage: string, errno: number, file: string, core: NamespaceCore): Error {
  const { code } = describeErrno(errno)
  if (stage === 'exec') {
    const error = stateError('ERR_SPAWN', `spawn ${file} ${code}`)
    return Object.assign(error, { code, errno: -errno, syscall: `spawn ${file}`, path: file })
  }
  return new SystemError(errno, { syscall: stage, operation: `starting '${file}' in ${core.label}` })
}
