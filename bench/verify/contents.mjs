// @ts-check
// A peer is measured only after what it built has been read back from the kernel.

import { readlinkSync, statSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'

export const host = readlinkSync('/proc/self/ns/net')

/** @param {string} path */
export function identity(path) {
  return `net:[${statSync(path).ino}]`
}

/** @param {string} answer to `hold` */
export function pathsOf(answer) {
  /** @type {{ paths: string[] }} */
  const { paths } = JSON.parse(answer)
  return paths
}

/**
 * Opens a peer's namespace for as long as it takes to look.
 *
 * @template T
 * @param {string} path
 * @param {(namespace: Namespace) => Promise<T>} look
 */
export async function lookInto(path, look) {
  const namespace = await Namespace.open({ path })
  try {
    return await look(namespace)
  } finally {
    namespace.close()
  }
}

/**
 * What is in the namespace at the end of a veth.
 *
 * @param {string} path
 */
export function contents(path) {
  return lookInto(path, async (namespace) => {
    const [links, addresses, routes] = await Promise.all([
      namespace.links.list(),
      namespace.addresses.list({ family: 'inet' }),
      namespace.routes.list({ family: 'inet', to: 'default' }),
    ])
    const loopback = links.find(({ name }) => name === 'lo')
    const veths = links.filter(({ kind }) => kind === 'veth')
    return {
      loopbackUp: loopback?.isUp,
      veths: veths.map(({ isUp, flags }) => ({ isUp, carrier: flags.includes('lowerUp') })),
      addresses: addresses.flatMap(({ link, cidr }) => (link === loopback?.index ? [] : [cidr])),
      gateways: routes.map(({ via }) => via),
    }
  })
}

/** What each end must have beside its addresses and routes. */
export const connected = { loopbackUp: true, veths: [{ isUp: true, carrier: true }] }
