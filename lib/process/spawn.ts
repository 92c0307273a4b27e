import {
  type ChildProcess,
  type ForkOptions,
  fork as nodeFork,
  spawn as nodeSpawn,
  type SpawnOptions,
} from 'node:child_process'
import { invalidArgument } from '../errors/argument.js'
import type { NamespaceCore } from '../namespace/core.js'
import { shellCommand, unusableCommand } from './command.js'
import { type Launch, prepareLaunch } from './launch.js'
import { launcherPath } from './launcher.js'

function checkCommand(command: unknown): void {
  if (typeof command !== 'string') throw invalidArgument('command', command, 'it must be a string')
  if (command === '' || command.includes('\0')) throw invalidArgument('command', command, 'it must be a file or a name')
}

function checkRest(args: unknown, options: unknown): void {
  if (!Array.isArray(args)) throw invalidArgument('args', args, 'it must be an array')
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', options, 'it must be an object')
}

// Starts through the launcher; whatever Node refuses leaves no descriptor behind.
function start(launch: Launch, begin: () => ChildProcess, file: string, args: readonly string[]): ChildProcess {
  let child: ChildProcess
  try {
    child = begin()
  } catch (error) {
    launch.abandon()
    throw error
  }
  launch.started(child, file, args)
  return child
}

/** Starts a command inside a namespace; see {@link Namespace.spawn}. */
export function spawn(
  core: NamespaceCore,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  checkCommand(command)
  checkRest(args, options)
  const { uid, gid, shell, argv0, cwd, ...rest } = options
  if (argv0 !== undefined && typeof argv0 !== 'string') throw invalidArgument('argv0', argv0, 'it must be a string')
  if (shell && shell !== true && typeof shell !== 'string') {
    throw invalidArgument('shell', shell, 'it must be true, false or a path')
  }
  const run = shell ? shellCommand(shell, command, args) : { file: command, args: [...args] }
  const launch = prepareLaunch(core, options)
  const entersMounts = launch.words.some((word) => word.startsWith('cwd='))
  const begin = () => {
    // In another mount tree only the launcher can tell whether the command is there.
    const unusable = entersMounts ? undefined : unusableCommand(run.file, options)
    const words = unusable === undefined ? [...launch.words, run.file, argv0 ?? run.file, ...run.args] : []
    return nodeSpawn(unusable ?? launcherPath(), words, {
      ...rest,
      ...launch.cwd,
      stdio: launch.stdio,
    })
  }
  return start(launch, begin, run.file, [argv0 ?? run.file, ...run.args])
}

/** Starts a Node process with an IPC channel inside a namespace; see {@link Namespace.fork}. */
export function fork(
  core: NamespaceCore,
  modulePath: string | URL,
  args: readonly string[],
  options: ForkOptions,
): ChildProcess {
  checkRest(args, options)
  const { uid, gid, cwd, execPath = process.execPath, execArgv = process.execArgv, silent, stdio, ...rest } = options
  if (typeof execPath !== 'string') throw invalidArgument('execPath', execPath, 'it must be a path')
  if (!Array.isArray(execArgv)) throw invalidArgument('execArgv', execArgv, 'it must be an array')
  const launch = prepareLaunch(core, { ...options, stdio: stdio ?? forkStdio(silent) })
  const begin = () =>
    nodeFork(modulePath, args, {
      ...rest,
      ...launch.cwd,
      execPath: launcherPath(),
      execArgv: [...launch.words, execPath, execPath, ...execArgv],
      stdio: launch.stdio,
    })
  return start(launch, begin, execPath, [execPath, ...execArgv, `${modulePath}`, ...args])
}

// As Node's fork: the child shares this process's streams unless it is to be silent.
function forkStdio(silent: boolean | undefined): ('pipe' | 'inherit' | 'ipc')[] {
  const stream = silent ? 'pipe' : 'inherit'
  return [stream, stream, stream, 'ipc']
}
