import { type AddressInput, addressRequests, addressValue } from '../addresses/address.js'
import { checkBoolean, checkInteger, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { parseMac } from '../netlink/codec/index.js'
import type { LinkRequest } from '../netlink/messages/link.js'
import type { NetlinkRequest } from '../netlink/request.js'
import { checkAlias, checkLinkName } from './name.js'
import { knownIndex, type LinkReference, resolveLink } from './reference.js'

/** What links of all kinds can be given when they are made. */
export interface CommonLinkOptions {
  /** 1 to 15 bytes; by default `veth` and a number that is free. */
  name?: string
  /** Addresses to give it, e.g. `['10.0.0.1/24', 'fd00::1/64']`. */
  addresses?: readonly AddressInput[]
  /** Its Ethernet address; the kernel makes one up by default. */
  mac?: string
  /** Its broadcast address; `'ff:ff:ff:ff:ff:ff'` by default. */
  broadcast?: string
  /** Bytes, 1 to 65,536; what a link takes depends on its kind (68 to 65,535 for a veth). */
  mtu?: number
  /** Whether it is up; true by default. */
  up?: boolean
  /** Transmit queues, 1 to 4096; 1 by default. */
  txQueues?: number
  /** Receive queues, 1 to 4096; 1 by default. */
  rxQueues?: number
  /** The bridge (or other master) it becomes a port of, in the same namespace. */
  master?: LinkReference
  /** Links of one group can be changed and deleted together. 0 to 2,147,483,647; 0 by default. */
  group?: number
  /** How many packets its queue holds, 0 to 2,147,483,647; 1000 by default. */
  txQueueLength?: number
  /** A description, up to 255 bytes; `''` takes it away. */
  alias?: string
  /** Bytes of the largest packet that it is given to send in segments, 1 to its {@link Link.tsoMaxSize} (or 65,536); 65,536 by default. */
  gsoMaxSize?: number
  /** Segments of such a packet at most, 1 to 65,535; 65,535 by default. */
  gsoMaxSegs?: number
  /** Bytes of the largest packet that is put together of what it receives, up to 524,280; 65,536 by default. Linux 5.19. */
  groMaxSize?: number
  /** The same as `gsoMaxSize` for IPv4, of Linux 6.3 and newer; before that it is the same number. */
  gsoIpv4MaxSize?: number
  /** The same as `groMaxSize` for IPv4, of Linux 6.3 and newer. */
  groIpv4MaxSize?: number
}

/** Options of all links, for checkKeys. */
export const commonOptions: Readonly<Record<keyof CommonLinkOptions, true>> = {
  name: true,
  addresses: true,
  mac: true,
  broadcast: true,
  mtu: true,
  up: true,
  txQueues: true,
  rxQueues: true,
  master: true,
  group: true,
  txQueueLength: true,
  alias: true,
  gsoMaxSize: true,
  gsoMaxSegs: true,
  groMaxSize: true,
  gsoIpv4MaxSize: true,
  groIpv4MaxSize: true,
}

// That of the loopback device; all others take less.
const largestMtu = 65_536
const largestIndex = 0x7fffffff

// Attributes that are whole numbers: the kernel's name, and the range.
const numbers = {
  mtu: ['mtu', 1, largestMtu],
  txQueues: ['numTxQueues', 1, 4096],
  rxQueues: ['numRxQueues', 1, 4096],
  group: ['group', 0, largestIndex],
  txQueueLength: ['txqlen', 0, largestIndex],
  gsoMaxSize: ['gsoMaxSize', 1, largestIndex],
  gsoMaxSegs: ['gsoMaxSegs', 1, 65_535],
  groMaxSize: ['groMaxSize', 1, largestIndex],
  gsoIpv4MaxSize: ['gsoIpv4MaxSize', 1, largestIndex],
  groIpv4MaxSize: ['groIpv4MaxSize', 1, largestIndex],
} as const satisfies Partial<Record<keyof CommonLinkOptions, readonly [keyof LinkRequest, number, number]>>

const numberNames = Object.keys(numbers) as (keyof typeof numbers)[]

function checkMac(argument: string, mac: string | undefined): string | undefined {
  if (mac === undefined || (typeof mac === 'string' && parseMac(mac) !== undefined)) return mac
  throw invalidArgument(argument, mac, "it must be an Ethernet address such as '02:00:00:00:00:01'")
}

/** Checks options and turns them into attributes of IFLA_*; the master must have been resolved to its index. */
export function linkAttributesOf(options: CommonLinkOptions, argument: string): LinkRequest {
  const { name, alias } = options
  const attributes: LinkRequest = {
    ifname: name === undefined ? undefined : checkLinkName(name, `${argument}name`),
    address: checkMac(`${argument}mac`, options.mac),
    broadcast: checkMac(`${argument}broadcast`, options.broadcast),
    ifalias: alias === undefined ? undefined : checkAlias(alias, `${argument}alias`),
  }
  for (const option of numberNames) {
    const value = options[option]
    if (value === undefined) continue
    const [attribute, least, most] = numbers[option]
    attributes[attribute] = checkInteger(`${argument}${option}`, value, least, most)
  }
  return attributes
}

/** One end of what is being made: everything checked and resolved. */
export interface LinkPlan {
  core: NamespaceCore
  /** Without one, the kernel numbers: `veth0`. */
  name: string | undefined
  attributes: LinkRequest
  master: number | undefined
  up: boolean
  /** The kernel takes none when a link is made, only afterwards. */
  alias: string | undefined
  /** The requests that give addresses to the link of this index. */
  addressing(index: number): NetlinkRequest[]
}

/**
 * The indexes of the masters that options name; all of them are checked before the first one is looked up. Only a name makes
 * it a promise.
 */
export function mastersOf(
  ends: readonly { core: NamespaceCore; options: CommonLinkOptions }[],
  limits: Limits,
): (number | undefined)[] | Promise<(number | undefined)[]> {
  const known = ends.map(({ core, options: { master } }) =>
    master === undefined ? undefined : knownIndex(core, master),
  )
  if (ends.every(({ options: { master } }, i) => master === undefined || known[i] !== undefined)) return known
  return Promise.all(
    ends.map(
      ({ core, options: { master } }, i) =>
        known[i] ?? (master === undefined ? undefined : resolveLink(core, master, limits)),
    ),
  )
}

/** Checks the options of a link that is to be made in a namespace. */
export function planLink(
  core: NamespaceCore,
  options: CommonLinkOptions,
  master: number | undefined,
  argument = '',
): LinkPlan {
  const { name, addresses = [], up = true } = options
  const { ifalias: alias, ...attributes } = linkAttributesOf(options, argument)
  checkBoolean(`${argument}up`, up)
  if (!Array.isArray(addresses)) throw invalidArgument(`${argument}addresses`, addresses, 'it must be an array')
  // A bad one is refused before anything is made.
  const values = addresses.map(addressValue)
  const addressing = (index: number) => addressRequests('add', values, index)
  return { core, name, attributes, master, up, alias, addressing }
}
