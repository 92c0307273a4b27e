import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { stateError } from '../errors/argument.js'
import { packageRoot } from '../native/addon.js'

let found: string | undefined

/** The small program that enters namespaces and becomes the command: built beside the addon, or shipped beside it. */
export function launcherPath(): string {
  if (found !== undefined) return found
  const chosen = process.env.LINUX_NAMESPACES_LAUNCHER
  const candidates =
    chosen === undefined
      ? [
          join(packageRoot, 'build', 'Release', 'ns-launcher'),
          join(packageRoot, 'prebuilds', `linux-${process.arch}`, 'ns-launcher'),
        ]
      : [chosen]
  found = candidates.find(isExecutable)
  if (found === undefined) {
    const source = chosen === undefined ? '' : ' (LINUX_NAMESPACES_LAUNCHER)'
    throw stateError('ERR_LAUNCHER_MISSING', `The launcher is missing: no program at ${candidates.join(', ')}${source}`)
  }
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
