// @ts-check

import { Namespace } from 'linux-namespaces'
import { holder, timed } from './held.mjs'

/** @param {number} pairs */
export function dumpLinks(pairs) {
  const held = holder(async () => {
    const namespace = await Namespace.create({ loopback: false })
    await Promise.all(
      Array.from({ length: pairs }, (_, i) =>
        namespace.links.create({ kind: 'veth', name: `a${i}`, up: false, peer: { name: `b${i}`, up: false } }),
      ),
    )
    return [namespace]
  })
  return {
    ...held.words,
    async run() {
      let sum = 0
      let found = 0
      const result = await timed(async () => {
        const links = await held.first.links.list()
        found = links.length
        for (const { name, index, mac, mtu, kind } of links) {
          sum += name.length + index + (mac?.length ?? 0) + mtu + (kind?.length ?? 0)
        }
      })
      if (found !== 2 * pairs + 1 || sum === 0) throw new Error(`${found} links`)
      return result
    },
  }
}
