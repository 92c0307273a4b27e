import { readS32, readU64 } from './bytes.js'
import type { Codec, FixedCodec } from './codec.js'
import { invalidValue, within } from './errors.js'
import { counter64, s32 } from './integers.js'

/** Numbers one after the other, in a plain array, for V8 takes many times longer to make a typed one. */
function vector(
  element: FixedCodec<number>,
  readAll: (bytes: Uint8Array, start: number, numbers: number[]) => void,
): Codec<number[], readonly number[]> {
  const { size } = element
  return {
    shape: { kind: 'vector', element: element.shape },
    read: (bytes, start, end) => {
      const length = (end - start) / size
      if (!Number.isInteger(length)) return undefined
      const numbers = new Array<number>(length)
      readAll(bytes, start, numbers)
      return numbers
    },
    write: (writer, type, value) => {
      if (!Array.isArray(value)) throw invalidValue('an array of numbers', value)
      const numbers = value as readonly number[]
      const offset = writer.attribute(type, numbers.length * size)
      for (let index = 0; index < numbers.length; index++) {
        try {
          element.set(writer, offset + index * size, numbers[index] as number)
        } catch (error) {
          throw within(error, String(index))
        }
      }
    },
  }
}

/** A bare array of `__s32`, such as the per-link sysctls in `IFLA_INET_CONF`. */
export const s32Vector = vector(s32, (bytes, start, numbers) => {
  for (let index = 0; index < numbers.length; index++) numbers[index] = readS32(bytes, start + index * 4)
})

/** A bare array of `__u64` counters, such as those in `IFLA_INET6_STATS`; see `counter64`. */
export const counter64Vector = vector(counter64, (bytes, start, numbers) => {
  for (let index = 0; index < numbers.length; index++) numbers[index] = readU64(bytes, start + index * 8)
})

/** Structs of one size one after the other, such as the members of a group in `NHA_GROUP`. */
export function structs<Out, In>(element: FixedCodec<Out, In>): Codec<Out[], readonly In[]> {
  const { size } = element
  return {
    shape: { kind: 'vector', element: element.shape },
    read: (bytes, start, end) => {
      const count = (end - start) / size
      if (!Number.isInteger(count)) return undefined
      return Array.from({ length: count }, (_, index) => element.get(bytes, start + index * size))
    },
    write: (writer, type, values) => {
      if (!Array.isArray(values)) throw invalidValue('an array', values)
      const list = values as readonly In[]
      const offset = writer.attribute(type, list.length * size)
      for (let index = 0; index < list.length; index++) {
        try {
          element.set(writer, offset + index * size, list[index] as In)
        } catch (error) {
          throw within(error, String(index))
        }
      }
    },
  }
}
