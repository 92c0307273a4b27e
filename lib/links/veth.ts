import { invalidArgument } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import type { Limits } from '../limits.js'
import { coreOf } from '../namespace/core.js'
import type { Namespace } from '../namespace/namespace.js'
import type { Link } from './link.js'
import type { CommonLinkOptions } from './options.js'
import { createPair, type End } from './pair.js'

/** One end of a veth pair. */
export interface LinkEnd extends CommonLinkOptions {
  /** Where this end is. */
  namespace: Namespace
}

/**
 * Two links joined by a virtual cable, each in its namespace: what goes in at one end comes out at the other.
 *
 * @example
 * await using pair = await VethPair.create(
 *   { namespace: blue, name: 'eth0', addresses: ['10.0.0.1/24'] },
 *   { namespace: red, name: 'eth0', addresses: ['10.0.0.2/24'] },
 * )
 */
export class VethPair implements AsyncDisposable {
  /** The end made from the first argument. */
  readonly a: Link
  /** The end made from the second argument. */
  readonly b: Link

  private constructor(a: Link, b: Link) {
    this.a = a
    this.b = b
  }

  /**
   * Makes a pair with both ends where they belong, up and with their addresses; all of it or nothing.
   *
   * Kernel: one RTM_NEWLINK with VETH_INFO_PEER and IFLA_NET_NS_FD, so that no link is ever moved.
   *
   * @throws {@link NetlinkError} `EEXIST` when a name is taken, `EPERM` when an ordinary user links to a namespace that is
   * not theirs (the host's, or another process's)
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad names, addresses, MTUs, …
   * @example
   * const { a, b } = await VethPair.create({ namespace: blue, name: 'eth0' }, { namespace: red, name: 'eth0', mtu: 9000 })
   */
  static async create(a: LinkEnd, b: LinkEnd, limits: Limits = {}): Promise<VethPair> {
    const [first, second] = await createPair('veth', endOf(a, 'a'), endOf(b, 'b'), {}, limits)
    return new VethPair(first as Link, second as Link)
  }

  /**
   * Deletes both ends. No error when they are gone already, by themselves or with a namespace, nor when the first end's namespace
   * was closed here: then they go with it, unless something else keeps it.
   *
   * Kernel: RTM_DELLINK of the first end, which takes 15 ms.
   *
   * @throws {@link SystemError} `ETIMEDOUT` after the time limit; the signal's reason when it is aborted
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad limits
   * @example
   * await pair.delete()
   */
  async delete(limits?: Limits): Promise<void> {
    try {
      await this.a.delete(limits)
    } catch (error) {
      if (!(error instanceof SystemError && error.code === 'ENODEV') && !isClosed(error)) throw error
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.delete()
  }
}

// The namespace is gone or about to go, and the pair with it.
function isClosed(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_NAMESPACE_CLOSED'
}

function endOf(end: LinkEnd, argument: string): End {
  if (typeof end !== 'object' || end === null)
    throw invalidArgument(argument, end, 'it must be an object with a namespace')
  const { namespace, ...options } = end
  return { core: coreOf(namespace), options, argument: `${argument}.` }
}
