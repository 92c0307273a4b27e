import { checkBoolean, checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../native/constants.js'

const domains = {
  unix: AF_UNIX,
  inet: AF_INET,
  inet6: AF_INET6,
  netlink: AF_NETLINK,
  packet: AF_PACKET,
  vsock: AF_VSOCK,
} as const

const types = { stream: SOCK_STREAM, dgram: SOCK_DGRAM, raw: SOCK_RAW, seqpacket: SOCK_SEQPACKET } as const

/** What a socket speaks: AF_INET, AF_PACKET, … by name or number. */
export type SocketDomain = keyof typeof domains | number

/** How it speaks: SOCK_STREAM, SOCK_RAW, … by name or number. */
export type SocketKind = keyof typeof types | number

/** Options of {@link Namespace.socket}. */
export interface RawSocketOptions extends Limits {
  /** Whether calls on it give EAGAIN instead of waiting (SOCK_NONBLOCK); false by default. */
  nonBlocking?: boolean
}

const keys: Record<keyof RawSocketOptions, true> = { nonBlocking: true, ...limitKeys }

function numberOf(name: string, table: Readonly<Record<string, number>>, value: unknown, most: number): number {
  if (typeof value === 'number') return checkInteger(name, value, 0, most)
  const number = typeof value === 'string' && Object.hasOwn(table, value) ? table[value] : undefined
  if (number === undefined)
    throw invalidArgument(name, value, `it must be one of ${Object.keys(table).join(', ')}, or a number`)
  return number
}

// Below are the kernel's own numbers (ETH_P_ALL is 3), and from here on the EtherTypes of the wire.
const firstEtherType = 0x600

// The kernel takes an EtherType in the order of the wire.
function etherType(protocol: number): number {
  checkInteger('protocol', protocol, 0, 0xffff)
  if (protocol > 0xff && protocol < firstEtherType) {
    const reason = 'it must be an EtherType as it is, such as 3 (ETH_P_ALL) or 0x0800: htons is not needed'
    throw invalidArgument('protocol', protocol, reason)
  }
  return ((protocol & 0xff) << 8) | (protocol >> 8)
}

/** Makes a socket inside a namespace; see {@link Namespace.socket}. */
export async function rawSocket(
  core: NamespaceCore,
  domain: SocketDomain,
  type: SocketKind,
  protocol: number,
  options: RawSocketOptions,
): Promise<number> {
  const { nonBlocking = false, ...limits } = checkKeys('options', options, keys)
  checkBoolean('nonBlocking', nonBlocking)
  const family = numberOf('domain', domains, domain, 0xffff)
  // Nothing but the type: its flags are ours.
  const kind = numberOf('type', types, type, 0xf) | SOCK_CLOEXEC | (nonBlocking ? SOCK_NONBLOCK : 0)
  checkInteger('protocol', protocol, 0, 0x7fffffff)
  const number = family === AF_PACKET ? etherType(protocol) : protocol
  const { steps, values } = await core.visit(
    `making a socket (${domain}, ${type}, ${protocol})`,
    (program) =>
      program.call('socket', [family, kind, number], {
        descriptor: 'keep',
        hint: (code) => core.hint(code),
      }),
    limits,
    ['net'],
    true,
  )
  const fd = values.of(steps)
  // From here on the descriptor is the caller's.
  addon.release(fd)
  return fd
}
