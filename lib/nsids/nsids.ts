import { checkInteger } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { nsidMessage } from '../netlink/messages/nsid.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'

/** A number by which a network namespace knows another one. */
export interface Nsid {
  /** The number. */
  readonly nsid: number
  /** With `target`: the number by which this namespace knows the same one, where it does. */
  readonly currentNsid?: number
}

/** Which numbers {@link Nsids.list} gives. */
export interface NsidFilter extends Limits {
  /** Those of the namespace that this one knows by this number, instead of its own. */
  target?: number
}

const filterKeys: Readonly<Record<keyof NsidFilter, true>> = { target: true, ...limitKeys }

// NETNSA_NSID_NOT_ASSIGNED; in a request: any.
const none = -1

const table = new Table<NsidFilter, Nsid>({
  keys: filterKeys,
  reading(_core, { target }) {
    if (target !== undefined) checkInteger('target', target, 0, 0x7fffffff)
    const words = target === undefined ? 'the numbers of namespaces' : `the numbers that namespace ${target} has`
    const about = { flags: messageFlags.NLM_F_DUMP, words }
    return { dumps: [request('RTM_GETNSID', nsidMessage, { targetNsid: target }, about)], read: nsidOf }
  },
})

/**
 * The numbers by which a network namespace knows others: `link-netnsid` of `ip link`, {@link Link.linkNsid} here. The kernel
 * gives one to a namespace that a link leads to; each namespace has its own numbers for the others.
 */
export class Nsids {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Gives another namespace a number, as `ip netns set NAME NSID` does. It keeps that for as long as both live.
   *
   * Kernel: RTM_NEWNSID.
   *
   * @param nsid 0 to 2,147,483,647; `'auto'` (the default) for one that is free
   * @returns the number
   * @throws {@link NetlinkError} `EEXIST` when it has a number already, or the number is another one's
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for what is no namespace or no number
   * @example
   * await blue.nsids.set(red, 7)
   */
  async set(namespace: Namespace, nsid: number | 'auto' = 'auto', limits?: Limits): Promise<number> {
    const other = coreOf(namespace)
    const id = nsid === 'auto' ? none : checkInteger('nsid', nsid, 0, 0x7fffffff)
    const change = about('RTM_NEWNSID', other, id)
    return other.handle.use(() =>
      this.#core.withConnection(async (connection) => {
        const [, [reply]] = await Promise.all([
          connection.request(change, limits),
          connection.request(about('RTM_GETNSID', other), limits),
        ])
        return decode(reply as Reply).nsid ?? none
      }),
    )
  }

  /**
   * The number of another namespace; undefined when it has none.
   *
   * Kernel: RTM_GETNSID.
   *
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for what is no namespace
   * @example
   * const nsid = await blue.nsids.get(red)
   * const linksToRed = (await blue.links.list()).filter(({ linkNsid }) => linkNsid !== undefined && linkNsid === nsid)
   */
  async get(namespace: Namespace, limits?: Limits): Promise<number | undefined> {
    const other = coreOf(namespace)
    const get = about('RTM_GETNSID', other)
    const [reply] = await other.handle.use(() =>
      this.#core.withConnection((connection) => connection.request(get, limits)),
    )
    const { nsid = none } = decode(reply as Reply)
    return nsid === none ? undefined : nsid
  }

  /**
   * All the numbers, as `ip netns list-id` shows them.
   *
   * Kernel: RTM_GETNSID; with NETNSA_TARGET_NSID for those of another namespace.
   *
   * @throws {@link NetlinkError} `EINVAL` when this namespace knows none by the number `target`, `EACCES` when that is not the
   * caller's
   * @example
   * const [{ nsid, currentNsid }] = await blue.nsids.list({ target: 7 })
   */
  async list(filter: NsidFilter = {}): Promise<Nsid[]> {
    return table.list(this.#core, filter)
  }

  /** The same one after the other, in little memory; see {@link Routes.stream}. */
  stream(filter: NsidFilter = {}): DumpStream<Nsid> {
    return table.stream(this.#core, filter)
  }
}

function about(name: 'RTM_NEWNSID' | 'RTM_GETNSID', other: NamespaceCore, nsid?: number): NetlinkRequest {
  const words = `the number of ${other.label}`
  return request(name, nsidMessage, { fd: other.heldDescriptor('net'), nsid }, { words })
}

function decode({ bytes, start, end }: Reply) {
  return nsidMessage.decode(bytes, start, end)
}

function nsidOf(reply: Reply): Nsid {
  const { nsid = none, currentNsid = none } = decode(reply)
  return { nsid, ...(currentNsid !== none && { currentNsid }) }
}
