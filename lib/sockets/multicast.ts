import type { Socket } from 'node:dgram'
import { SystemError } from '../errors/system-error.js'
import { addon } from '../native/addon.js'
import {
  IP_MULTICAST_IF,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_IF,
  MCAST_JOIN_GROUP,
  MCAST_JOIN_SOURCE_GROUP,
  MCAST_LEAVE_GROUP,
  MCAST_LEAVE_SOURCE_GROUP,
} from '../native/constants.js'
import { parseIp } from '../netlink/codec/index.js'
import { socketAddress } from './address.js'
import { linkIndexOn } from './link.js'
import { int } from './open.js'

// struct group_source_req: an index, and two sockaddr_storage of 128 bytes after 8; group_req is the same without the second.
const firstAddressAt = 8
const storageSize = 128

function groupRequest(index: number, addresses: readonly string[]): Uint8Array {
  const request = new Uint8Array(firstAddressAt + addresses.length * storageSize)
  new DataView(request.buffer).setUint32(0, index, true)
  addresses.forEach((address, i) => {
    request.set(socketAddress(address, 0, 'multicastAddress').bytes, firstAddressAt + i * storageSize)
  })
  return request
}

// struct ip_mreqn: two addresses, then the index.
const requestByIndex = (index: number) => Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, ...int(index)])

// Node's methods, the option for each, and how many addresses it takes before the link.
const memberships = [
  ['addMembership', MCAST_JOIN_GROUP, 1],
  ['dropMembership', MCAST_LEAVE_GROUP, 1],
  ['addSourceSpecificMembership', MCAST_JOIN_SOURCE_GROUP, 2],
  ['dropSourceSpecificMembership', MCAST_LEAVE_SOURCE_GROUP, 2],
] as const

/**
 * Lets the multicast interface of a socket be the name of a link of its namespace (`'eth0'`, or `'::%eth0'` as Node has it for
 * IPv6) or its index: Node would look for it among the links of the stack that its thread is in. An IPv4 address names a
 * link as it does in Node.
 */
export function joinByLink(socket: Socket, fd: number, family: 4 | 6): void {
  const level = family === 6 ? IPPROTO_IPV6 : IPPROTO_IP
  // Of a closed one the number may be another file's.
  const isOpen = () => {
    try {
      return socket.getSendBufferSize() > 0
    } catch {
      return false
    }
  }
  // Node knows those that are IPv4 addresses, and refuses what is no text, and all of a closed socket.
  const linkIn = (link: unknown): string | undefined => {
    if (typeof link !== 'string' || ['', '::', '::0'].includes(link) || parseIp(link)?.length === 4) return undefined
    return isOpen() ? link.replace(/^::%/, '') : undefined
  }
  const set = (what: string, option: number, value: Uint8Array) => {
    const result = addon.syscall(addon.numbers.setsockopt, fd, level, option, value, value.length)
    if (result < 0) throw new SystemError(-result, { syscall: 'setsockopt', operation: what })
  }
  const replace = (name: keyof Socket, method: (...args: string[]) => void) =>
    Object.defineProperty(socket, name, { value: method, configurable: true, writable: true })
  for (const [name, option, count] of memberships) {
    const nodes: unknown = socket[name]
    replace(name, (...args) => {
      const link = linkIn(args[count])
      if (link === undefined) return Reflect.apply(nodes as () => void, socket, args)
      // The group goes before the source.
      set(name, option, groupRequest(linkIndexOn(fd, link), args.slice(0, count).reverse()))
    })
  }
  const nodes = socket.setMulticastInterface
  replace('setMulticastInterface', (...args) => {
    const link = linkIn(args[0])
    if (link === undefined) return Reflect.apply(nodes, socket, args)
    const index = linkIndexOn(fd, link)
    if (family === 6) set('setMulticastInterface', IPV6_MULTICAST_IF, int(index))
    else set('setMulticastInterface', IP_MULTICAST_IF, requestByIndex(index))
  })
}
