import { invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { Codec } from '../netlink/codec/index.js'
import { linkIndexes, linkKinds } from '../netlink/messages/kinds/index.js'
import type { LinkKind, LinkRequest } from '../netlink/messages/link.js'
import type { Reply } from '../netlink/request.js'
import { buildLinks, type Part, upFlags } from './build.js'
import { type CommonLinkOptions, planLink } from './options.js'
import { type LinkReference, resolveLinks } from './reference.js'

type RequestInfo = NonNullable<LinkRequest['linkinfo']>

type Encoded<C> = C extends Codec<infer _Out, infer In> ? In : never
type Attributes<K extends LinkKind> = Omit<Encoded<(typeof linkKinds)[K]>, 'unknown'>

/** Kinds of links that are made two at a time. */
export type PairKind = 'netkit' | 'veth' | 'vxcan'

/**
 * The kernel's own attributes of a kind of link, in camelCase. Those that are links (`dev`, `primary`, `slave1`, …) are given as a
 * {@link Link}, a name or an index.
 */
export type KindAttributes<K> = K extends LinkKind
  ? {
      [N in keyof Attributes<K>]: N extends (typeof linkIndexes)[number] ? LinkReference | undefined : Attributes<K>[N]
    }
  : unknown

/** Options of a link that is made by itself. */
export interface SingleLinkOptions extends CommonLinkOptions {
  /** The link beneath, in the same namespace: `eth0` of `ip link add link eth0 …`. VLANs, macvlans and their like need one. */
  link?: LinkReference
}

/** Options of a link of some kind: the common ones, and the kernel's attributes of the kind. */
export type KindOptions<K extends string> = SingleLinkOptions & { kind: K } & KindAttributes<K>

/** Options of a link of a kind whose attributes have no format here. */
export interface OtherKindOptions<K extends string = string> extends SingleLinkOptions {
  kind: K
  /** IFLA_INFO_DATA: the kind's attributes, encoded. */
  data?: Uint8Array
}

/** The options that are not attributes of a kind. */
export const commonKeys: ReadonlySet<string> = new Set<string>([
  'kind',
  'name',
  'addresses',
  'mac',
  'mtu',
  'up',
  'txQueues',
  'rxQueues',
  'master',
  'group',
  'txQueueLength',
  'alias',
] satisfies (keyof CommonLinkOptions | 'kind')[])

/** Makes a link of any kind that needs no second one; whatever is not a common option is an attribute of the kind. */
export async function createOfKind(
  core: NamespaceCore,
  options: SingleLinkOptions & { kind: string },
  limits: Limits = {},
): Promise<Reply> {
  const { kind, master, link } = options
  const data = dataOf(options)
  const plan = planLink(core, options, undefined)
  const inside = data instanceof Uint8Array ? {} : indexesIn(data)
  const known = resolveLinks(core, { ...inside, master, link })
  // Requests go to the kernel in the order in which they were made, so nothing waits that need not.
  const indexes = known instanceof Promise ? await known : known
  plan.master = indexes.master
  const { link: beneath, master: _, ...rest } = indexes
  const info = infoOf(kind, data instanceof Uint8Array ? data : { ...data, ...rest })
  const newLink = ([part]: readonly Part[]): LinkRequest => ({
    ...plan.attributes,
    ...upFlags(plan.up),
    index: (part as Part).index,
    link: beneath,
    master: plan.master,
    linkinfo: info,
  })
  const [reply] = await buildLinks(kind, [plan], newLink, limits)
  return reply as Reply
}

type Data = Readonly<Record<string, unknown>>

function infoOf(kind: string, data: Data | Uint8Array): RequestInfo {
  const isEmpty = !(data instanceof Uint8Array) && Object.keys(data).length === 0
  return isEmpty ? { kind } : { kind, data: data as RequestInfo['data'] }
}

function dataOf(options: SingleLinkOptions & { kind: string }): Data | Uint8Array {
  const { kind } = options
  const own = Object.entries(options).filter(([key]) => key !== 'link' && !commonKeys.has(key))
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

function indexesIn(data: Data): Record<string, LinkReference | undefined> {
  const found: Record<string, LinkReference | undefined> = {}
  for (const name of linkIndexes) if (data[name] !== undefined) found[name] = data[name] as LinkReference
  return found
}
