import { ADDRCONFIG, ALL, getDefaultResultOrder, type LookupOptions, V4MAPPED } from 'node:dns'
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { Addresses } from '../addresses/addresses.js'
import { checkBoolean, checkInteger, checkObject, invalidArgument } from '../errors/argument.js'
import { checkLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { readEtc } from './etc.js'
import { addressesInHosts, type HostAddress, localAddresses } from './hosts.js'
import { LookupError } from './lookup-error.js'
import { type AddressOrder, inOrder } from './order.js'
import { candidates, parseResolvConf, parseServer, type ResolverSettings } from './resolv-conf.js'
import { NoAnswerError, resolveName } from './resolve.js'

/** Options of {@link Namespace.lookup}: those of Node's `dns.lookup`, and how the servers are asked. */
export interface NamespaceLookupOptions extends LookupOptions {
  /** Name servers instead of those of resolv.conf: `'10.0.0.53'`, `'10.0.0.53:5353'`, `'[fd00::53]:5353'`. */
  servers?: readonly string[] | undefined
  /** Milliseconds to wait for one server's answer; resolv.conf says, or 5,000. */
  timeout?: number | undefined
  /** How often the servers are gone through, 1 to 100; resolv.conf says, or 2. */
  attempts?: number | undefined
  /** Domains to try a short name in, instead of those of resolv.conf. */
  search?: readonly string[] | undefined
  /** Ends the wait at once: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

const families = new Map<unknown, number>([
  [undefined, 0],
  [0, 0],
  [4, 4],
  [6, 6],
  ['IPv4', 4],
  ['IPv6', 6],
])

/** 4, 6 or 0 for both, as `dns.lookup` has it. */
export function familyNumber(family: unknown): number {
  const number = families.get(family)
  if (number === undefined) throw invalidArgument('family', family, "it must be 0, 4, 6, 'IPv4' or 'IPv6'")
  return number
}

function orderOf({ order, verbatim }: LookupOptions): AddressOrder {
  if (order === undefined && verbatim !== undefined) {
    checkBoolean('verbatim', verbatim)
    return verbatim ? 'verbatim' : 'ipv4first'
  }
  if (order === undefined) return getDefaultResultOrder() as AddressOrder
  if (!['verbatim', 'ipv4first', 'ipv6first'].includes(order))
    throw invalidArgument('order', order, "it must be 'verbatim', 'ipv4first' or 'ipv6first'")
  return order
}

function checkTexts(name: string, list: readonly string[]): readonly string[] {
  if (!Array.isArray(list) || list.some((each) => typeof each !== 'string'))
    throw invalidArgument(name, list, 'it must be an array of strings')
  return list
}

// What the options say goes before what the file says.
function settingsOf(file: string, { servers, timeout, attempts, search }: NamespaceLookupOptions): ResolverSettings {
  const settings = parseResolvConf(file)
  const given = servers?.map((text) => {
    const server = parseServer(text)
    if (server === undefined) throw invalidArgument('servers', text, 'it must be an IP address, perhaps with a port')
    return server
  })
  return {
    ...settings,
    servers: given ?? settings.servers,
    timeout: timeout ?? settings.timeout,
    attempts: attempts ?? settings.attempts,
    search: search ?? settings.search,
  }
}

function checkOptions(options: NamespaceLookupOptions): void {
  const { servers, timeout, attempts, search, signal, hints = 0 } = checkObject('options', options)
  if (servers !== undefined && checkTexts('servers', servers).length === 0)
    throw invalidArgument('servers', servers, 'it must name a server')
  if (timeout !== undefined) checkInteger('timeout', timeout, 1, 0x7fffffff)
  if (attempts !== undefined) checkInteger('attempts', attempts, 1, 100)
  if (search !== undefined) checkTexts('search', search)
  checkLimits({ signal })
  checkInteger('hints', hints, 0, ADDRCONFIG | ALL | V4MAPPED)
}

// As it is asked for; undefined for what cannot be a name in DNS.
function asciiName(hostname: string): string | undefined {
  const ascii = /^[\w.-]*$/.test(hostname) ? hostname : domainToASCII(hostname)
  const labels = ascii.replace(/\.$/, '').split('.')
  const sound = ascii.length <= 254 && labels.every((label) => /^[\w-]{1,63}$/.test(label))
  return sound ? ascii : undefined
}

/** All addresses of a name, in order; at least one. See {@link Namespace.lookup}. */
export async function lookupAll(
  core: NamespaceCore,
  hostname: string,
  options: NamespaceLookupOptions = {},
): Promise<HostAddress[]> {
  checkOptions(options)
  const family = familyNumber(options.family)
  const order = orderOf(options)
  const { signal, hints = 0 } = options
  if (typeof hostname !== 'string' || hostname === '') throw invalidArgument('hostname', hostname, 'it must be a name')
  core.descriptor('net')
  const literal = isIP(hostname)
  if (literal !== 0) return [{ address: hostname, family: literal }]
  signal?.throwIfAborted()
  const asked = hints & V4MAPPED && family === 6 ? 0 : family
  const known = await find(core, hostname, asked, options)
  const present = hints & ADDRCONFIG ? await familiesOf(core, signal) : undefined
  const found = mapped(known, family, hints).filter((each) => present?.has(each.family) ?? true)
  if (found.length === 0) throw new LookupError('ENOTFOUND', hostname, core.label)
  return inOrder(core, found, order, { signal })
}

async function find(
  core: NamespaceCore,
  hostname: string,
  family: number,
  options: NamespaceLookupOptions,
): Promise<HostAddress[]> {
  const ofFamily = (addresses: HostAddress[]) => addresses.filter((each) => family === 0 || each.family === family)
  const [hosts, file] = await Promise.all([readEtc(core, 'hosts'), readEtc(core, 'resolv.conf')])
  const local = ofFamily(addressesInHosts(hosts, hostname))
  const known = local.length > 0 ? local : ofFamily(localAddresses(hostname))
  if (known.length > 0 || localAddresses(hostname).length > 0) return known
  const settings = settingsOf(file, options)
  const name = asciiName(hostname)
  let failure: unknown
  for (const candidate of name === undefined ? [] : candidates(name, settings)) {
    if (asciiName(candidate) === undefined) continue
    try {
      const found = await resolveName(core, candidate, family, settings, options.signal)
      if (found.length > 0) return found
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error
      failure ??= error
    }
  }
  if (failure !== undefined) throw new LookupError('EAI_AGAIN', hostname, core.label, failure)
  return []
}

// IPv4 addresses in the form of IPv6, where that is asked for.
function mapped(addresses: HostAddress[], family: number, hints: number): HostAddress[] {
  if (!(hints & V4MAPPED) || family !== 6) return addresses
  const six = addresses.filter((each) => each.family === 6)
  if (six.length > 0 && !(hints & ALL)) return six
  return addresses.map((each) => (each.family === 6 ? each : { address: `::ffff:${each.address}`, family: 6 }))
}

/** The families of which the namespace has an address, loopback aside. */
async function familiesOf(core: NamespaceCore, signal: AbortSignal | undefined): Promise<Set<number>> {
  const addresses = await new Addresses(core).list({ signal })
  return new Set(
    addresses
      .filter(({ address }) => !address.startsWith('127.') && address !== '::1' && !address.startsWith('fe80:'))
      .map(({ address }) => isIP(address)),
  )
}
