import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../native/addon.js'

let found: string | undefined

/** The small program that enters namespaces and becomes the command: built beside the addon, or shipped beside it. */
export function launcherPath(): string {
  if (found !== undefined) return found
  const candidates = [
    process.env.LINUX_NAMESPACES_LAUNCHER,
    join(packageRoot, 'build', 'Release', 'ns-launcher'),
    join(packageRoot, 'prebuilds', `linux-${process.arch}`, 'ns-launcher'),
  ].filter((path) => path !== undefined)
  found = candidates.find(isExecutable)
  if (found === undefined)
    throw new Error(`The launcher of linux-namespaces is missing: none of ${candidates.join(', ')}`)
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
