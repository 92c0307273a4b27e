import type { AttributeTable } from './attributes.js'
import { align, readU16 } from './bytes.js'
import type { Codec, Members } from './codec.js'
import { invalidValue, within } from './errors.js'
import { Layout, type LayoutIn, type LayoutOut, type NoClash } from './layout.js'
import type { Field, FieldTable, StructCodec } from './struct.js'
import type { Writer } from './writer.js'

/**
 * Structs one after the other, each with attributes behind it, that start with their own length: the next hops in
 * `RTA_MULTIPATH`.
 *
 * @param format `length` is the member that holds the record's length, header included; it has no name in the values
 */
export function records<F extends FieldTable, A extends AttributeTable>(format: {
  length: Field<number>
  header: StructCodec<F>
  attributes: A & NoClash<F, A>
}): Codec<LayoutOut<F, A>[], readonly LayoutIn<F, A>[]> {
  const layout = new Layout<F, A>(format.header, format.attributes)
  const lengthAt = format.length.offset
  const shortest = format.header.size

  /** Where the record at `start` ends, or 0 when its length cannot be. */
  function endOf(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < shortest) return 0
    const length = readU16(bytes, start + lengthAt)
    return length < shortest || length > end - start ? 0 : start + length
  }

  function read(bytes: Uint8Array, start: number, end: number): LayoutOut<F, A>[] | undefined {
    const list: LayoutOut<F, A>[] = []
    for (let offset = start; offset < end; ) {
      const stop = endOf(bytes, offset, end)
      const record = stop === 0 ? undefined : layout.decode(bytes, offset, stop)
      if (record === undefined) return undefined
      list.push(record)
      offset += align(stop - offset)
    }
    return list
  }

  function write(writer: Writer, type: number, values: readonly LayoutIn<F, A>[]): void {
    if (!Array.isArray(values)) throw invalidValue('an array', values)
    const attribute = writer.beginAttribute(type)
    for (let index = 0; index < values.length; index++) {
      const start = writer.length
      try {
        layout.encode(writer, values[index] as LayoutIn<F, A>)
        format.length.codec.set(writer, start + lengthAt, writer.length - start)
      } catch (error) {
        throw within(error, String(index))
      }
    }
    writer.endAttribute(attribute)
  }

  const members: Members = {
    nameOf: (type) => layout.nameOf(type),
    locate: (bytes, start, end, target) => {
      let index = 0
      for (let offset = start; offset < end; index++) {
        const stop = endOf(bytes, offset, end)
        if (stop === 0) return undefined
        const next = offset + align(stop - offset)
        if (target < next) {
          const inner = layout.locate(bytes, offset, stop, target)
          return inner === undefined
            ? { path: String(index), members: layout }
            : { path: `${index}.${inner.path}`, members: inner.members }
        }
        offset = next
      }
      return undefined
    },
  }

  return {
    shape: {
      kind: 'records',
      length: { length: format.length },
      record: { kind: 'layout', header: format.header.shape, attributes: format.attributes },
    },
    read,
    write,
    members: () => members,
  }
}
