// @ts-check
// A peer is measured only after what it built has been read back from the kernel.

import assert from 'node:assert/strict'
import { readlinkSync, statSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'

/**
 * @typedef {import('./types.js').Workload['verify']} Verify
 */

/** @param {string} answer */
function pathsOf(answer) {
  /** @type {{ paths: string[] }} */
  const { paths } = JSON.parse(answer)
  return paths
}

const host = readlinkSync('/proc/self/ns/net')

/** @param {string} path */
function identity(path) {
  return `net:[${statSync(path).ino}]`
}

/**
 * What is in one of the two namespaces.
 *
 * @param {string} path
 */
async function contents(path) {
  const namespace = await Namespace.open({ path })
  try {
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
  } finally {
    namespace.close()
  }
}

/** @type {Verify} */
export async function verifyPair(ask) {
  const [a = '', b = ''] = pathsOf(await ask('hold'))
  assert.equal(new Set([identity(a), identity(b), host]).size, 3, 'two namespaces, and neither is the host')
  const stack = { loopbackUp: true, veths: [{ isUp: true, carrier: true }] }
  assert.deepEqual(await contents(a), { ...stack, addresses: ['10.0.0.1/24'], gateways: [] })
  assert.deepEqual(await contents(b), { ...stack, addresses: ['10.0.0.2/24'], gateways: ['10.0.0.1'] })
  await ask('drop')
}

/** @type {Verify} */
export async function verifyExec(ask, { outside }) {
  const [path = ''] = pathsOf(await ask('hold'))
  const expected = identity(path)
  assert.equal(expected === host, outside === true, 'a namespace that is not the host')
  assert.equal(await ask('where'), expected, 'the command ran in the namespace')
  await ask('drop')
}
