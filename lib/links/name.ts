import { invalidArgument } from '../errors/argument.js'

/** IFNAMSIZ, less the NUL. */
const longestName = 15

/** Refuses a name that the kernel would refuse for a link, or take as a pattern. */
export function checkLinkName(name: unknown, argument = 'name'): string {
  if (typeof name !== 'string' || name.length === 0)
    throw invalidArgument(argument, name, 'a link has a name of 1 to 15 bytes')
  const length = Buffer.byteLength(name)
  if (length > longestName) throw invalidArgument(argument, name, `a link's name has at most 15 bytes, not ${length}`)
  if (name === '.' || name === '..') throw invalidArgument(argument, name, 'it names a directory')
  if (/[/:%\0]/.test(name)) throw invalidArgument(argument, name, "a link's name has no '/', ':', '%' or NUL in it")
  if (/\s/.test(name)) throw invalidArgument(argument, name, "a link's name has no white space in it")
  return name
}
