import { isIP } from 'node:net'

/** An address of a host. */
export interface HostAddress {
  /** `'10.0.0.1'`, `'fd00::1'`. */
  address: string
  /** 4 or 6. */
  family: number
}

const canonical = (name: string) => name.toLowerCase().replace(/\.$/, '')

/** The addresses that a text of the format of hosts(5) gives a name, in the order of the lines. */
export function addressesInHosts(text: string, name: string): HostAddress[] {
  const wanted = canonical(name)
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const family = isIP(address)
    return family !== 0 && names.some((each) => canonical(each) === wanted) ? [{ address, family }] : []
  })
}

/** The addresses of `localhost` and the names below it, which are never asked for (RFC 6761). */
export function localAddresses(name: string): HostAddress[] {
  if (!/(^|\.)localhost\.?$/i.test(name)) return []
  return [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ]
}
