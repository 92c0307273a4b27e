import { release } from 'node:os'
import type { AttributeTable, Shape } from './codec/index.js'
import type { NetlinkError } from './error.js'

/** Something in a request that came with a newer kernel than the running one. */
export interface NewerPart {
  /** Its dotted name, `'linkinfo.data.fdbMaxLearned'`. */
  path: string
  /** The release that brought it, `'6.7'`. */
  since: string
}

type Value = Readonly<Record<string, unknown>>

/** Whether a release such as `'6.7'` came after a kernel's, such as `'6.1.0-56-amd64'`. */
export function isAfter(since: string, kernel: string): boolean {
  const [major = 0, minor = 0] = since.split('.').map(Number)
  const [, ownMajor, ownMinor] = /^(\d+)\.(\d+)/.exec(kernel) ?? []
  return major > Number(ownMajor) || (major === Number(ownMajor) && minor > Number(ownMinor))
}

/**
 * What a value has that the formats know to be newer than a kernel. Distributions bring attributes to kernels of older
 * numbers, so that this explains a refusal, but foretells none.
 */
export function newerParts(shape: Shape, value: unknown, kernel = release(), siblings: Value = {}): NewerPart[] {
  switch (shape.kind) {
    case 'layout':
    case 'nested':
      return isRecord(value) ? inTable(shape.attributes, value, kernel) : []
    case 'select': {
      const chosen = shape.cases[String(siblings[shape.by])]
      return chosen === undefined ? [] : newerParts(chosen, value, kernel)
    }
    case 'repeated':
    case 'indexed':
      return Array.isArray(value)
        ? value.flatMap((each, i) => newerParts(shape.element, each, kernel).map((part) => beneath(`${i}`, part)))
        : []
    case 'enum':
    case 'flags':
      return [value].flat().flatMap((name) => {
        const since = shape.since[String(name)]
        return since !== undefined && isAfter(since, kernel) ? [{ path: '', since }] : []
      })
    default:
      return []
  }
}

function inTable(table: AttributeTable, value: Value, kernel: string): NewerPart[] {
  return Object.entries(value).flatMap(([name, item]) => {
    const attribute = Object.hasOwn(table, name) ? table[name] : undefined
    if (attribute === undefined || item === undefined) return []
    const { since, codec } = attribute
    if (since !== undefined && isAfter(since, kernel)) return [{ path: name, since }]
    return newerParts(codec.shape, item, kernel, value).map((part) => beneath(name, part))
  })
}

function beneath(name: string, { path, since }: NewerPart): NewerPart {
  return { path: path === '' ? name : `${name}.${path}`, since }
}

function isRecord(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}

// What kernels answer to an attribute or a value that they do not know.
const unknownCodes = new Set(['EINVAL', 'ERANGE', 'EOPNOTSUPP'])

/**
 * What to say of a refusal that may be due to an old kernel.
 *
 * @param value gives what was asked for; called only for a refusal that may be
 */
export function newerHint(
  shape: Shape,
  value: () => unknown,
  { code, attribute }: NetlinkError,
  kernel = release(),
): string | undefined {
  if (!unknownCodes.has(code)) return undefined
  const parts = newerParts(shape, value(), kernel)
  // When the kernel names another attribute, that one is at fault.
  const [part] = attribute === undefined ? parts : parts.filter(({ path }) => `${path}.`.startsWith(`${attribute}.`))
  return part === undefined ? undefined : needs(part, kernel)
}

/** "'metrics.x' needs Linux 6.7 or newer, and this is 6.1.0-56-amd64". */
export function needs({ path, since }: NewerPart, kernel = release()): string {
  return `'${path}' needs Linux ${since} or newer, and this is ${kernel}`
}
