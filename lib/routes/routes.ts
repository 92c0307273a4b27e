import { checkFamily, type Family } from '../addresses/family.js'
import { checkKeys } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { type LinkReference, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { NetlinkError } from '../netlink/error.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type RouteRequest, routeMessage } from '../netlink/messages/route.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import { putLinks } from './links.js'
import { queryValue, type RouteQuery } from './query.js'
import {
  checkTable,
  destinationAs,
  type Route,
  type RouteOptions,
  type RouteProtocol,
  type RouteTable,
  type RouteType,
  routeOf,
  routeValue,
} from './route.js'

/** A route to add or to delete: its options, or one that was listed. */
export type RouteInput = RouteOptions | Route

/** Which routes to list. */
export interface RouteFilter extends Limits {
  family?: Family
  /** `'main'` by default, as for `ip route`; `'all'` for every table. */
  table?: RouteTable | 'all'
  link?: LinkReference
  protocol?: RouteProtocol
  type?: RouteType
  /** Exactly this destination. */
  to?: string
}

const filterKeys: Record<keyof RouteFilter, true> = {
  family: true,
  table: true,
  link: true,
  protocol: true,
  type: true,
  to: true,
  ...limitKeys,
}

const { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_DUMP } = messageFlags

const queryKeys: Record<keyof RouteQuery, true> = {
  source: true,
  link: true,
  iif: true,
  mark: true,
  tos: true,
  ipProto: true,
  sport: true,
  dport: true,
  uid: true,
  fibMatch: true,
  ...limitKeys,
}

const table = new Table<RouteFilter, Route>({
  keys: filterKeys,
  links: ({ link }) => ({ oif: link }),
  reading(_core, filter, { oif }) {
    const { family, table: of = 'main', protocol, type, to } = filter
    const value: RouteRequest = { table: of === 'all' ? undefined : checkTable(of), oif, protocol, type }
    const families: Family[] = family === undefined ? ['inet', 'inet6'] : [checkFamily(family)]
    const wanted = to === undefined ? undefined : new Set(families.map((each) => destinationAs(to, each)))
    return {
      dumps: families.map((each) =>
        request('RTM_GETROUTE', routeMessage, { ...value, family: each }, { flags: NLM_F_DUMP, words: 'the routes' }),
      ),
      read: routeOf,
      keep: wanted && ((route) => wanted.has(route.to)),
      // A table that holds no route does not exist.
      empty: 'ENOENT',
    }
  },
})

/** A request that names links which have to be looked up first. */
type LateRequest = (limits: Limits | undefined) => Promise<NetlinkRequest>

/** The routes of a namespace. */
export class Routes {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Adds a route, or many: those of an array go to the kernel together.
   *
   * Kernel: RTM_NEWROUTE.
   *
   * @throws {@link NetlinkError} `EEXIST` when there is one with this destination, table and metric, `ENETUNREACH` when the
   * gateway cannot be reached, `ENODEV` when there is no such link. Of an array, the first error; the other routes are added.
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.routes.add({ to: 'default', via: '10.0.0.1' })
   * await ns.routes.add({ to: '10.1.0.0/16', link: 'eth0', table: 100, metric: 50 })
   * await ns.routes.add({ to: '10.2.0.0/16', hops: [{ via: '10.0.0.2', weight: 3 }, { via: '10.0.1.2' }] })
   */
  add(route: RouteInput | readonly RouteInput[], limits?: Limits): Promise<void> {
    return this.#send('RTM_NEWROUTE', route, NLM_F_CREATE | NLM_F_EXCL, limits)
  }

  /**
   * Adds a route, or many, in the place of those with the same destination, table and metric.
   *
   * Kernel: RTM_NEWROUTE with NLM_F_REPLACE.
   *
   * @throws {@link NetlinkError}, TypeError and RangeError as {@link add}, but for `EEXIST`
   * @example
   * await ns.routes.replace({ to: 'default', via: '10.0.0.254' })
   */
  replace(route: RouteInput | readonly RouteInput[], limits?: Limits): Promise<void> {
    return this.#send('RTM_NEWROUTE', route, NLM_F_CREATE | NLM_F_REPLACE, limits)
  }

  /**
   * Deletes a route, or many: the first one that has everything that is given.
   *
   * Kernel: RTM_DELROUTE.
   *
   * @throws {@link NetlinkError} `ESRCH` when there is none. Of an array, the first error; the other routes are deleted.
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.routes.delete({ to: '10.1.0.0/16' })
   */
  delete(route: RouteInput | readonly RouteInput[], limits?: Limits): Promise<void> {
    return this.#send('RTM_DELROUTE', route, 0, limits)
  }

  /**
   * The routes there are; without a filter, those of the main table, of both families.
   *
   * Kernel: RTM_GETROUTE; family, table, link, protocol and type are filtered by the kernel.
   *
   * @throws {@link NetlinkError} `ENODEV` when there is no such link; DumpInterruptedError when the table changed each time it
   * was read
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a bad filter
   * @example
   * const [gateway] = await ns.routes.list({ to: 'default', family: 'inet' })
   */
  async list(filter: RouteFilter = {}): Promise<Route[]> {
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory, however many there are: a million take no more than a thousand. (A table
   * that changes is told of in part: what comes and goes meanwhile may be missing, or come twice.)
   *
   * Kernel: RTM_GETROUTE on a socket of its own, a part for each 224 KB read. It is opened when the first route is asked for, and
   * closed at the end, by `break` or `return()`, when `signal` is aborted or the namespace is closed. `timeout` is for each part.
   *
   * @throws as {@link list}, from `next()`; DumpInterruptedError after the last route when the table changed meanwhile;
   * `ERR_NAMESPACE_CLOSED` when the namespace is closed before the end
   * @example
   * for await (const { to, via } of ns.routes.stream({ table: 'all' })) console.log(to, via)
   */
  stream(filter: RouteFilter = {}): DumpStream<Route> {
    return table.stream(this.#core, filter)
  }

  /**
   * The route that a packet to this address takes.
   *
   * Kernel: RTM_GETROUTE.
   *
   * @throws {@link NetlinkError} `ENETUNREACH` when none does, `EHOSTUNREACH` or `EACCES` where a route refuses it
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for a packet that there cannot be
   * @example
   * const { via } = await ns.routes.get('192.0.2.1', { mark: 1, ipProto: 'tcp', dport: 443 })
   */
  async get(address: string, query: RouteQuery = {}): Promise<Route> {
    const { signal, timeout, link, iif } = checkKeys('query', query, queryKeys)
    const limits = { signal, timeout }
    const value = queryValue(address, query)
    const resolve = (each: LinkReference | undefined) =>
      each === undefined ? undefined : resolveLink(this.#core, each, limits)
    ;[value.oif, value.iif] = await Promise.all([resolve(link), resolve(iif)])
    const get = request('RTM_GETROUTE', routeMessage, value, { words: `route to ${value.dst}` })
    const [reply] = await this.#core.withConnection((connection) => connection.request(get, limits))
    return routeOf(reply as Reply)
  }

  /**
   * Deletes all routes that {@link list} gives for this filter, those of the kernel for its addresses included; no error for
   * those that go meanwhile.
   *
   * Kernel: RTM_GETROUTE, RTM_DELROUTE.
   *
   * @throws as {@link list}
   * @example
   * await ns.routes.flush({ table: 100 })
   */
  async flush(filter: RouteFilter = {}): Promise<void> {
    const {
      family: _f,
      table: _t,
      link: _l,
      protocol: _p,
      type: _y,
      to: _d,
      ...limits
    } = checkKeys('filter', filter, filterKeys)
    const routes = await this.list(filter)
    await this.#core.withConnection(async (connection) => {
      const deletions = routes.map(({ to, message }) => {
        const { family, dst, dstLen, table, protocol, scope, type, tos, oif, gateway, via, priority, nhId } = message
        const key = { family, dst, dstLen, table, protocol, scope, tos, priority }
        // The way and type of a next hop object are told as the route's, but are not its own to be compared.
        const value = nhId === undefined ? { ...key, type, oif, gateway, via } : { ...key, nhId }
        return connection.request(request('RTM_DELROUTE', routeMessage, value, { words: `route to ${to}` }), limits)
      })
      for (const result of await Promise.allSettled(deletions)) {
        // Deleting one may take others along.
        if (result.status === 'rejected' && !isGone(result.reason)) throw result.reason
      }
    })
  }

  // One by one they come by the ten thousand, and each promise between costs as much as the request itself.
  #send(
    name: 'RTM_NEWROUTE' | 'RTM_DELROUTE',
    input: RouteInput | readonly RouteInput[],
    flags: number,
    limits: Limits | undefined,
  ): Promise<void> {
    try {
      const { ready } = this.#core
      if (Array.isArray(input) || ready === undefined) return this.#sendAll(name, [input].flat(), flags, limits)
      const made = this.#request(name, input as RouteInput, flags)
      return typeof made === 'function' ? this.#sendLater([made], limits) : ready.change(made, limits)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #sendAll(
    name: 'RTM_NEWROUTE' | 'RTM_DELROUTE',
    routes: readonly RouteInput[],
    flags: number,
    limits: Limits | undefined,
  ): Promise<void> {
    // All are checked before the first is sent.
    await this.#sendLater(
      routes.map((each) => this.#request(name, each, flags)),
      limits,
    )
  }

  async #sendLater(requests: readonly (NetlinkRequest | LateRequest)[], limits: Limits | undefined): Promise<void> {
    await this.#core.withConnection(async (connection) => {
      const known: NetlinkRequest[] = []
      const sent: Promise<void>[] = []
      for (const each of requests) {
        if (typeof each === 'function') sent.push(each(limits).then((made) => connection.change(made, limits)))
        else known.push(each)
      }
      sent.push(connection.changeAll(known, limits))
      await Promise.all(sent)
    })
  }

  #request(name: 'RTM_NEWROUTE' | 'RTM_DELROUTE', options: RouteInput, flags: number): NetlinkRequest | LateRequest {
    const value = routeValue(options)
    if (name === 'RTM_DELROUTE') relax(value, options)
    const made = (each: RouteRequest) => request(name, routeMessage, each, { flags, words: `route to ${options.to}` })
    const linked = putLinks(this.#core, options, value)
    return typeof linked === 'function' ? async (limits) => made(await linked(limits)) : made(linked)
  }
}

// What is not given is not compared.
function relax(value: RouteRequest, options: RouteOptions): void {
  if (options.scope === undefined) value.scope = 'nowhere'
  if (options.type === undefined) value.type = 'unspec'
  if (options.protocol === undefined) value.protocol = 'unspec'
}

function isGone(error: unknown): boolean {
  return error instanceof NetlinkError && (error.code === 'ESRCH' || error.code === 'ENODEV')
}
