import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { SOCK_CLOEXEC, SOCK_DGRAM } from '../native/constants.js'
import { socketAddress } from '../sockets/address.js'
import type { HostAddress } from './hosts.js'

/** In which order addresses are given: those that can be reached first, or one family first. */
export type AddressOrder = 'verbatim' | 'ipv4first' | 'ipv6first'

// Any will do: nothing is sent there.
const somePort = 53

/** Puts addresses in order. `verbatim` is what getaddrinfo gives: first what the namespace has a route and an address for. */
export async function inOrder(
  core: NamespaceCore,
  addresses: readonly HostAddress[],
  order: AddressOrder,
  limits: Limits,
): Promise<HostAddress[]> {
  const first = order === 'ipv4first' ? 4 : 6
  if (order !== 'verbatim')
    return [
      ...addresses.filter(({ family }) => family === first),
      ...addresses.filter(({ family }) => family !== first),
    ]
  if (new Set(addresses.map(({ family }) => family)).size < 2) return [...addresses]
  // RFC 6724, rule 1: to connect a datagram socket is to ask for a route and a source address.
  const { steps, values } = await core.visit(
    'ordering addresses',
    (program) =>
      addresses.map(({ address }) => {
        const { domain, bytes } = socketAddress(address.replace(/%.*/, ''), somePort)
        const options = { descriptor: 'temporary', mayFail: true } as const
        const socket = program.call('socket', [domain, SOCK_DGRAM | SOCK_CLOEXEC, 0], options)
        const name = program.bytes(bytes)
        return program.call('connect', [socket, name, name.length], { mayFail: true })
      }),
    limits,
    ['net'],
  )
  const usable = steps.map((step) => values.of(step) >= 0)
  return [...addresses.filter((_, i) => usable[i]), ...addresses.filter((_, i) => !usable[i])]
}
