import { align, readU16 } from './bytes.js'
import type { Codec, Members } from './codec.js'
import { invalidValue, within } from './errors.js'

const headerLength = 4

/** A list inside an attribute: attributes of one form, numbered from 0. The kernel reads their order, not their numbers. */
export function indexed<Out, In>(element: Codec<Out, In>): Codec<Out[], readonly In[]> {
  const members: Members = {
    nameOf: (type) => String(type),
    locate: (bytes, start, end, target) => {
      let index = 0
      for (let offset = start; end - offset >= headerLength; index++) {
        const length = readU16(bytes, offset)
        if (length < headerLength || length > end - offset) return undefined
        const next = offset + align(length)
        if (target >= offset && target < next) return { path: String(index), members: undefined }
        offset = next
      }
      return undefined
    },
  }
  return {
    shape: { kind: 'indexed', element: element.shape },
    read: (bytes, start, end, siblings) => {
      const list: Out[] = []
      for (let offset = start; end - offset >= headerLength; ) {
        const length = readU16(bytes, offset)
        if (length < headerLength || length > end - offset) return undefined
        const value = element.read(bytes, offset + headerLength, offset + length, siblings)
        if (value === undefined) return undefined
        list.push(value)
        offset += align(length)
      }
      return list
    },
    write: (writer, type, values, siblings) => {
      if (!Array.isArray(values)) throw invalidValue('an array', values)
      const start = writer.beginNested(type)
      for (const [index, value] of (values as readonly In[]).entries()) {
        try {
          element.write(writer, index, value, siblings)
        } catch (error) {
          throw within(error, String(index))
        }
      }
      writer.endAttribute(start)
    },
    members: () => members,
  }
}
