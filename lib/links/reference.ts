import { checkInteger, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { type LinkRequest, linkMessage } from '../netlink/messages/link.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import { checkAltName, isAltName } from './name.js'

/** How a link is named: the object, its name (or an alternative one), or its index. */
export type LinkReference = LinkLike | string | number

/** A link of a namespace, as far as naming it goes. */
export interface LinkLike {
  readonly name: string
  readonly index: number
}

let coreIn: (object: object) => NamespaceCore | undefined

/** What every Link is: something in a namespace. */
export class InNamespace {
  #core: NamespaceCore

  static {
    coreIn = (object) => (#core in object ? object.#core : undefined)
  }

  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /** @internal */
  protected get core(): NamespaceCore {
    return this.#core
  }

  /** @internal */
  protected set core(core: NamespaceCore) {
    this.#core = core
  }
}

/** The namespace of a link that is given as an object. */
export function homeOf(link: unknown): NamespaceCore | undefined {
  return typeof link === 'object' && link !== null ? coreIn(link) : undefined
}

/** "link 'eth0'", for messages. */
export function wordsOf(link: LinkReference): string {
  return typeof link === 'number' ? `link ${link}` : `link '${typeof link === 'string' ? link : link.name}'`
}

/** Asks for one link, by name or index. */
export function getLinkRequest(link: string | number, words?: string): NetlinkRequest {
  return request('RTM_GETLINK', linkMessage, linkSelector(link), { words: words ?? wordsOf(link) })
}

/** What says in a request which link is meant: its index, its name or an alternative one. */
export function linkSelector(link: string | number): LinkRequest {
  if (typeof link === 'number') return { index: checkInteger('link', link, 1, 0x7fffffff) }
  const name = checkAltName(link, 'link')
  // The kernel looks among all names, but takes no longer one here than a link can have.
  return isAltName(name) ? { altIfname: name } : { ifname: name }
}

/** The index of a link that is given as an object or as an index; undefined for a name. Refuses what is none of them. */
export function knownIndex(core: NamespaceCore, link: LinkReference): number | undefined {
  if (typeof link === 'number') return checkInteger('link', link, 1, 0x7fffffff)
  if (typeof link === 'string') {
    checkAltName(link, 'link')
    return undefined
  }
  const home = homeOf(link)
  if (home === undefined) throw invalidArgument('link', link, 'it must be a Link, a name or an index')
  if (!home.isSame(core)) {
    throw invalidArgument('link', link.name, `it is a link of ${home.label}, not of ${core.label}`)
  }
  return link.index
}

/** The index of a link; a name is looked up in the kernel. Throws `ENODEV` when there is none of this name. */
export async function resolveLink(core: NamespaceCore, link: LinkReference, limits?: Limits): Promise<number> {
  const index = knownIndex(core, link)
  if (index !== undefined) return index
  const get = getLinkRequest(link as string)
  const [reply] = await core.withConnection((connection) => connection.request(get, limits))
  return decodeLink(reply as Reply).index
}

/**
 * The indexes of several links, by what they are for; all are checked before the first one is looked up. Only a name makes it
 * a promise.
 */
export function resolveLinks<K extends string>(
  core: NamespaceCore,
  links: Readonly<Record<K, LinkReference | undefined>>,
  limits?: Limits,
): Partial<Record<K, number>> | Promise<Partial<Record<K, number>>> {
  const { indexes, lookUp } = findLinks(core, links, limits)
  return lookUp === undefined ? indexes : lookUp.then(() => indexes)
}

/** The same for what is not to wait itself: names are looked up from this call on, and their indexes are there after `lookUp`. */
export function findLinks<K extends string>(
  core: NamespaceCore,
  links: Readonly<Record<K, LinkReference | undefined>>,
  limits?: Limits,
): { indexes: Partial<Record<K, number>>; lookUp: Promise<unknown> | undefined } {
  const indexes: Partial<Record<K, number>> = {}
  const named: [K, LinkReference][] = []
  for (const [use, link] of Object.entries(links) as [K, LinkReference | undefined][]) {
    if (link === undefined) continue
    const index = knownIndex(core, link)
    if (index === undefined) named.push([use, link])
    else indexes[use] = index
  }
  const find = async ([use, link]: [K, LinkReference]) => {
    indexes[use] = await resolveLink(core, link, limits)
  }
  return { indexes, lookUp: named.length === 0 ? undefined : Promise.all(named.map(find)) }
}

/** Reads a link out of an answer. */
export function decodeLink({ bytes, start, end }: Reply) {
  return linkMessage.decode(bytes, start, end)
}
