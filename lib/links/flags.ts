import { checkBoolean } from '../errors/argument.js'
import type { LinkRequest } from '../netlink/messages/link.js'

/** Flags of a link that can be switched, by the words of `ip link set`. */
export interface FlagChanges {
  /** Whether it is up. */
  up?: boolean
  /** Whether it takes every packet, and not only those for its address. */
  promisc?: boolean
  /** Whether it takes every multicast packet. */
  allmulticast?: boolean
  /** Whether it sends and takes multicast. */
  multicast?: boolean
  /** Whether it asks for neighbours by ARP. */
  arp?: boolean
}

type Flag = Extract<NonNullable<LinkRequest['flags']>[number], string>

const flagOf = {
  up: 'up',
  promisc: 'promisc',
  allmulticast: 'allmulti',
  multicast: 'multicast',
  arp: 'noarp',
} as const satisfies Record<keyof FlagChanges, Flag>

/** The header fields that switch flags on and off; nothing where none is given. */
export function flagFields(changes: FlagChanges): LinkRequest {
  const flags: Flag[] = []
  const change: Flag[] = []
  for (const name of Object.keys(flagOf) as (keyof FlagChanges)[]) {
    const value = changes[name]
    if (value === undefined) continue
    checkBoolean(name, value)
    const flag = flagOf[name]
    change.push(flag)
    if (value !== (flag === 'noarp')) flags.push(flag)
  }
  return change.length === 0 ? {} : { flags, change }
}
