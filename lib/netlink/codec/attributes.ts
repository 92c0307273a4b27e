import { align, copyBytes, readU16 } from './bytes.js'
import type { Codec, Members, Place, Siblings } from './codec.js'
import { invalidValue, NetlinkEncodeError, within } from './errors.js'
import { Plan } from './plan.js'
import type { Writer } from './writer.js'

const typeMask = 0x3fff
const headerLength = 4
const noSiblings: Siblings = Object.freeze({})

/** One attribute: a type number, the C constant that names it, and the form of its payload. */
export interface Attribute<Out, In = Out> {
  readonly constant: string
  readonly type: number
  readonly codec: Codec<Out, In>
  /** The kernel release that brought it, where that is newer than the oldest supported one. */
  readonly since?: string
}

/** Attributes by the name they have here. */
export type AttributeTable = Readonly<Record<string, Attribute<unknown>>>

/** An attribute that is not in the table, or whose payload has another form than the table says: its bytes, kept. */
export interface UnknownAttribute {
  /** The attribute's number. */
  type: number
  data: Uint8Array
  /** `NLA_F_NESTED` (0x8000) or `NLA_F_NET_BYTEORDER` (0x4000), if one was set. */
  flags?: number
}

type AttributeOut<A> = A extends Attribute<infer Out, infer _In> ? Out : never
type AttributeIn<A> = A extends Attribute<infer _Out, infer In> ? In : never

/** What a set of attributes decodes to. */
export type AttributesOut<A> = { [K in keyof A]?: AttributeOut<A[K]> } & { unknown?: UnknownAttribute[] }

/** What a set of attributes is encoded from. */
export type AttributesIn<A> = { [K in keyof A]?: AttributeIn<A[K]> | undefined } & {
  unknown?: readonly UnknownAttribute[] | undefined
}

/**
 * Declares an attribute.
 *
 * @param constant its name in C
 * @param added for attributes newer than the oldest supported kernel, the release that brought them
 *
 * @example
 * mtu: attr('IFLA_MTU', 4, u32),
 */
export function attr<Out, In>(
  constant: string,
  type: number,
  codec: Codec<Out, In>,
  added?: { since: string },
): Attribute<Out, In> {
  return { constant, type, codec, ...added }
}

/** Reads several values of a message at once: undefined when an attribute is cut short, and each time into the same array. */
export type ValuePicker<T extends readonly unknown[]> = (bytes: Uint8Array, start: number, end: number) => T | undefined

interface Entry {
  readonly name: string
  readonly type: number
  readonly codec: Codec<unknown>
  /** Has at most one value, which is kept under its name. */
  readonly single: boolean
}

/** A table of attributes, ready to encode and decode. */
export class AttributeSet implements Members {
  private readonly byType: (Entry | undefined)[] = []
  private readonly byName = new Map<string, Entry>()
  private readonly plan: Plan

  /**
   * @param table the attributes
   * @param headerKeys names that objects have beside attributes, because a header takes them
   */
  constructor(
    readonly table: AttributeTable,
    private readonly headerKeys: ReadonlySet<string> = new Set(),
  ) {
    for (const [name, { type, codec }] of Object.entries(table)) {
      if (name === 'unknown' || headerKeys.has(name)) throw new Error(`the name '${name}' is taken`)
      if (this.byType[type] !== undefined) throw new Error(`'${name}' and '${this.byType[type].name}' are both ${type}`)
      const entry = { name, type, codec, single: !codec.repeated && !codec.padding }
      this.byType[type] = entry
      this.byName.set(name, entry)
    }
    // Without holes V8 looks numbers up faster.
    for (let type = 0; type < this.byType.length; type++) this.byType[type] ??= undefined
    this.plan = Plan.root(headerKeys, this.byType.length)
  }

  /** Reads attributes into a new object; undefined when one claims more bytes than there are. */
  decode(bytes: Uint8Array, start: number, end: number): Record<string, unknown> | undefined {
    const result = this.prepare(bytes, start, end)
    if (result !== undefined) this.fill(result, bytes, start, end)
    return result
  }

  /**
   * Makes the object that {@link fill} is to fill, after a look at which attributes there are. It may have their keys
   * and those of the header already, with values to be overwritten.
   */
  prepare(bytes: Uint8Array, start: number, end: number): Record<string, unknown> | undefined {
    const byType = this.byType
    let plan = this.plan
    let offset = start
    while (end - offset >= headerLength) {
      const length = readU16(bytes, offset)
      if (length < headerLength || length > end - offset) return undefined
      const type = readU16(bytes, offset + 2) & typeMask
      const entry = type < byType.length ? byType[type] : undefined
      if (entry?.single) plan = plan.with(type, entry.name)
      offset += align(length)
    }
    return plan.object()
  }

  /** Reads attributes whose lengths {@link prepare} has checked. */
  fill(result: Record<string, unknown>, bytes: Uint8Array, start: number, end: number): void {
    const byType = this.byType
    let offset = start
    while (end - offset >= headerLength) {
      const length = readU16(bytes, offset)
      const payload = offset + headerLength
      const stop = offset + length
      const rawType = readU16(bytes, offset + 2)
      const type = rawType & typeMask
      offset += align(length)
      const entry = type < byType.length ? byType[type] : undefined
      if (entry === undefined) {
        keepUnknown(result, rawType, bytes, payload, stop)
        continue
      }
      const value = entry.codec.read(bytes, payload, stop, result)
      if (value === undefined) {
        if (entry.codec.padding) continue
        if (entry.single) delete result[entry.name]
        keepUnknown(result, rawType, bytes, payload, stop)
      } else if (entry.single) {
        result[entry.name] = value
      } else {
        const list = result[entry.name] as unknown[] | undefined
        if (list === undefined) result[entry.name] = [value]
        else list.push(value)
      }
    }
  }

