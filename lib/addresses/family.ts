import { invalidArgument } from '../errors/argument.js'

/** An address family, as `ip(8)` names it. */
export type Family = 'inet' | 'inet6'

/** Refuses what is no address family. */
export function checkFamily(family: unknown): Family {
  if (family !== 'inet' && family !== 'inet6') throw invalidArgument('family', family, "it must be 'inet' or 'inet6'")
  return family
}

/** The name of IP version 4 or 6. */
export function familyOf({ family }: { family: 4 | 6 }): Family {
  return family === 4 ? 'inet' : 'inet6'
}
