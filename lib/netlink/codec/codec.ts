import type { Shape } from './shape.js'
import type { Writer } from './writer.js'

/** The values beside an attribute, by name: what a selector looks at. */
export type Siblings = Readonly<Record<string, unknown>>

/** Something with named parts that an offset can point into. */
export interface Members {
  /** The part that the byte at `target` belongs to; undefined when none does. */
  locate(bytes: Uint8Array, start: number, end: number, target: number): Place | undefined
  /** The name of an attribute by its number. */
  nameOf(type: number): string | undefined
}

/** Where an offset points to. */
export interface Place {
  /** The dotted name. */
  path: string
  /** What is inside of it, if it has named parts. */
  members: Members | undefined
}

/**
 * One form of attribute: how its payload is read, and how the whole attribute is written. `Out` is what decoding gives,
 * `In` what encoding accepts. Methods are only called with bounds that lie within `bytes`.
 */
export interface Codec<Out, In = Out> {
  /** The form as data, for tests and tools. */
  readonly shape: Shape
  /** The attribute may occur many times in a row; values come and go as an array. */
  readonly repeated?: boolean
  /** The attribute carries nothing (64-bit alignment) and is dropped. */
  readonly padding?: boolean
  /** Reads a payload; undefined when it has not this form, so that its bytes are kept as they are. */
  read(bytes: Uint8Array, start: number, end: number, siblings: Siblings): Out | undefined
  /** Appends the attribute (or several, or none). */
  write(writer: Writer, type: number, value: In, siblings: Siblings): void
  /** The named parts inside, if there are any. */
  members?(siblings: Siblings): Members | undefined
}

/** A codec whose value has a size of its own, so that it can also be a field of a struct. */
export interface FixedCodec<Out, In = Out> extends Codec<Out, In> {
  /** Bytes. */
  readonly size: number
  get(bytes: Uint8Array, offset: number): Out
  set(writer: Writer, offset: number, value: In): void
}

/** Makes a codec of a fixed size. An attribute of another length is not decoded but kept as bytes. */
export function fixed<Out, In = Out>(
  size: number,
  shape: Shape,
  get: (bytes: Uint8Array, offset: number) => Out,
  set: (writer: Writer, offset: number, value: In) => void,
): FixedCodec<Out, In> {
  return {
    shape,
    size,
    get,
    set,
    read: (bytes, start, end) => (end - start === size ? get(bytes, start) : undefined),
    write: (writer, type, value) => set(writer, writer.attribute(type, size), value),
  }
}
