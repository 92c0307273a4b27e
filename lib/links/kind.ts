import type { Limits } from '../limits.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import type { LinkRequest } from '../netlink/messages/link.js'
import type { Reply } from '../netlink/request.js'
import { dataOf, infoOf, type KindAttributes, linksIn, withIndexes } from './attributes.js'
import { buildLinks, type Part, upFlags } from './build.js'
import { type CommonLinkOptions, commonOptions, planLink } from './options.js'
import { findLinks, homeOf, knownIndex, type LinkReference } from './reference.js'

/** Kinds of links that are made two at a time. */
export type PairKind = 'netkit' | 'veth' | 'vxcan'

/** Options of a link that is made by itself. */
export interface SingleLinkOptions extends CommonLinkOptions {
  /**
   * The link beneath: `eth0` of `ip link add link eth0 …`. VLANs, macvlans and their like need one. A {@link Link} may be one of
   * another namespace.
   */
  link?: LinkReference
  /**
   * The namespace that `link` and links among the kind's attributes are in, and in which the packets of a tunnel travel; by
   * default that of the {@link Link} given, else the namespace in which the link is made. Before Linux 6.15 the link's name must be
   * free there, too.
   */
  linkNetns?: Namespace
}

/** Options of a link of some kind: the common ones, and the kernel's attributes of the kind. */
export type KindOptions<K extends string> = SingleLinkOptions & { kind: K } & KindAttributes<K>

/** Options of a link of a kind whose attributes have no format here. */
export interface OtherKindOptions<K extends string = string> extends SingleLinkOptions {
  kind: K
  /** IFLA_INFO_DATA: the kind's attributes, encoded. */
  data?: Uint8Array
}

const singleOptions: Readonly<Record<keyof SingleLinkOptions | 'kind', true>> = {
  ...commonOptions,
  kind: true,
  link: true,
  linkNetns: true,
}

/** Makes a link of any kind that needs no second one; whatever is not a common option is an attribute of the kind. */
export async function createOfKind(
  core: NamespaceCore,
  options: SingleLinkOptions & { kind: string },
  limits: Limits = {},
): Promise<Reply> {
  const { kind, master, link } = options
  const data = dataOf(kind, options, (name) => !Object.hasOwn(singleOptions, name))
  const plan = planLink(core, options, undefined)
  const inside = linksIn(data)
  const maker = makerOf(core, options, inside)
  // Refused before the first one is looked up.
  if (master !== undefined) knownIndex(core, master)
  const beneath = findLinks(maker, { ...inside, link }, limits)
  const above = findLinks(core, { master }, limits)
  const newLink = ([part]: readonly Part[]): LinkRequest => ({
    ...plan.attributes,
    ...upFlags(plan.up),
    index: (part as Part).index,
    netNsFd: maker === core ? undefined : core.heldDescriptor('net'),
    link: beneath.indexes.link,
    master: above.indexes.master,
    linkinfo: infoOf(kind, withIndexes(data, beneath.indexes)),
  })
  const [reply] = await buildLinks(kind, [plan], newLink, limits, bothOf(beneath.lookUp, above.lookUp), maker)
  return reply as Reply
}

function bothOf(a: Promise<unknown> | undefined, b: Promise<unknown> | undefined): Promise<unknown> | undefined {
  return a && b ? Promise.all([a, b]) : (a ?? b)
}

// Asked for where the link beneath is, the kernel finds that by its index there, and numbers the namespaces for each other.
function makerOf(
  core: NamespaceCore,
  { link, linkNetns }: SingleLinkOptions,
  inside: Readonly<Record<string, LinkReference>>,
): NamespaceCore {
  if (linkNetns !== undefined) return sameAs(core, coreOf(linkNetns))
  for (const each of [link, ...Object.values(inside)]) {
    const home = homeOf(each)
    if (home !== undefined) return sameAs(core, home)
  }
  return core
}

function sameAs(core: NamespaceCore, other: NamespaceCore): NamespaceCore {
  return other.isSame(core) ? core : other
}
