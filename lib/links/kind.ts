import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { Codec } from '../netlink/codec/index.js'
import type { linkKinds } from '../netlink/messages/kinds/index.js'
import type { LinkKind, LinkRequest } from '../netlink/messages/link.js'
import type { Reply } from '../netlink/request.js'
import { buildLinks, type Part, upFlags } from './build.js'
import { type CommonLinkOptions, masterOf, planLink } from './options.js'

type RequestInfo = NonNullable<LinkRequest['linkinfo']>

type Encoded<C> = C extends Codec<infer _Out, infer In> ? In : never

/** The kernel's own attributes of a kind of link, in camelCase. */
export type KindAttributes<K> = K extends LinkKind ? Omit<Encoded<(typeof linkKinds)[K]>, 'unknown'> : unknown

/** Options of a link of some kind: the common ones, and the kernel's attributes of the kind. */
export type KindOptions<K extends string> = CommonLinkOptions & { kind: K } & KindAttributes<K>

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
] satisfies (keyof CommonLinkOptions | 'kind')[])

/** Makes a link of any kind that needs no second one; whatever is not a common option is an attribute of the kind. */
export async function createOfKind(
  core: NamespaceCore,
  options: CommonLinkOptions & { kind: string },
  limits: Limits = {},
): Promise<Reply> {
  const { kind } = options
  const data = Object.fromEntries(Object.entries(options).filter(([key]) => !commonKeys.has(key)))
  const master = masterOf(core, options)
  const plan = planLink(core, options, master instanceof Promise ? await master : master)
  const info: RequestInfo = Object.keys(data).length === 0 ? { kind } : { kind, data: data as RequestInfo['data'] }
  const newLink = ([part]: readonly Part[]): LinkRequest => ({
    ...plan.attributes,
    ...upFlags(plan.up),
    index: (part as Part).index,
    master: plan.master,
    linkinfo: info,
  })
  const [reply] = await buildLinks(kind, [plan], newLink, limits)
  return reply as Reply
}
