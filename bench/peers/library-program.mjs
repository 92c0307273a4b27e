// @ts-check

import { Namespace, VethPair } from 'linux-namespaces'
import { serve, succeeded } from '../session.mjs'

/** @type {Namespace[]} */
let held = []

async function drop() {
  for (const namespace of held.splice(0)) namespace.close()
  return {}
}

async function buildPair() {
  const [a, b] = await Promise.all([Namespace.create(), Namespace.create()])
  await Promise.all([
    VethPair.create(
      { namespace: a, name: 'eth0', addresses: ['10.0.0.1/24'] },
      { namespace: b, name: 'eth0', addresses: ['10.0.0.2/24'] },
    ),
    b.routes.add({ to: 'default', via: '10.0.0.1' }),
  ])
  return [a, b]
}

/**
 * @param {string} command
 * @param {string[]} args
 */
async function execute(command, ...args) {
  const [namespace] = held
  if (namespace === undefined) throw new Error('nothing is held')
  await succeeded(namespace.spawn(command, args, { stdio: 'inherit' }))
}

const hold = (/** @type {() => Promise<Namespace[]>} */ build) => async () => {
  held = await build()
  return { paths: held.map((namespace) => namespace.path()) }
}

const programs = {
  pair: {
    hold: hold(buildPair),
    drop,
    async run() {
      const start = performance.now()
      const [a, b] = await buildPair()
      const built = performance.now()
      a?.close()
      b?.close()
      return { run: built - start, close: performance.now() - built }
    },
  },
  exec: {
    hold: hold(async () => [await Namespace.create()]),
    drop,
    async where() {
      await execute('readlink', '/proc/self/ns/net')
      return undefined
    },
    async run() {
      const start = performance.now()
      await execute('/bin/true')
      return { run: performance.now() - start }
    },
  },
}

await serve(process.argv[2] === 'exec' ? programs.exec : programs.pair)
