import type { Address } from '../addresses/address.js'
import type { Link } from '../links/link.js'
import type { Neighbor } from '../neighbors/neighbor.js'
import type { Nexthop } from '../nexthops/nexthop.js'
import type { Route } from '../routes/route.js'
import type { Rule } from '../rules/rule.js'

/** What a {@link NetworkEvent} is about. */
export type NetworkObject =
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'address'; readonly address: Address }
  | { readonly type: 'neighbor'; readonly neighbor: Neighbor }
  | { readonly type: 'nexthop'; readonly nexthop: Nexthop }
  | { readonly type: 'route'; readonly route: Route }
  | { readonly type: 'rule'; readonly rule: Rule }

/** A change of a network stack: the object as it is after it or, of a deleted one, as it was at last. */
export type NetworkChange = NetworkObject & { readonly event: 'add' | 'change' | 'delete' }

/**
 * More changed than the kernel's buffer holds, and some of it was lost: what was told before is void. All there is follows,
 * each as `'add'`.
 */
export interface NetworkResync {
  readonly event: 'resync'
  readonly type?: undefined
}

/** What `Namespace.prototype.watch` tells. */
export type NetworkEvent = NetworkChange | NetworkResync
