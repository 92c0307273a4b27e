import type { LookupAddress } from 'node:dns'
import type { NamespaceCore } from '../namespace/core.js'
import type { HostAddress } from './hosts.js'
import { lookupAll, type NamespaceLookupOptions } from './lookup.js'

type LookupResult = string | LookupAddress[] | undefined
type LookupCallback = (error: NodeJS.ErrnoException | null, address: LookupResult, family?: number) => void

/** The type of {@link Namespace.lookup}: Node's `dns.promises.lookup`, and with a callback Node's `dns.lookup`. */
export interface Lookup {
  (hostname: string, options: NamespaceLookupOptions & { all: true }): Promise<LookupAddress[]>
  (hostname: string, options?: (NamespaceLookupOptions & { all?: false | undefined }) | number): Promise<LookupAddress>
  (hostname: string, options: NamespaceLookupOptions): Promise<LookupAddress | LookupAddress[]>
  (hostname: string, callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void): void
  (
    hostname: string,
    options: (NamespaceLookupOptions & { all?: false | undefined }) | number,
    callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
  ): void
  (
    hostname: string,
    options: NamespaceLookupOptions & { all: true },
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ): void
  (
    hostname: string,
    options: NamespaceLookupOptions,
    callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
  ): void
}

/** Makes the `lookup` of a namespace: a function of its own, to be passed anywhere. */
export function lookupOf(core: NamespaceCore): Lookup {
  const lookup = (
    hostname: string,
    second: NamespaceLookupOptions | number | LookupCallback = {},
    third?: LookupCallback,
  ): Promise<LookupAddress | LookupAddress[]> | undefined => {
    const callback = typeof second === 'function' ? second : third
    const given = typeof second === 'function' ? {} : second
    const options = typeof given === 'number' ? { family: given } : given
    const result = lookupAll(core, hostname, options).then((found) => (options.all ? found : (found[0] as HostAddress)))
    if (callback === undefined) return result
    // What the callback throws is its own, and no rejection of this.
    result.then(
      (found) =>
        process.nextTick(() =>
          Array.isArray(found) ? callback(null, found) : callback(null, found.address, found.family),
        ),
      (error: NodeJS.ErrnoException) => process.nextTick(() => callback(error, undefined)),
    )
    return undefined
  }
  return lookup as Lookup
}
