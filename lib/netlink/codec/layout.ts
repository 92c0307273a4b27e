import {
  AttributeSet,
  type AttributesIn,
  type AttributesOut,
  type AttributeTable,
  type ValuePicker,
} from './attributes.js'
import { align } from './bytes.js'
import type { Members, Place } from './codec.js'
import { within } from './errors.js'
import type { FieldTable, StructCodec, StructIn, StructOut } from './struct.js'
import type { Writer } from './writer.js'

/** A header's members and the attributes after it, side by side in one object. */
export type LayoutOut<F, A> = StructOut<F> & AttributesOut<A>
export type LayoutIn<F, A> = StructIn<F> & AttributesIn<A>

/** Names that a header and its attributes would both have; a compile error where there are any. */
export type NoClash<F, A> = [keyof F & (keyof A | 'unknown')] extends [never]
  ? unknown
  : { 'header and attributes must not share names': keyof F & keyof A }

/** Reads one value of a message whose payload lies from `start` to `end`. */
export type ValueReader<T> = (bytes: Uint8Array, start: number, end: number) => T

/** The values of some names, in their order. */
export type Picked<T, N extends readonly (keyof T)[]> = { readonly [I in keyof N]: T[N[I]] }

function fieldReader({ get }: FieldTable[string]['codec'], offset: number): ValueReader<unknown> {
  return (bytes, start) => get(bytes, start + offset)
}

/** A struct followed by attributes: a message, a veth peer, a next hop. */
export class Layout<F extends FieldTable, A extends AttributeTable> implements Members {
  readonly attributes: AttributeSet
  /** Bytes of the header, padded as netlink pads it. */
  readonly headerSize: number
  private readonly fields: { key: string; offset: number; codec: FieldTable[string]['codec'] }[]

  constructor(
    readonly header: StructCodec<F>,
    table: A,
  ) {
    this.fields = Object.entries(header.fields).map(([key, { offset, codec }]) => ({ key, offset, codec }))
    this.attributes = new AttributeSet(table, new Set(this.fields.map(({ key }) => key)))
    this.headerSize = align(header.size)
  }

  /** Undefined when the bytes are too few, or an attribute claims more than there are. */
  decode(bytes: Uint8Array, start: number, end: number): LayoutOut<F, A> | undefined {
    if (end - start < this.header.size) return undefined
    const attributes = start + this.headerSize
    const result = this.attributes.prepare(bytes, attributes, end)
    if (result === undefined) return undefined
    const fields = this.fields
    for (let index = 0; index < fields.length; index++) {
      const { key, offset, codec } = fields[index] as (typeof fields)[number]
      result[key] = codec.get(bytes, start + offset)
    }
    this.attributes.fill(result, bytes, attributes, end)
    return result as LayoutOut<F, A>
  }

  encode(writer: Writer, value: LayoutIn<F, A>): void {
    const given = value as Readonly<Record<string, unknown>>
    const start = writer.reserve(this.headerSize)
    this.writeHeader(writer, start, given)
    this.attributes.encode(writer, given)
  }

  /** See `Message.reader`. */
  reader<K extends keyof LayoutOut<F, A> & string>(name: K): ValueReader<LayoutOut<F, A>[K]> {
    const field = this.fields.find(({ key }) => key === name)
    return (
      field === undefined ? this.attributes.reader(name, this.headerSize) : fieldReader(field.codec, field.offset)
    ) as ValueReader<LayoutOut<F, A>[K]>
  }

  /** See `Message.picker`. */
  picker<N extends readonly (keyof LayoutOut<F, A> & string)[]>(names: N): ValuePicker<Picked<LayoutOut<F, A>, N>> {
    return this.attributes.picker(names, this.headerSize) as ValuePicker<Picked<LayoutOut<F, A>, N>>
  }

  nameOf(type: number): string | undefined {
    return this.attributes.nameOf(type)
  }

  locate(bytes: Uint8Array, start: number, end: number, target: number): Place | undefined {
    if (target >= start + this.headerSize) return this.attributes.locate(bytes, start + this.headerSize, end, target)
    const at = target - start
    const hit = this.fields.find(({ offset, codec }) => at >= offset && at < offset + codec.size)
    return hit && { path: hit.key, members: undefined }
  }

  private writeHeader(writer: Writer, start: number, given: Readonly<Record<string, unknown>>): void {
    const fields = this.fields
    for (let index = 0; index < fields.length; index++) {
      const { key, offset, codec } = fields[index] as (typeof fields)[number]
      const item = given[key]
      if (item === undefined) continue
      try {
        codec.set(writer, start + offset, item)
      } catch (error) {
        throw within(error, key)
      }
    }
  }
}
