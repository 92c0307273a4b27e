import { copyBytes } from './bytes.js'
import { type Codec, type FixedCodec, fixed } from './codec.js'
import { invalidValue } from './errors.js'

const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
const longestPlain = 32
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const toUtf8 = new TextEncoder()

/**
 * A NUL-terminated string. Text that is not UTF-8 (the kernel takes any bytes for a link's name) is not decoded, so that
 * it is kept as bytes; a string with a NUL inside is refused, for the kernel would see another, shorter one.
 */
export const string: Codec<string> = {
  shape: { kind: 'string' },
  read: (bytes, start, end) => {
    let stop = start
    let ascii = true
    while (stop < end && bytes[stop] !== 0) {
      if ((bytes[stop] as number) > 127) ascii = false
      stop++
    }
    if (!ascii || stop - start > longestPlain) return decodeUtf8(bytes.subarray(start, stop))
    // Names are short: adding characters up is faster than a call into the engine.
    let text = ''
    for (let offset = start; offset < stop; offset++) text += characters[bytes[offset] as number] as string
    return text
  },
  write: (writer, type, value) => {
    if (typeof value !== 'string' || value.includes('\0')) throw invalidValue('a string without NUL', value)
    const length = value.length
    const offset = writer.attribute(type, length + 1)
    const raw = writer.raw
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 127) {
        // Not ASCII after all, and longer than it looked: take the attribute back and write it anew.
        writer.length = offset - 4
        const encoded = toUtf8.encode(value)
        // Half a surrogate pair has no UTF-8 and would become another character.
        if (decodeUtf8(encoded) !== value) throw invalidValue('well-formed Unicode', value)
        const again = writer.attribute(type, encoded.length + 1)
        writer.copy(again, encoded)
        writer.view.setUint8(again + encoded.length, 0)
        return
      }
      raw[offset + index] = code
    }
    raw[offset + length] = 0
  },
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Anything, as a copy of its bytes. */
export const bytes: Codec<Uint8Array> = {
  shape: { kind: 'bytes', size: undefined },
  read: copyBytes,
  write: (writer, type, value) => {
    if (!(value instanceof Uint8Array)) throw invalidValue('a Uint8Array', value)
    writer.copy(writer.attribute(type, value.length), value)
  },
}

/** Bytes of a known number, as a field of a struct. */
export function bytesOf(size: number): FixedCodec<Uint8Array> {
  return fixed(
    size,
    { kind: 'bytes', size },
    (source, offset) => copyBytes(source, offset, offset + size),
    (writer, offset, value: Uint8Array) => {
      if (!(value instanceof Uint8Array) || value.length !== size) throw invalidValue(`${size} bytes`, value)
      writer.copy(offset, value)
    },
  )
}

/** An attribute without payload: there (`true`) or not. `false` writes nothing. */
export const flag: Codec<true, boolean> = {
  shape: { kind: 'flag' },
  read: (_bytes, start, end) => (end === start ? true : undefined),
  write: (writer, type, value) => {
    if (typeof value !== 'boolean') throw invalidValue('a boolean', value)
    if (value) writer.attribute(type, 0)
  },
}

/** Alignment before a 64-bit attribute (`IFLA_PAD` and its kin): dropped, and never written. */
export const padding: Codec<never> = {
  shape: { kind: 'padding' },
  padding: true,
  read: () => undefined,
  write: () => undefined,
}
