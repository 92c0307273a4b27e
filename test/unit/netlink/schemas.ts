import { readdirSync } from 'node:fs'
import type { AttributeTable, FieldTable, Message, NameTable, Shape } from '../../../lib/netlink/codec/index.js'
import { ackAttributes, constantOf } from '../../../lib/netlink/codec/index.js'

// Everything that lib/netlink/messages exports, found by looking: a new schema is tested without a word here.

const folder = new URL('../../../lib/netlink/messages/', import.meta.url)

/** A number that a C constant must have. */
export interface Claim {
  /** In C: a constant, or `sizeof …`. */
  expression: string
  value: number
  since: string | undefined
}

const exported = new Map<string, unknown>()
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue
  const module: Record<string, unknown> = await import(new URL(file, folder).href)
  for (const [name, value] of Object.entries(module)) exported.set(name, value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function hasShape(value: unknown): value is { shape: Shape } {
  return isObject(value) && isObject(value.shape) && typeof value.shape.kind === 'string'
}

function isMessage(value: unknown): value is Message<Record<string, unknown>> {
  return hasShape(value) && 'pathAt' in value && 'decode' in value
}

function isNameTable(value: unknown): value is NameTable<Readonly<Record<string, number>>> {
  return isObject(value) && typeof value.prefix === 'string' && isObject(value.values)
}

function isAttributeTable(value: unknown): value is AttributeTable {
  return isObject(value) && Object.values(value).every((item) => isObject(item) && 'codec' in item && 'type' in item)
}

function isConstants(value: unknown): value is Record<string, number> {
  return isObject(value) && Object.entries(value).every(([key, item]) => /^[A-Z]/.test(key) && typeof item === 'number')
}

/** Every message format, by the name it is exported under. */
export const messages: [string, Message<Record<string, unknown>>][] = []
for (const [name, value] of exported) if (isMessage(value)) messages.push([name, value])

/** Every constant, struct size, member offset and member size that the schemas rely on. */
export function claims(): Claim[] {
  const found = new Map<string, Claim>()

  function claim(expression: string, value: number, since?: string): void {
    const known = found.get(expression)
    if (known !== undefined && known.value !== value) {
      throw new Error(`${expression} is ${known.value} in one schema and ${value} in another`)
    }
    found.set(expression, { expression, value, since })
  }

  function table(names: NameTable<Readonly<Record<string, number>>>): void {
    for (const [name, value] of Object.entries(names.values)) claim(constantOf(names, name), value, names.since[name])
  }

  function attributes(entries: AttributeTable): void {
    for (const { constant, type, codec, since } of Object.values(entries)) {
      claim(constant, type, since)
      walk(codec.shape)
    }
  }

  function fields(struct: string, entries: FieldTable): void {
    for (const { constant, offset, codec, since } of Object.values(entries)) {
      claim(`offsetof(struct ${struct}, ${constant})`, offset, since)
      claim(`sizeof(((struct ${struct} *)0)->${constant})`, codec.size, since)
      walk(codec.shape)
    }
  }

  function walk(shape: Shape): void {
    switch (shape.kind) {
      case 'enum':
      case 'flags':
        table(shape)
        break
      case 'struct':
        // A struct with a flexible array (rtvia) is as long as its members before it.
        claim(`sizeof(struct ${shape.name})`, shape.size)
        fields(shape.name, shape.fields)
        break
      case 'nested':
        attributes(shape.attributes)
        break
      case 'layout':
        walk(shape.header)
        attributes(shape.attributes)
        break
      case 'records':
        walk(shape.record)
        if (shape.record.kind === 'layout' && shape.record.header.kind === 'struct') {
          fields(shape.record.header.name, shape.length)
        }
        break
      case 'repeated':
      case 'indexed':
      case 'vector':
        walk(shape.element)
        break
      case 'select':
        for (const selected of Object.values(shape.cases)) walk(selected)
        break
      case 'custom':
        for (const part of shape.parts) walk(part)
        break
      default:
    }
  }

  attributes(ackAttributes)
  for (const value of exported.values()) {
    if (hasShape(value)) walk(value.shape)
    else if (isNameTable(value)) table(value)
    else if (isConstants(value)) for (const [name, number] of Object.entries(value)) claim(name, number)
    else if (isAttributeTable(value)) attributes(value)
    else if (isObject(value)) for (const item of Object.values(value)) if (hasShape(item)) walk(item.shape)
  }
  return [...found.values()]
}