  /** Appends every attribute that `value` has, in the order of its keys. */
  encode(writer: Writer, value: object): void {
    const given = value as Siblings
    for (const name in given) {
      const item = given[name]
      if (item === undefined) continue
      const entry = this.byName.get(name)
      try {
        if (entry !== undefined) entry.codec.write(writer, entry.type, item, given)
        else if (name === 'unknown') writeUnknown(writer, item)
        else if (!this.headerKeys.has(name))
          throw new NetlinkEncodeError('ERR_INVALID_ARG_VALUE', 'is not an attribute here')
      } catch (error) {
        throw within(error, name)
      }
    }
  }

  /** Reads one attribute of a message of which `skip` bytes are a header, and none of the others. */
  reader(name: string, skip: number): (bytes: Uint8Array, start: number, end: number) => unknown {
    const { type, codec } = this.alone(name)
    return (bytes, start, end) => {
      let offset = start + skip
      while (end - offset >= headerLength) {
        const length = readU16(bytes, offset)
        if (length < headerLength || length > end - offset) return undefined
        if ((readU16(bytes, offset + 2) & typeMask) === type)
          return codec.read(bytes, offset + headerLength, offset + length, noSiblings)
        offset += align(length)
      }
      return undefined
    }
  }

  /** Reads some attributes of a message of which `skip` bytes are a header: see `Message.picker`. */
  picker(names: readonly string[], skip: number): ValuePicker<unknown[]> {
    const codecs: Codec<unknown>[] = []
    const places = new Int8Array(this.byType.length).fill(-1)
    for (const [place, name] of names.entries()) {
      const { type, codec } = this.alone(name)
      places[type] = place
      codecs.push(codec)
    }
    const values = new Array<unknown>(names.length).fill(undefined)
    return (bytes, start, end) => {
      for (let place = 0; place < values.length; place++) values[place] = undefined
      let offset = start + skip
      while (end - offset >= headerLength) {
        const length = readU16(bytes, offset)
        if (length < headerLength || length > end - offset) return undefined
        const type = readU16(bytes, offset + 2) & typeMask
        const place = type < places.length ? (places[type] as number) : -1
        if (place >= 0) {
          const codec = codecs[place] as Codec<unknown>
          values[place] = codec.read(bytes, offset + headerLength, offset + length, noSiblings)
        }
        offset += align(length)
      }
      return values
    }
  }

  // An attribute that needs no other to be read.
  private alone(name: string): Entry {
    const entry = this.byName.get(name)
    if (entry?.single && entry.codec.shape.kind !== 'select') return entry
    throw new Error(`there is no attribute '${name}' that can be read by itself`)
  }

  nameOf(type: number): string | undefined {
    return this.byType[type & typeMask]?.name
  }

  locate(bytes: Uint8Array, start: number, end: number, target: number): Place | undefined {
    const seen = new Map<number, number>()
    let offset = start
    while (end - offset >= headerLength) {
      const length = readU16(bytes, offset)
      const stop = offset + length
      if (length < headerLength || stop > end) return undefined
      const type = readU16(bytes, offset + 2) & typeMask
      const count = seen.get(type) ?? 0
      const next = offset + align(length)
      if (target < next) return this.place(type, count, bytes, offset, stop, target, start, end)
      seen.set(type, count + 1)
      offset = next
    }
    return undefined
  }

  private place(
    type: number,
    count: number,
    bytes: Uint8Array,
    offset: number,
    stop: number,
    target: number,
    start: number,
    end: number,
  ): Place | undefined {
    if (target < offset) return undefined
    const entry = this.byType[type]
    if (entry === undefined) return { path: String(type), members: undefined }
    const path = entry.codec.repeated ? `${entry.name}.${count}` : entry.name
    const members = entry.codec.members?.(this.decode(bytes, start, end) ?? {})
    const payload = offset + headerLength
    const inner = target < payload ? undefined : members?.locate(bytes, payload, stop, target)
    return inner === undefined ? { path, members } : { path: `${path}.${inner.path}`, members: inner.members }
  }
}

function keepUnknown(
  result: Record<string, unknown>,
  rawType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const attribute: UnknownAttribute = { type: rawType & typeMask, data: copyBytes(bytes, start, end) }
  const flags = rawType & ~typeMask
  if (flags !== 0) attribute.flags = flags
  const list = result.unknown as UnknownAttribute[] | undefined
  if (list === undefined) result.unknown = [attribute]
  else list.push(attribute)
}

function writeUnknown(writer: Writer, value: unknown): void {
  if (!Array.isArray(value)) throw invalidValue('an array of { type, data }', value)
  for (const { type, data, flags = 0 } of value as UnknownAttribute[]) {
    if (!Number.isInteger(type) || type < 0 || type > typeMask)
      throw invalidValue(`of types from 0 to ${typeMask}`, type)
    if (!(data instanceof Uint8Array)) throw invalidValue('of Uint8Array data', data)
    writer.copy(writer.attribute(type | flags, data.length), data)
  }
}
