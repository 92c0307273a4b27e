import { invalidArgument } from '../errors/argument.js'
import type { Codec } from '../netlink/codec/index.js'
import { linkIndexes, linkKinds, type slaveKinds } from '../netlink/messages/kinds/index.js'
import type { LinkKind, LinkRequest, SlaveKind } from '../netlink/messages/link.js'
import type { LinkReference } from './reference.js'

type RequestInfo = NonNullable<LinkRequest['linkinfo']>
type Encoded<C> = C extends Codec<infer _Out, infer In> ? In : never

/** Attributes of which those that are links are named as such; null is none. */
type Linked<T> = {
  [N in keyof T]: N extends (typeof linkIndexes)[number] ? LinkReference | null | undefined : T[N]
}

/**
 * The kernel's own attributes of a kind of link, in camelCase. Those that are links (`dev`, `primary`, `slave1`, …) are given as a
 * {@link Link}, a name or an index; null is none. Those without a name here are given as `unknown`: numbers and bytes.
 */
export type KindAttributes<K> = K extends LinkKind ? Linked<Encoded<(typeof linkKinds)[K]>> : unknown

/** The attributes of a port that its master's kind brings: of a bridge's, `learning`, `cost`, `isolated`, … */
export type PortAttributes<K> = K extends SlaveKind ? Linked<Encoded<(typeof slaveKinds)[K]>> : unknown

/** Attributes by name, or their bytes. */
export type Data = Readonly<Record<string, unknown>> | Uint8Array

/** Attributes of a kind among options: all that have no other meaning. For a kind without a format they are bytes. */
export function dataOf(kind: string, options: object, isOwn: (name: string) => boolean): Data {
  const own = Object.entries(options).filter(([name]) => isOwn(name))
  if (Object.hasOwn(linkKinds, kind)) return Object.fromEntries(own)
  let data: Uint8Array | undefined
  for (const [name, value] of own) {
    if (value === undefined) continue
    if (name !== 'data' || !(value instanceof Uint8Array)) {
      const reason = `the attributes of kind '${kind}' have no format here, and are given as bytes: { data: Uint8Array }`
      throw invalidArgument(name, value, reason)
    }
    data = value
  }
  return data ?? {}
}

/** The links among attributes, by the attribute's name. */
export function linksIn(data: Data | undefined): Record<string, LinkReference> {
  const links: Record<string, LinkReference> = {}
  if (data === undefined || data instanceof Uint8Array) return links
  for (const name of linkIndexes) {
    const link = data[name] as LinkReference | null | undefined
    if (link !== undefined && link !== null) links[name] = link
  }
  return links
}

/** Attributes with indexes in the place of their links; 0 where there shall be none. */
export function withIndexes(data: Data, indexes: Readonly<Record<string, number | undefined>>): Data {
  if (data instanceof Uint8Array) return data
  const changed: Record<string, unknown> = {}
  for (const name of linkIndexes) if (data[name] !== undefined) changed[name] = indexes[name] ?? 0
  return { ...data, ...changed }
}

/** IFLA_LINKINFO of a kind, without data where there is none. */
export function infoOf(kind: string, data: Data): RequestInfo {
  const isEmpty = !(data instanceof Uint8Array) && Object.keys(data).length === 0
  return isEmpty ? { kind } : { kind, data: data as RequestInfo['data'] }
}
