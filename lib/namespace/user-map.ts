import { checkInteger, checkObject, invalidArgument } from '../errors/argument.js'
import { privileged } from './privilege.js'

/**
 * One range of ids of a user namespace, a line of /proc/PID/uid_map. An ordinary user can map their own id only.
 *
 * @example
 * // Root inside is user 100000 outside, and 65,536 ids from there on.
 * await Namespace.create({ user: { uidMap: [{ inside: 0, outside: 100_000, count: 65_536 }] } })
 */
export interface IdMapping {
  /** First id inside the namespace, 0 to 4,294,967,294. */
  inside: number
  /** First id outside, in this process's own user namespace, 0 to 4,294,967,294. */
  outside: number
  /** How many ids; 1 by default. */
  count?: number
}

/** The ids of a new user namespace. What is left out maps the caller to 0. */
export interface UserOptions {
  uidMap?: readonly IdMapping[]
  gidMap?: readonly IdMapping[]
}

const lastId = 0xfffffffe

// An ordinary user's namespaces live inside the shared user namespace, where the caller's own id is 0 and no other exists.
function outsideId(name: string, mapping: IdMapping, own: number): number {
  if (privileged) return mapping.outside
  if (mapping.outside === own && (mapping.count ?? 1) === 1) return 0
  throw invalidArgument(
    name,
    mapping,
    `an ordinary user can map their own id only, one to one: outside ${own}, count 1`,
  )
}

function mapText(name: string, map: readonly IdMapping[] | undefined, own: number): string {
  if (map !== undefined && !Array.isArray(map)) throw invalidArgument(name, map, 'it must be a list of mappings')
  for (const mapping of map ?? []) checkObject(name, mapping)
  const lines = (map ?? [{ inside: 0, outside: own }]).map((mapping) => {
    const count = checkInteger(`${name}.count`, mapping.count ?? 1, 1, lastId + 1)
    checkInteger(`${name}.inside`, mapping.inside, 0, lastId + 1 - count)
    checkInteger(`${name}.outside`, mapping.outside, 0, lastId + 1 - count)
    return `${mapping.inside} ${outsideId(name, mapping, own)} ${count}`
  })
  if (lines.length === 0) throw invalidArgument(name, map, 'a user namespace needs at least one mapping')
  return `${lines.join('\n')}\n`
}

/** The texts that the kernel takes as maps. */
export function mapTexts(user: UserOptions): { uidMap: string; gidMap: string } {
  return {
    uidMap: mapText('user.uidMap', user.uidMap, process.geteuid?.() ?? 0),
    gidMap: mapText('user.gidMap', user.gidMap, process.getegid?.() ?? 0),
  }
}
