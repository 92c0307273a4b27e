import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, resolve } from 'node:path'
import { workingDirectory } from './launch.js'

// Files that nobody can make: to start them fails as Node itself would have failed, and cannot start anything else.
const missing = '/proc/self/none'
const forbidden = '/proc/self/status'

/** What options of a child matter to find its command. */
export interface CommandOptions {
  env?: NodeJS.ProcessEnv | undefined
  cwd?: string | URL | undefined
}

/**
 * Looks a command up as execvp will. The launcher always starts, so Node would never see that the command is not there; where
 * this finds so, Node is given a path instead that makes it fail in its own way.
 *
 * @returns undefined when the command is there
 */
export function unusableCommand(command: string, options: CommandOptions): string | undefined {
  const cwd = workingDirectory(options.cwd)
  if (command.includes('/')) return state(isAbsolute(command) ? command : resolve(cwd, command))
  const path = (options.env ?? process.env).PATH ?? '/bin:/usr/bin'
  const states = path.split(delimiter).map((directory) => state(resolve(cwd, directory, command)))
  if (states.includes(undefined)) return undefined
  return states.includes(forbidden) ? forbidden : missing
}

function state(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return forbidden
    accessSync(file, constants.X_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? forbidden : missing
  }
}

/** The shell and its arguments for the `shell` option, as Node makes them. */
export function shellCommand(
  shell: string | boolean,
  command: string,
  args: readonly string[],
): { file: string; args: string[] } {
  return { file: typeof shell === 'string' ? shell : '/bin/sh', args: ['-c', [command, ...args].join(' ')] }
}
