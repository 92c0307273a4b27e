import { invalidArgument } from '../errors/argument.js'

/** IFNAMSIZ, less the NUL. */
const longestName = 15
/** ALTIFNAMSIZ, less the NUL. */
const longestAltName = 127
/** IFALIASZ, less the NUL. */
const longestAlias = 255

/** Refuses a name that the kernel would refuse for a link, or take as a pattern. */
export function checkLinkName(name: unknown, argument = 'name'): string {
  return checkName(name, argument, longestName)
}

/** The same for an alternative name, and for a name that may be one. */
export function checkAltName(name: unknown, argument = 'name'): string {
  return checkName(name, argument, longestAltName)
}

/** Whether only an alternative name can be that long. */
export function isAltName(name: string): boolean {
  return Buffer.byteLength(name) > longestName
}

/** Refuses an alias that the kernel would refuse. Any text may be in it. */
export function checkAlias(alias: unknown, argument: string): string {
  if (typeof alias !== 'string' || alias.includes('\0'))
    throw invalidArgument(argument, alias, 'it must be a string without NUL')
  const length = Buffer.byteLength(alias)
  if (length > longestAlias)
    throw invalidArgument(argument, alias, `it has at most ${longestAlias} bytes, not ${length}`)
  return alias
}

function checkName(name: unknown, argument: string, longest: number): string {
  if (typeof name !== 'string' || name.length === 0)
    throw invalidArgument(argument, name, `a link has a name of 1 to ${longest} bytes`)
  const length = Buffer.byteLength(name)
  if (length > longest)
    throw invalidArgument(argument, name, `a link's name has at most ${longest} bytes, not ${length}`)
  if (name === '.' || name === '..') throw invalidArgument(argument, name, 'it names a directory')
  if (/[/:%\0]/.test(name)) throw invalidArgument(argument, name, "a link's name has no '/', ':', '%' or NUL in it")
  if (/\s/.test(name)) throw invalidArgument(argument, name, "a link's name has no white space in it")
  return name
}
