import { invalidArgument } from '../errors/argument.js'
import { parseMac } from '../netlink/codec/index.js'

/** Refuses what is no Ethernet address. */
export function checkMac(name: string, mac: unknown): string {
  if (typeof mac !== 'string' || parseMac(mac) === undefined)
    throw invalidArgument(name, mac, "it must be an Ethernet address such as '02:00:00:00:00:01'")
  return mac
}
