import type { LinkLike, LinkReference } from '../links/reference.js'

/** Whether a link is given that is the bridge itself, and not one of its ports. */
export function isBridge(link: LinkReference, bridge: LinkLike): boolean {
  if (typeof link === 'string') return link === bridge.name
  return (typeof link === 'number' ? link : link?.index) === bridge.index
}
