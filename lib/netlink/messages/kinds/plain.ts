import { nested } from '../../codec/index.js'

/**
 * IFLA_INFO_DATA of the kinds that have nothing to be told: dummy, ifb, nlmon, vcan, and those that are configured over generic
 * netlink (team, wireguard).
 */
export const plain = nested({})
