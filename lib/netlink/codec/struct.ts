import { type FixedCodec, fixed } from './codec.js'
import { invalidValue, NetlinkEncodeError, within } from './errors.js'
import { template } from './template.js'

/** One member of a C struct. */
export interface Field<Out, In = Out> {
  /** The member's name in C. */
  readonly constant: string
  /** Bytes from the start of the struct. */
  readonly offset: number
  readonly codec: FixedCodec<Out, In>
  /** The kernel release that appended the member; older kernels send a shorter struct. */
  readonly since?: string
}

/** A {@link Field} that older kernels do not send. */
export interface LateField<Out, In = Out> extends Field<Out, In> {
  readonly since: string
}

/** The members of a struct by the name they have here. Reserved ones are left out, and zero. */
export type FieldTable = Readonly<Record<string, Field<unknown>>>

type Late<F> = { [K in keyof F]: F[K] extends LateField<unknown> ? K : never }[keyof F]
type FieldOut<F> = F extends Field<infer Out, infer _In> ? Out : never
type FieldIn<F> = F extends Field<infer _Out, infer In> ? In : never

/** What a struct decodes to. */
export type StructOut<F> = { [K in Exclude<keyof F, Late<F>>]: FieldOut<F[K]> } & { [K in Late<F>]?: FieldOut<F[K]> }

/** What a struct is encoded from: members not given are zero. */
export type StructIn<F> = { [K in keyof F]?: FieldIn<F[K]> | undefined }

/** Declares a member: its C name, its offset and its form. */
export function field<Out, In>(constant: string, offset: number, codec: FixedCodec<Out, In>): Field<Out, In>
/** Declares a member that a newer kernel appended. */
export function field<Out, In>(
  constant: string,
  offset: number,
  codec: FixedCodec<Out, In>,
  added: { since: string },
): LateField<Out, In>
export function field<Out, In>(
  constant: string,
  offset: number,
  codec: FixedCodec<Out, In>,
  added?: { since: string },
): Field<Out, In> {
  return { constant, offset, codec, ...added }
}

/** A C struct: a header, or the payload of an attribute. */
export interface StructCodec<F> extends FixedCodec<StructOut<F>, StructIn<F>> {
  readonly fields: F
}

/**
 * Declares a C struct. A longer one (from a newer kernel) is decoded as far as it is known; of a shorter one, members
 * added `since` may be missing, and with less than that it is kept as bytes.
 *
 * @param name its name in C
 * @param size `sizeof` in C, in bytes
 */
export function struct<F extends FieldTable>(name: string, size: number, fields: F): StructCodec<F> {
  const entries = Object.entries(fields).map(([key, { offset, codec, since }]) => ({ key, offset, codec, since }))
  const byKey = new Map(entries.map((entry) => [entry.key, entry]))
  const ends = entries.map(({ offset, codec }) => offset + codec.size)
  const required = Math.max(0, ...ends.filter((_, index) => entries[index]?.since === undefined))
  let blank: (() => Record<string, unknown>) | undefined

  function get(bytes: Uint8Array, start: number): StructOut<F> {
    blank ??= template(entries.map(({ key }) => key))
    const result = blank()
    for (let index = 0; index < entries.length; index++) {
      const { key, offset, codec } = entries[index] as (typeof entries)[number]
      result[key] = codec.get(bytes, start + offset)
    }
    return result as StructOut<F>
  }

  function getShort(bytes: Uint8Array, start: number, length: number): StructOut<F> {
    const result: Record<string, unknown> = {}
    for (const { key, offset, codec } of entries) {
      if (offset + codec.size <= length) result[key] = codec.get(bytes, start + offset)
    }
    return result as StructOut<F>
  }

  const base = fixed<StructOut<F>, StructIn<F>>(
    size,
    { kind: 'struct', name, size, fields },
    get,
    (writer, start, value) => {
      if (typeof value !== 'object' || value === null) throw invalidValue(`an object (struct ${name})`, value)
      writer.raw.fill(0, start, start + size)
      const given = value as Readonly<Record<string, unknown>>
      for (const key in given) {
        const item = given[key]
        if (item === undefined) continue
        const entry = byKey.get(key)
        if (entry === undefined) {
          throw new NetlinkEncodeError('ERR_INVALID_ARG_VALUE', `has no member '${key}' (struct ${name})`)
        }
        try {
          entry.codec.set(writer, start + entry.offset, item)
        } catch (error) {
          throw within(error, key)
        }
      }
    },
  )
  return {
    ...base,
    fields,
    read: (bytes, start, end) => {
      const length = end - start
      if (length >= size) return get(bytes, start)
      return length >= required ? getShort(bytes, start, length) : undefined
    },
  }
}
