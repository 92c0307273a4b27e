import {
  attr,
  bytes,
  type Codec,
  type Infer,
  type InferInput,
  message,
  nested,
  select,
  string,
} from '../codec/index.js'
import { linkKinds, slaveKinds } from './kinds/index.js'
import { ifinfomsg, linkAttributes } from './link-attributes.js'

const linkinfo = nested({
  kind: attr('IFLA_INFO_KIND', 1, string),
  data: attr('IFLA_INFO_DATA', 2, select('kind', linkKinds)),
  xstats: attr('IFLA_INFO_XSTATS', 3, bytes),
  slaveKind: attr('IFLA_INFO_SLAVE_KIND', 4, string),
  slaveData: attr('IFLA_INFO_SLAVE_DATA', 5, select('slaveKind', slaveKinds)),
})

/** RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK: a link. (Those of family `bridge`: `bridgeLinkMessage`.) */
export const linkMessage = message({
  header: ifinfomsg,
  attributes: { ...linkAttributes, linkinfo: attr('IFLA_LINKINFO', 18, linkinfo) },
})

export type LinkMessage = Infer<typeof linkMessage>
export type LinkRequest = InferInput<typeof linkMessage>

type Decoded<C> = C extends Codec<infer Out, infer _In> ? Out : never

/** Kinds of links whose data has a format here. */
export type LinkKind = keyof typeof linkKinds

/** The data of a kind of link, decoded. */
export type LinkData<K extends LinkKind> = Decoded<(typeof linkKinds)[K]>

/** What a link tells about itself as the kind that it is; undefined when it is of another kind or tells nothing. */
export function linkData<K extends LinkKind>(link: LinkMessage, kind: K): LinkData<K> | undefined {
  const { linkinfo: info } = link
  if (info?.kind !== kind || info.data === undefined || info.data instanceof Uint8Array) return undefined
  return info.data as LinkData<K>
}

/** Kinds of masters that tell about their ports in a format known here. */
export type SlaveKind = keyof typeof slaveKinds

/** What a link tells about itself as a port of such a master; undefined when it is none. */
export function slaveData<K extends SlaveKind>(
  link: LinkMessage,
  kind: K,
): Decoded<(typeof slaveKinds)[K]> | undefined {
  const { linkinfo: info } = link
  if (info?.slaveKind !== kind || info.slaveData === undefined || info.slaveData instanceof Uint8Array) return undefined
  return info.slaveData as Decoded<(typeof slaveKinds)[K]>
}
