import fc, { type Arbitrary } from 'fast-check'
import {
  type AttributeTable,
  type FieldTable,
  formatIp,
  type Message,
  parseIp,
  type Shape,
} from '../../../lib/netlink/codec/index.js'

// Random values for any schema, in the form that decoding gives them.

type Values = Record<string, unknown>

const anyBytes = fc.uint8Array({ maxLength: 40 })
const hexOctet = fc.integer({ min: 0, max: 255 }).map((octet) => octet.toString(16).padStart(2, '0'))

/** IP addresses as `formatIp` writes them. */
export const anyIp: Arbitrary<string> = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .map((text) => formatIp(parseIp(text) ?? new Uint8Array(4)))

const anyText = fc
  .oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }))
  .filter((text) => !text.includes('\0'))

/** Attributes that no schema knows. */
const anyUnknown = fc.array(
  fc.record(
    {
      type: fc.integer({ min: 200, max: 0x3fff }),
      data: anyBytes,
      flags: fc.constantFrom(0x8000, 0x4000),
    },
    { requiredKeys: ['type', 'data'] },
  ),
  { minLength: 1, maxLength: 3 },
)

/** Values that a message decodes to: each encodes and decodes to itself. */
export function valuesOf(message: Message<Values>): Arbitrary<Values> {
  return arbitrary(message.shape) as Arbitrary<Values>
}

function arbitrary(shape: Shape): Arbitrary<unknown> {
  switch (shape.kind) {
    case 'integer':
      return fc.integer({ min: shape.min, max: shape.max })
    case 'bigint':
      return fc.bigInt({ min: 0n, max: shape.max })
    case 'enum':
      return enums(shape)
    case 'flags':
      return flags(shape)
    case 'string':
      return anyText
    case 'flag':
      return fc.constant(true)
    case 'ip':
      return anyIp
    case 'ipv4':
      return fc.ipV4()
    case 'ipv6':
      return anyIp.filter((address) => address.includes(':'))
    case 'mac':
      return fc
        .array(hexOctet, { minLength: shape.size ?? 1, maxLength: shape.size ?? 32 })
        .map((octets) => octets.join(':'))
    case 'bytes':
      return shape.size === undefined ? anyBytes : fc.uint8Array({ minLength: shape.size, maxLength: shape.size })
    case 'vector':
      return fc.array(arbitrary(shape.element), { maxLength: 60 })
    case 'struct':
      return fc.record(fields(shape.fields))
    case 'nested':
      return attributes(shape.attributes)
    case 'indexed':
      return fc.array(arbitrary(shape.element), { maxLength: 4 })
    case 'repeated':
      return fc.array(arbitrary(shape.element), { minLength: 1, maxLength: 4 })
    case 'layout':
      return fc
        .tuple(arbitrary(shape.header), attributes(shape.attributes))
        .map(([header, rest]) => ({ ...(header as Values), ...rest }))
    case 'records':
      return fc.array(arbitrary(shape.record), { maxLength: 4 })
    case 'custom':
      return fc.constantFrom(...shape.examples)
    case 'padding':
    case 'select':
      throw new Error(`${shape.kind} has no values by itself`)
  }
}

function enums({ values, max }: Extract<Shape, { kind: 'enum' | 'flags' }>): Arbitrary<string | number> {
  const named = new Set(Object.values(values))
  const names = Object.keys(values).filter((name) => (values[name] as number) <= max)
  const number = fc.integer({ min: 0, max }).filter((candidate) => !named.has(candidate))
  return fc.oneof(fc.constantFrom(...names), number)
}

function flags({ values, max }: Extract<Shape, { kind: 'enum' | 'flags' }>): Arbitrary<(string | number)[]> {
  const names = Object.keys(values).filter((name) => (values[name] as number) <= max)
  const named = names.reduce((bits, name) => bits | (values[name] as number), 0)
  const rest = fc.integer({ min: 0, max }).map((bits) => (bits & ~named & max) >>> 0)
  // Names come in the table's order, and unnamed bits last.
  return fc.tuple(fc.subarray(names), rest).map(([set, bits]) => (bits === 0 ? set : [...set, bits]))
}

function fields(table: FieldTable): Record<string, Arbitrary<unknown>> {
  return Object.fromEntries(Object.entries(table).map(([name, { codec }]) => [name, arbitrary(codec.shape)]))
}

function attributes(table: AttributeTable): Arbitrary<Values> {
  const plain: Record<string, Arbitrary<unknown>> = { unknown: anyUnknown }
  const selected: Arbitrary<Values>[] = []
  const selectors = new Set<string>()
  for (const { codec } of Object.values(table)) if (codec.shape.kind === 'select') selectors.add(codec.shape.by)
  for (const [name, { codec }] of Object.entries(table)) {
    const { shape } = codec
    if (shape.kind === 'select') selected.push(selection(name, shape))
    else if (shape.kind !== 'padding' && !selectors.has(name)) plain[name] = arbitrary(shape)
  }
  const some = fc.record(plain, { requiredKeys: [] })
  return fc.tuple(some, ...selected).map((parts) => Object.assign({}, ...parts) as Values)
}

// A selector and what it selects: together, or the selector alone, or bytes for a selector without a format.
function selection(name: string, { by, cases }: Extract<Shape, { kind: 'select' }>): Arbitrary<Values> {
  const known = Object.entries(cases).map(([value, shape]) =>
    arbitrary(shape).map((data) => ({ [by]: value, [name]: data })),
  )
  const other = fc.tuple(
    anyText.filter((value) => !(value in cases)),
    anyBytes,
  )
  return fc.oneof(
    ...known,
    fc.constantFrom(...Object.keys(cases), 'other').map((value) => ({ [by]: value })),
    other.map(([value, data]) => ({ [by]: value, [name]: data })),
    fc.constant({}),
  )
}
