import { inspect } from 'node:util'

/** A bad argument, found before the kernel is asked: a TypeError with Node's own code for it. */
export function invalidArgument(name: string, value: unknown, reason: string): TypeError & { code: string } {
  const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })
  const text = `The argument '${name}' is invalid: ${reason}. Received ${shown.length > 128 ? `${shown.slice(0, 128)}…` : shown}`
  return Object.assign(new TypeError(text), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** A number outside of its range: a RangeError with Node's own code for it. */
export function outOfRange(name: string, value: unknown, range: string): RangeError & { code: string } {
  const text = `The value of '${name}' is out of range: it must be ${range}. Received ${inspect(value)}`
  return Object.assign(new RangeError(text), { code: 'ERR_OUT_OF_RANGE' })
}

/** Refuses what is not a whole number from `least` to `most`. */
export function checkInteger(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidArgument(name, value, 'it must be an integer')
  if (value < least || value > most) throw outOfRange(name, value, `>= ${least} and <= ${most}`)
  return value
}

/** Refuses what is no object with properties. */
export function checkObject<T>(name: string, value: T): T & object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalidArgument(name, value, 'it must be an object')
}

/** Refuses what is no object, and an object with a property that nobody would look at: a misspelt option. */
export function checkKeys<T>(name: string, value: T, allowed: Readonly<Record<string, true>>): T & object {
  const object = checkObject(name, value)
  for (const key of Object.keys(object)) {
    if (Object.hasOwn(allowed, key)) continue
    const given: unknown = Object.getOwnPropertyDescriptor(object, key)?.value
    throw invalidArgument(`${name}.${key}`, given, `there is no such option, only ${Object.keys(allowed).join(', ')}`)
  }
  return object
}

/** Refuses what is neither true nor false. */
export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalidArgument(name, value, 'it must be true or false')
}

/** An error about the state of an object, with a code of this library. */
export function stateError(code: `ERR_${string}`, message: string): Error & { code: string } {
  return Object.assign(new Error(message), { code })
}
