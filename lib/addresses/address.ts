import { checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import { parseAddress, parseCidr } from '../netlink/codec/index.js'
import { type AddressMessage, type AddressRequest, addressMessage } from '../netlink/messages/address.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import { type Family, familyOf } from './family.js'
import { fromKernelScope, type Scope, toKernelScope } from './scope.js'

/** Flags of an address: `'permanent'`, `'secondary'`, `'tentative'`, `'nodad'`, … */
export type AddressFlags = AddressMessage['shortFlags']

/**
 * A flag that an address can be given: `'noprefixroute'`, and of IPv6 `'nodad'`, `'optimistic'` (usable during duplicate address
 * detection), `'homeaddress'` (Mobile IPv6), `'managetempaddr'` (the kernel makes temporary addresses beside it),
 * `'mcautojoin'` (of multicast addresses, also of IPv4: the link joins the group).
 */
export type AddressFlag = (typeof settable)[number]

/** Who made an address: `'kernelLo'`, `'kernelRa'`, `'kernelLl'`, or a number of one's own, 4 to 255. */
export type AddressProtocol = NonNullable<AddressMessage['proto']>

/** An address of a link. */
export interface Address {
  /** `'10.0.0.1'`. */
  readonly address: string
  readonly prefixLength: number
  /** Both: `'10.0.0.1/24'`. */
  readonly cidr: string
  readonly family: Family
  /** The link's index. */
  readonly link: number
  readonly scope: Scope
  readonly flags: AddressFlags
  /** Of an IPv4 address: the link's name, unless it was given another. */
  readonly label?: string
  readonly broadcast?: string
  /** The other end of a point-to-point link. */
  readonly peer?: string
  /** Seconds for which it may be used; absent: for ever. */
  readonly validLifetime?: number
  /** Seconds for which new connections may use it; absent: for ever. */
  readonly preferredLifetime?: number
  /** Who made it, where that is known. */
  readonly protocol?: AddressProtocol
  /** The metric of the route to its network that came with it, where it is not the kernel's default. */
  readonly metric?: number
  /** Everything the kernel said about it, by the kernel's own names. */
  readonly message: AddressMessage
}

/** An address to give to a link. */
export interface AddressOptions {
  /** With its prefix length: `'10.0.0.1/24'`; without, that of a single address. */
  address: string
  /** The other end of a point-to-point link. */
  peer?: string
  /** IPv4 only; by default none is set. */
  broadcast?: string
  /** IPv4 only: a name of at most 15 bytes, by custom the link's with `:` and something behind it. */
  label?: string
  /** `'global'` by default, for loopback addresses `'host'`. */
  scope?: Scope
  /**
   * IPv6 only: whether the kernel first makes sure that nobody else has the address (duplicate address detection), for which
   * it cannot be used for a second or more; false by default.
   */
  dad?: boolean
  /** The metric of the route to its network that comes with it, 0 to 4,294,967,295; by default 0 for IPv4, 256 for IPv6. */
  metric?: number
  /** Whether no route to its network comes with it. */
  noPrefixRoute?: boolean
  /** More flags. */
  flags?: readonly AddressFlag[]
  /** Seconds after which it goes away, 1 to 4,294,967,294; never by default. */
  validLifetime?: number
  /** Seconds for which new connections may use it, from 0 to `validLifetime`; that by default. */
  preferredLifetime?: number
  /** Who made it; Linux 5.18, ignored by older ones. */
  protocol?: AddressProtocol
}

/** An address as a text or with its options. */
export type AddressInput = string | AddressOptions

const optionKeys: Record<keyof AddressOptions, true> = {
  address: true,
  peer: true,
  broadcast: true,
  label: true,
  scope: true,
  dad: true,
  metric: true,
  noPrefixRoute: true,
  flags: true,
  validLifetime: true,
  preferredLifetime: true,
  protocol: true,
}

const forever = 0xffffffff
const settable = ['noprefixroute', 'nodad', 'optimistic', 'homeaddress', 'managetempaddr', 'mcautojoin'] as const
const alsoInet: readonly AddressFlag[] = ['noprefixroute', 'mcautojoin']

/** Reads an address out of an answer. */
export function addressOf({ bytes, start, end }: Reply): Address {
  const message = addressMessage.decode(bytes, start, end)
  const { prefixlen, index, label, broadcast, cacheinfo, shortFlags, flags = shortFlags } = message
  // On a point-to-point link IFA_ADDRESS is the other end; without IFA_LOCAL (IPv6) it is the address itself.
  const address = message.local ?? message.address ?? message.multicast ?? message.anycast ?? ''
  const peer = message.local !== undefined && message.address !== message.local ? message.address : undefined
  return {
    address,
    prefixLength: prefixlen,
    cidr: `${address}/${prefixlen}`,
    family: message.family === 'inet' ? 'inet' : 'inet6',
    link: index,
    scope: fromKernelScope(message.scope),
    flags,
    ...(label !== undefined && { label }),
    ...(broadcast !== undefined && { broadcast }),
    ...(peer !== undefined && { peer }),
    ...(cacheinfo !== undefined && cacheinfo.valid !== forever && { validLifetime: cacheinfo.valid }),
    ...(cacheinfo !== undefined && cacheinfo.preferred !== forever && { preferredLifetime: cacheinfo.preferred }),
    ...(message.proto !== undefined && { protocol: message.proto }),
    ...(message.rtPriority !== undefined && message.rtPriority !== 0 && { metric: message.rtPriority }),
    message,
  }
}

// The kernel takes both together, and the preferred one may not be longer.
function lifetimesOf({ validLifetime, preferredLifetime }: AddressOptions): AddressRequest['cacheinfo'] {
  if (validLifetime === undefined && preferredLifetime === undefined) return undefined
  const valid = validLifetime === undefined ? forever : checkInteger('validLifetime', validLifetime, 1, forever - 1)
  const preferred =
    preferredLifetime === undefined
      ? valid
      : checkInteger('preferredLifetime', preferredLifetime, 0, Math.min(valid, forever - 1))
  return { valid, preferred }
}

function flagsOf(options: AddressOptions, family: Family): AddressFlag[] {
  const { dad = false, noPrefixRoute = false, flags = [] } = options
  if (!Array.isArray(flags) || !flags.every((flag) => settable.includes(flag)))
    throw invalidArgument('flags', flags, `it must be an array of ${settable.join(', ')}`)
  const set = new Set<AddressFlag>(flags as readonly AddressFlag[])
  const foreign = family === 'inet' ? [...set].find((flag) => !alsoInet.includes(flag)) : undefined
  if (foreign !== undefined) throw invalidArgument('flags', foreign, 'an IPv4 address has no such flag')
  // An optimistic address is one that is under detection.
  if (family === 'inet6' && !dad && !set.has('optimistic')) set.add('nodad')
  if (noPrefixRoute) set.add('noprefixroute')
  return [...set]
}

/** Checks an address that is to be given to a link, and encodes it but for the link's index. */
export function addressValue(input: AddressInput): AddressRequest {
  const options =
    typeof input === 'object' && input !== null ? checkKeys('address', input, optionKeys) : { address: input as string }
  const cidr = parseCidr(options.address)
  const family = familyOf(cidr)
  const { peer, broadcast, label, scope, metric, protocol } = options
  for (const [name, value] of Object.entries({ broadcast, label })) {
    if (value !== undefined && family === 'inet6') throw invalidArgument(name, value, 'an IPv6 address has none')
  }
  if (peer !== undefined && familyOf(parseAddress(peer)) !== family)
    throw invalidArgument('peer', peer, 'it is of another family')
  const flags = flagsOf(options, family)
  return {
    family,
    prefixlen: cidr.prefixLength,
    scope: toKernelScope(scope ?? (cidr.address.startsWith('127.') ? 'host' : 'global')),
    local: cidr.address,
    address: peer ?? cidr.address,
    broadcast,
    label,
    flags: flags.length === 0 ? undefined : flags,
    rtPriority: metric,
    cacheinfo: lifetimesOf(options),
    proto: protocol,
  }
}

/** Adds addresses, adds or changes them, or takes them away. */
export type AddressChange = 'add' | 'replace' | 'delete'

const { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } = messageFlags
const changes = {
  add: ['RTM_NEWADDR', NLM_F_CREATE | NLM_F_EXCL],
  replace: ['RTM_NEWADDR', NLM_F_CREATE | NLM_F_REPLACE],
  delete: ['RTM_DELADDR', 0],
} as const

/** The requests that change the addresses of a link. */
export function addressRequests(
  change: AddressChange,
  values: readonly AddressRequest[],
  index: number,
): NetlinkRequest[] {
  const [name, flags] = changes[change]
  return values.map((value) => {
    const words = `address ${value.local}/${value.prefixlen}`
    return request(name, addressMessage, { ...value, index }, { flags, words })
  })
}
