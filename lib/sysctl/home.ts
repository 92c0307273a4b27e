import { stateError } from '../errors/argument.js'
import type { NamespaceType } from '../namespace/types.js'
import { sysctlPath } from './path.js'

const root = '/proc/sys/'

// What the kernel keeps for each namespace; everything else below /proc/sys it has once.
const homes: readonly [RegExp, NamespaceType][] = [
  [/^net\//, 'net'],
  [/^kernel\/(hostname|domainname)$/, 'uts'],
  [/^kernel\/(shm|msg|sem|auto_msgmni$)/, 'ipc'],
  [/^fs\/mqueue\//, 'ipc'],
  [/^user\//, 'user'],
]

/** The type of namespace that a setting belongs to; undefined for one of the whole machine. */
export function homeOf(name: string): NamespaceType | undefined {
  const path = sysctlPath(name).slice(root.length)
  return homes.find(([pattern]) => pattern.test(path))?.[1]
}

/**
 * Refuses to change a setting that a namespace of these types shares with others: /proc/sys shows each process those of the
 * namespaces it is in, so the kernel would carry it out, on the host.
 */
export function checkHome(name: string, types: readonly NamespaceType[]): void {
  const home = homeOf(name)
  if (home !== undefined && types.includes(home)) return
  const reason =
    home === undefined
      ? 'is one of the whole machine'
      : `belongs to a namespace of the type ${home}, which this one (${types.join(', ')}) lacks`
  throw stateError(
    'ERR_NAMESPACE_TYPE',
    `The setting '${name}' ${reason}: to change it outside, use Namespace.current().sysctl`,
  )
}
