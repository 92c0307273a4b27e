import type { AttributeTable } from './attributes.js'
import type { NameTable } from './names.js'
import type { FieldTable } from './struct.js'

/** What a codec reads and writes, as data: tests compare it with the kernel's headers and draw random values from it. */
export type Shape =
  | { kind: 'integer'; min: number; max: number }
  | { kind: 'bigint'; max: bigint }
  | ({ kind: 'enum' | 'flags'; max: number } & NameTable<Readonly<Record<string, number>>>)
  | { kind: 'string' | 'flag' | 'padding' | 'ip' | 'ipv4' | 'ipv6' }
  | { kind: 'mac'; size: number | undefined }
  | { kind: 'bytes'; size: number | undefined }
  | { kind: 'vector'; element: Shape }
  | { kind: 'struct'; name: string; size: number; fields: FieldTable }
  | { kind: 'nested'; attributes: AttributeTable }
  | { kind: 'repeated' | 'indexed'; element: Shape }
  | { kind: 'select'; by: string; cases: Readonly<Record<string, Shape>> }
  | { kind: 'layout'; header: Shape; attributes: AttributeTable }
  | { kind: 'records'; length: FieldTable; record: Shape }
  | { kind: 'custom'; parts: readonly Shape[]; examples: readonly unknown[] }

/** Something about each of some names. */
export type Texts = Readonly<Record<string, string>>
