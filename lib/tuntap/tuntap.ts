import { checkKeys } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import type { Limits } from '../limits.js'
import { Link } from '../links/link.js'
import { decodeLink, getLinkRequest, resolveLink, wordsOf } from '../links/reference.js'
import { coreOf, type NamespaceCore } from '../namespace/core.js'
import { EINVAL, ENODEV } from '../native/constants.js'
import { linkData } from '../netlink/messages/link.js'
import type { Reply } from '../netlink/request.js'
import { attach, closeQueues } from './attach.js'
import { makeDevice } from './device.js'
import {
  attachmentOf,
  checkDevice,
  type TunTapMode,
  type TunTapOpenOptions,
  type TunTapOptions,
  tunTapKeys,
} from './options.js'
import { TunQueue } from './queue.js'

/**
 * A link whose other side is this process: the packets that the namespace sends through it are read here, and those written
 * here arrive in the namespace. A `tun` carries IP packets, a `tap` Ethernet frames. (A persistent one, for other programs to
 * attach to, is made by `ns.links.create({ kind: 'tun', … })`.)
 *
 * @example
 * await using tun = await TunTap.create({ namespace: blue, mode: 'tun', name: 'tun0', addresses: ['10.0.0.1/24'] })
 * for await (const packet of tun.queue) await tun.queue.write(answerTo(packet))
 */
export class TunTap implements AsyncDisposable {
  /** The link in the namespace. */
  readonly link: Link
  /** What its packets are. */
  readonly mode: TunTapMode
  /** Its queues, at least one. */
  readonly queues: readonly TunQueue[]
  readonly #descriptors: readonly number[]
  readonly #forget: () => void
  #closing: Promise<void> | undefined

  private constructor(core: NamespaceCore, link: Link, mode: TunTapMode, descriptors: readonly number[]) {
    this.link = link
    this.mode = mode
    this.#descriptors = descriptors
    const label = `${mode} '${link.name}' of ${core.label}`
    this.queues = descriptors.map((descriptor) => new TunQueue(descriptor, label))
    // An open one holds the network namespace.
    this.#forget = core.handle.onClose(() => this.close())
    if (core.handle.closed) this.close()
  }

  /**
   * Makes a link, up and with its addresses; all of it or nothing. It is there for as long as this object is open, or a process
   * that was given its descriptor.
   *
   * Kernel: /dev/net/tun, opened inside the namespace; TUNSETIFINDEX, TUNSETIFF, TUNSETVNETHDRSZ, TUNSETOFFLOAD; RTM_SETLINK.
   *
   * @throws {@link SystemError} `EACCES` when this user may not open /dev/net/tun, `ENOENT` when there is no such file (with what to
   * do about it), `EEXIST` when the name is taken; {@link NetlinkError} for what the kernel refuses of the link
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * const tap = await TunTap.create({ namespace: blue, mode: 'tap', name: 'tap0', master: 'br0' })
   */
  static async create(options: TunTapOptions, limits: Limits = {}): Promise<TunTap> {
    const { namespace, ...device } = checkDevice(options, tunTapKeys.create)
    const core = coreOf(namespace)
    const { descriptors, reply } = await makeDevice(core, device, attachmentOf(device.mode, device), limits)
    return new TunTap(core, new Link(core, reply), device.mode, descriptors)
  }

  /**
   * Attaches to a device that is there, one of `ns.links.create({ kind: 'tun', … })` or `ip tuntap add`. An ordinary user may do so
   * in the host's stack, too, where the device is theirs (`ip tuntap add dev tun0 mode tun user alice`).
   *
   * Kernel: RTM_GETLINK; /dev/net/tun, opened inside the namespace; TUNSETIFF.
   *
   * @throws {@link SystemError} `EBUSY` when another program is attached to it and it has one queue only, `EPERM` when it is another
   * user's, `EINVAL` when the link is no tun or tap, `EACCES`, `ENOENT` as {@link create}; {@link NetlinkError} `ENODEV` when there is no
   * such link
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await using tun = await TunTap.open({ namespace: Namespace.current(), link: 'tun0' })
   */
  static async open(options: TunTapOpenOptions, limits: Limits = {}): Promise<TunTap> {
    const { namespace, link: reference, ...queues } = checkKeys('options', options, tunTapKeys.open)
    const core = coreOf(namespace)
    attachmentOf('tun', queues)
    return core.handle.use(async () => {
      const index = await resolveLink(core, reference, limits)
      const read = async () => {
        const get = getLinkRequest(index, wordsOf(reference))
        const [reply] = await core.withConnection((connection) => connection.request(get, limits))
        return reply as Reply
      }
      const message = decodeLink(await read())
      const operation = `attaching to ${wordsOf(reference)}`
      const data = linkData(message, 'tun')
      if (data === undefined || message.ifname === undefined) {
        const hint = `It is a link of kind '${message.linkinfo?.kind ?? 'none'}', not a tun or tap`
        throw new SystemError(EINVAL, { syscall: 'ioctl', operation: `${operation} in ${core.label}`, hint })
      }
      const mode = data.type === 'tap' ? 'tap' : 'tun'
      const attachment = attachmentOf(mode, { ...queues, multiQueue: data.multiQueue === 1 })
      const descriptors = await attach(core, { name: message.ifname }, attachment, operation, limits)
      try {
        // Had it been deleted or renamed in between, the kernel would have made one of this name.
        const after = await read()
        const { ifname } = decodeLink(after)
        if (ifname !== message.ifname) throw new SystemError(ENODEV, { syscall: 'ioctl', operation })
        return new TunTap(core, new Link(core, after), mode, descriptors)
      } catch (error) {
        await closeQueues(descriptors)
        throw error
      }
    })
  }

  /** Its first queue, or its only one. */
  get queue(): TunQueue {
    return this.queues[0] as TunQueue
  }

  /** Whether `close()` was called, of it or of its namespace. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /**
   * Closes its queues, whatever waits in them. When the promise is fulfilled a link made by {@link create} is gone; one that is
   * persistent stays. Closing the namespace closes it, too. Closing twice is no error.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#forget()
    await Promise.all(this.queues.map((queue) => queue.end()))
    await closeQueues(this.#descriptors)
  }
}
