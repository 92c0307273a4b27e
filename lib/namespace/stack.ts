import { Addresses } from '../addresses/addresses.js'
import { Fdb } from '../bridge/fdb.js'
import { Vlans } from '../bridge/vlans.js'
import { describe } from '../describe/describe.js'
import { type NetworkWatch, type NetworkWatchOptions, watchNetwork } from '../events/watch.js'
import { checkLimits, type Limits } from '../limits.js'
import { Links } from '../links/links.js'
import { Neighbors } from '../neighbors/neighbors.js'
import { Netconfs } from '../netconf/netconf.js'
import { Nexthops } from '../nexthops/nexthops.js'
import { Nsids } from '../nsids/nsids.js'
import { Routes } from '../routes/routes.js'
import { Rules } from '../rules/rules.js'
import { Sysctl } from '../sysctl/sysctl.js'
import type { NamespaceCore } from './core.js'

/** The network stack of a {@link Namespace}: what rtnetlink and sysctl tell of it and change. */
export abstract class NetworkStack {
  readonly #core: NamespaceCore

  /** The links of its network stack: list, get, create, delete. */
  readonly links: Links
  /** The addresses of all its links. */
  readonly addresses: Addresses
  /** Its routing tables. */
  readonly routes: Routes
  /** The rules by which packets choose a routing table. */
  readonly rules: Rules
  /** Its next hop objects, which routes share by number. */
  readonly nexthops: Nexthops
  /** Its ARP and NDP tables. */
  readonly neighbors: Neighbors
  /** The forwarding tables of its bridges, vxlans and other links. */
  readonly fdb: Fdb
  /** The VLANs of its bridges and their ports. */
  readonly vlans: Vlans
  /** The settings of its links that decide on forwarding. */
  readonly netconf: Netconfs
  /** The numbers by which it knows other network namespaces. */
  readonly nsids: Nsids
  /** Its kernel settings. */
  readonly sysctl: Sysctl

  /** @internal */
  protected constructor(core: NamespaceCore) {
    this.#core = core
    this.links = new Links(core)
    this.addresses = new Addresses(core)
    this.routes = new Routes(core)
    this.rules = new Rules(core)
    this.nexthops = new Nexthops(core)
    this.neighbors = new Neighbors(core)
    this.fdb = new Fdb(core)
    this.vlans = new Vlans(core)
    this.netconf = new Netconfs(core)
    this.nsids = new Nsids(core)
    this.sysctl = new Sysctl(core)
  }

  /**
   * Follows the changes of its network stack from this call on, whoever makes them: links, addresses, neighbours, routes, next
   * hops and rules.
   * `'add'` and `'change'` carry the object as it is after the change, `'delete'` as it was at last. It goes on until it is left
   * (`break`), `return()` is called, `signal` is aborted or the namespace is closed: all of that ends it at once and without an
   * error. One that is never iterated holds its socket until then.
   *
   * With `snapshot`, all there is comes first, each object as an `'add'`; what happens meanwhile is told once, either in there
   * or after it. Nothing is read ahead: while nobody asks for the next event, the kernel keeps what comes, and when its buffer is
   * full, `{ event: 'resync' }` says that what was told before is void, and all there is follows as with `snapshot`.
   *
   * As for `ip monitor`, it is the kernel that decides what it tells: nothing of the IPv4 routes and next hops that go when their
   * link goes down or is deleted; a route that replaces another one, or an IPv6 route that gets one more hop, is a `'change'`; of an IPv6
   * route that loses one of its hops, the `'delete'` shows that hop alone.
   *
   * Kernel: the groups RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE,
   * RTNLGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP, RTNLGRP_IPV4_RULE and RTNLGRP_IPV6_RULE on a netlink socket of its own.
   *
   * @throws `ERR_NAMESPACE_CLOSED` after `close()`, `ERR_NAMESPACE_TYPE` when it has no network stack
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * for await (const change of ns.watch({ links: true, snapshot: true, signal })) {
   *   if (change.type === 'link') console.log(change.event, change.link.name, change.link.operState)
   * }
   */
  watch(options: NetworkWatchOptions = {}): NetworkWatch {
    return watchNetwork(this.#core, options)
  }

  /**
   * Its network stack as text for people, in a few lines: links with their addresses, routes of the
   * main table, neighbours, and TCP, UDP and raw sockets. Its form may change from one version to the next.
   *
   * Kernel: RTM_GETLINK and its like, /proc/net/tcp and its like.
   *
   * @throws {@link SystemError} `ETIMEDOUT` after the time limit; Error `ERR_NAMESPACE_CLOSED` after `close()`
   * @example
   * console.error(await ns.describe())
   */
  async describe(limits: Limits = {}): Promise<string> {
    checkLimits(limits)
    return describe(this, this.#core, limits)
  }
}
