import { type FixedCodec, fixed } from './codec.js'
import { invalidValue, outOfRange } from './errors.js'
import type { Texts } from './shape.js'

type Names<V> = Extract<keyof V, string>

/** A name of the set, or the number of one that has no name here. */
export type EnumValue<V> = Names<V> | number

/** The names of the bits that are set; bits without a name are one number at the end. */
export type FlagsValue<V> = readonly (Names<V> | number)[]

/** Numbers by name. The C constants' names are the prefix and the name in capitals: `lowerUp` of `IFF` is `IFF_LOWER_UP`. */
export interface NameTable<V extends Readonly<Record<string, number>>> {
  readonly prefix: string
  readonly values: V
  /** For names newer than the oldest supported kernel, the release that brought them. */
  readonly since: Texts
  /** C constants that do not follow from the name. */
  readonly constants: Texts
}

/**
 * Declares numbers by name.
 *
 * @param prefix what the C constants start with, without the last `_`
 * @param options.since see {@link NameTable}
 * @param options.constants see {@link NameTable}
 */
export function names<const V extends Readonly<Record<string, number>>>(
  prefix: string,
  values: V,
  options: { since?: { readonly [K in keyof V]?: string }; constants?: { readonly [K in keyof V]?: string } } = {},
): NameTable<V> {
  const { since = {}, constants = {} } = options
  return { prefix, values, since: since as Texts, constants: constants as Texts }
}

/** The C constant of a name: `RTN` and `unicast` give `RTN_UNICAST`. */
export function constantOf(table: Pick<NameTable<never>, 'prefix' | 'constants'>, name: string): string {
  return table.constants[name] ?? `${table.prefix}_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** An integer that stands for a name. Numbers without a name come and go as numbers. */
export function enumOf<V extends Readonly<Record<string, number>>>(
  base: FixedCodec<number>,
  table: NameTable<V>,
): FixedCodec<EnumValue<V>> {
  const byNumber = new Map<number, Names<V>>()
  const byName = new Map<string, number>(Object.entries(table.values))
  for (const [name, number] of byName) if (!byNumber.has(number)) byNumber.set(number, name as Names<V>)
  const small = Array.from({ length: 256 }, (_, number) => byNumber.get(number) ?? number)
  return fixed<EnumValue<V>>(
    base.size,
    { kind: 'enum', ...table, max: largest(base) },
    (bytes, offset) => {
      const number = base.get(bytes, offset)
      return small[number] ?? byNumber.get(number) ?? number
    },
    (writer, offset, value) => {
      const number = typeof value === 'number' ? value : byName.get(value)
      if (number === undefined) throw invalidValue(`one of ${[...byName.keys()].join(', ')}, or a number`, value)
      base.set(writer, offset, number)
    },
  )
}

const remembered = 256

/**
 * An integer of bits that have names. Decoded arrays are frozen and shared: the same bits are the same array, for in a
 * dump nearly all objects have one of a few combinations.
 */
export function flagsOf<V extends Readonly<Record<string, number>>>(
  base: FixedCodec<number>,
  table: NameTable<V>,
): FixedCodec<FlagsValue<V>> {
  const bits = Object.entries(table.values) as [Names<V>, number][]
  const byName = new Map<string, number>(bits)
  const known = new Map<number, FlagsValue<V>>()

  function decode(number: number): FlagsValue<V> {
    const set: (Names<V> | number)[] = []
    let rest = number
    for (const [name, bit] of bits) {
      if ((rest & bit) === 0) continue
      set.push(name)
      rest &= ~bit
    }
    if (rest !== 0) set.push(rest >>> 0)
    const frozen = Object.freeze(set)
    // Bounded, for bits without a meaning can be anything.
    if (known.size < remembered) known.set(number, frozen)
    return frozen
  }

  return fixed<FlagsValue<V>>(
    base.size,
    { kind: 'flags', ...table, max: largest(base) },
    (bytes, offset) => {
      const number = base.get(bytes, offset)
      return known.get(number) ?? decode(number)
    },
    (writer, offset, value) => {
      if (!Array.isArray(value)) throw invalidValue(`an array of ${[...byName.keys()].join(', ')}`, value)
      let number = 0
      for (const item of value as FlagsValue<V>) {
        const bit = typeof item === 'number' ? item : byName.get(item)
        if (bit === undefined) throw invalidValue(`made of ${[...byName.keys()].join(', ')}, or numbers`, item)
        if (!(Number.isInteger(bit) && bit >= 0 && bit <= 0xffff_ffff)) throw outOfRange('bits of 32', item)
        number |= bit
      }
      base.set(writer, offset, number >>> 0)
    },
  )
}

function largest(base: FixedCodec<number>): number {
  return base.shape.kind === 'integer' ? base.shape.max : 2 ** (base.size * 8) - 1
}
