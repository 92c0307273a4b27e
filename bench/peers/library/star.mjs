// @ts-check

import { Bridge, Namespace, VethPair } from 'linux-namespaces'

/** @param {number} leaves */
export const buildStar = (leaves) => async () => {
  const [hub, ...others] = await Promise.all(Array.from({ length: leaves + 1 }, () => Namespace.create()))
  if (hub === undefined) throw new Error('there is always a hub')
  // It goes up last: until then nothing is flooded to those that are there already.
  const bridge = await Bridge.create({ namespace: hub, name: 'br0', addresses: ['10.0.0.1/16'], up: false })
  await Promise.all(
    others.flatMap((leaf, i) => [
      VethPair.create(
        { namespace: hub, name: `p${i + 1}`, master: bridge },
        { namespace: leaf, name: 'eth0', addresses: [`10.0.${(i + 2) >> 8}.${(i + 2) & 255}/16`] },
      ),
      leaf.routes.add({ to: 'default', via: '10.0.0.1' }),
    ]),
  )
  await bridge.up()
  return [hub, ...others]
}
