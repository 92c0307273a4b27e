// @ts-check
// Streams a million routes; prints how many came, and by how much memory grew from the first to the last.
import { Namespace } from 'linux-namespaces'

const count = 1_000_000
const chunk = 10_000

const ns = await Namespace.create()
for (let first = 0; first < count; first += chunk) {
  await ns.routes.add(
    Array.from({ length: chunk }, (_, k) => {
      const i = first + k
      return { to: `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, type: /** @type {const} */ ('blackhole') }
    }),
  )
}

const held = () => {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return { heap: heapUsed + arrayBuffers, rss }
}

let streamed = 0
let before = held()
let most = 0
for await (const { to } of ns.routes.stream({ family: 'inet' })) {
  if (++streamed === 20_000) before = held()
  if (streamed % 100_000 === 0) most = Math.max(most, held().heap - before.heap)
  if (to === '') throw new Error('a route without a destination')
}
console.log(JSON.stringify({ streamed, heap: most, rss: held().rss - before.rss }))
ns.close()
