import { AttributeSet, type AttributesIn, type AttributesOut, type AttributeTable } from './attributes.js'
import { copyBytes } from './bytes.js'
import type { Codec } from './codec.js'
import { invalidValue } from './errors.js'
import { Layout, type LayoutIn, type LayoutOut, type NoClash } from './layout.js'
import type { Shape } from './shape.js'
import type { FieldTable, StructCodec } from './struct.js'

/** Attributes inside an attribute. */
export function nested<A extends AttributeTable>(table: A): Codec<AttributesOut<A>, AttributesIn<A>> {
  const set = new AttributeSet(table)
  return {
    shape: { kind: 'nested', attributes: table },
    read: (bytes, start, end) => set.decode(bytes, start, end) as AttributesOut<A> | undefined,
    write: (writer, type, value) => {
      if (typeof value !== 'object' || value === null) throw invalidValue('an object', value)
      const start = writer.beginNested(type)
      set.encode(writer, value)
      writer.endAttribute(start)
    },
    members: () => set,
  }
}

/** A struct and attributes inside an attribute, as a whole message has them. */
export function nestedMessage<F extends FieldTable, A extends AttributeTable>(format: {
  header: StructCodec<F>
  attributes: A & NoClash<F, A>
}): Codec<LayoutOut<F, A>, LayoutIn<F, A>> {
  const layout = new Layout<F, A>(format.header, format.attributes)
  return {
    shape: { kind: 'layout', header: format.header.shape, attributes: format.attributes },
    read: (bytes, start, end) => layout.decode(bytes, start, end),
    write: (writer, type, value) => {
      if (typeof value !== 'object' || value === null) throw invalidValue('an object', value)
      // No NLA_F_NESTED: the payload starts with a struct.
      const start = writer.beginAttribute(type)
      layout.encode(writer, value)
      writer.endAttribute(start)
    },
    members: () => layout,
  }
}

/** An attribute that occurs any number of times; its values are an array. */
export function repeated<Out, In>(element: Codec<Out, In>): Codec<Out[], readonly In[]> {
  const codec: Codec<unknown, readonly In[]> = {
    shape: { kind: 'repeated', element: element.shape },
    repeated: true,
    read: (bytes, start, end, siblings) => element.read(bytes, start, end, siblings),
    write: (writer, type, values, siblings) => {
      if (!Array.isArray(values)) throw invalidValue('an array', values)
      for (const value of values as readonly In[]) element.write(writer, type, value, siblings)
    },
    members: (siblings) => element.members?.(siblings),
  }
  // `read` gives one element; the set that reads repeated attributes gathers them into the array.
  return codec as Codec<Out[], readonly In[]>
}

type CodecOut<C> = C extends Codec<infer Out, infer _In> ? Out : never
type CodecIn<C> = C extends Codec<infer _Out, infer In> ? In : never

/** Codecs by the value of a sibling. */
export type Cases = Readonly<Record<string, Codec<unknown>>>

/**
 * A payload whose form depends on a sibling: `IFLA_INFO_DATA` on `IFLA_INFO_KIND`. For a value without a case it is kept
 * as bytes. The sibling comes first, as it does from the kernel; when it does not, the bytes are kept, too.
 *
 * @param by the sibling's name
 */
export function select<C extends Cases>(
  by: string,
  cases: C,
): Codec<CodecOut<C[keyof C]> | Uint8Array, CodecIn<C[keyof C]> | Uint8Array> {
  const byValue = new Map<unknown, Codec<unknown>>(Object.entries(cases))
  const shapes: Record<string, Shape> = {}
  for (const [value, codec] of Object.entries(cases)) shapes[value] = codec.shape
  return {
    shape: { kind: 'select', by, cases: shapes },
    read: (bytes, start, end, siblings) =>
      (byValue.get(siblings[by])?.read(bytes, start, end, siblings) ?? copyBytes(bytes, start, end)) as
        | CodecOut<C[keyof C]>
        | Uint8Array,
    write: (writer, type, value, siblings) => {
      if (value instanceof Uint8Array) {
        writer.copy(writer.attribute(type, value.length), value)
        return
      }
      const codec = byValue.get(siblings[by])
      if (codec === undefined) throw invalidValue(`a Uint8Array, for ${by} '${siblings[by]}' has no format here`, value)
      codec.write(writer, type, value, siblings)
    },
    members: (siblings) => byValue.get(siblings[by])?.members?.(siblings),
  }
}
