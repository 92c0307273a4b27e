// More changes than anybody reads: a watch that is overrun says so, and then tells what there is; nothing is told twice.
import { Namespace, type NetworkEvent, type NetworkWatch } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ipBatch, Ledger, listed, words } from '../helpers/events.js'

let ns: Namespace
beforeEach(async () => {
  ns = await Namespace.create()
  await ns.links.create({ kind: 'bridge', name: 'br0', addresses: ['10.0.0.1/16', 'fd00::1/64'] })
})
afterEach(() => ns.close())

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
// Of each kind some, and some that are gone again.
const changes = (count: number) =>
  numbers(count).flatMap((i) => [
    `address add 10.${1 + (i >> 8)}.${i & 255}.1/24 dev br0`,
    `route add 172.16.${i & 255}.${i >> 8} via 10.0.0.2`,
    `route replace 172.16.${i & 255}.${i >> 8} via 10.0.0.3`,
    `neighbor add 10.0.${i >> 8}.${i & 255} lladdr 02:00:00:00:00:01 dev br0`,
    `link set br0 mtu ${1280 + i}`,
    ...(i % 2 === 0
      ? [
          `address delete 10.${1 + (i >> 8)}.${i & 255}.1/24 dev br0`,
          `route delete 172.16.${i & 255}.${i >> 8}`,
          `neighbor delete 10.0.${i >> 8}.${i & 255} dev br0`,
        ]
      : []),
  ])

/** Takes events until the ledger says what the lists say. */
async function settle(watch: NetworkWatch, ledger: Ledger, take: (event: NetworkEvent) => void): Promise<void> {
  const wanted = await listed(ns)
  const same = () =>
    ledger.entries.size === wanted.size && [...wanted].every(([key, value]) => ledger.entries.get(key) === value)
  while (!same()) {
    const { value } = await watch.next()
    take(value as NetworkEvent)
  }
  expect(ledger.entries).toEqual(wanted)
}

test('an overrun is told, and what comes after it adds up to what there is', async () => {
  await using watch = ns.watch({ snapshot: true, receiveBuffer: 4096 })
  const ledger = new Ledger()
  expect(words((await watch.next()).value as NetworkEvent)).toBe('add link lo')
  // Nobody reads meanwhile.
  await ipBatch(ns, changes(100))
  const words1: string[] = []
  while (words1.at(-1) !== 'resync') words1.push(words((await watch.next()).value as NetworkEvent))
  await settle(watch, ledger, (event) => ledger.take(event))
  // And again.
  await ipBatch(ns, ['link add br1 type bridge', ...changes(100).filter((line) => line.startsWith('link'))])
  await settle(watch, ledger, (event) => ledger.take(event))
  expect(ledger.resyncs).toBe(1)
  // What is told after it is complete, too.
  await ns.execFile('ip', ['link', 'delete', 'br1'])
  await settle(watch, ledger, (event) => ledger.take(event))
})

test('without a snapshot at first, an overrun brings one', async () => {
  await using watch = ns.watch({ receiveBuffer: 4096 })
  await watch.ready
  await ipBatch(ns, changes(100))
  const ledger = new Ledger()
  let event: NetworkEvent | undefined
  do event = (await watch.next()).value
  while (event !== undefined && event.event !== 'resync')
  await settle(watch, ledger, (each) => ledger.take(each))
})

test('a reader who is slow loses nothing while the buffer is large enough', async () => {
  await using watch = ns.watch({ neighbors: true })
  await watch.ready
  await ipBatch(
    ns,
    numbers(300).map((i) => `neighbor add 10.0.${i >> 8}.${i & 255} lladdr 02:00:00:00:00:01 dev br0`),
  )
  for (const i of numbers(300)) {
    expect(words((await watch.next()).value as NetworkEvent)).toBe(`add neighbor 10.0.${i >> 8}.${i & 255}`)
  }
})

test('snapshots in the midst of changes lose nothing and tell nothing twice', async () => {
  const changing = ipBatch(ns, changes(250))
  let over = false
  changing.then(() => {
    over = true
  })
  const watches: { watch: NetworkWatch; ledger: Ledger }[] = []
  while (!over) {
    const watch = ns.watch({ snapshot: true })
    const ledger = new Ledger()
    ledger.take((await watch.next()).value as NetworkEvent)
    watches.push({ watch, ledger })
  }
  await changing
  expect(watches.length).toBeGreaterThan(1)
  for (const { watch, ledger } of watches) {
    await settle(watch, ledger, (event) => ledger.take(event))
    expect(ledger.resyncs).toBeLessThan(2)
    await watch.return?.()
  }
})

test('overruns in the midst of changes lose nothing and tell nothing twice', async () => {
  await using watch = ns.watch({ snapshot: true, receiveBuffer: 8192 })
  const ledger = new Ledger()
  const changing = ipBatch(ns, changes(200))
  let over = false
  const reading = (async () => {
    while (!over) ledger.take((await watch.next()).value as NetworkEvent)
  })()
  await changing
  over = true
  // One more event, for the reader that waits.
  await ns.execFile('ip', ['link', 'set', 'br0', 'alias', 'last'])
  await reading
  await settle(watch, ledger, (event) => ledger.take(event))
})
