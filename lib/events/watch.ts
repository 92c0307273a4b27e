import { setImmediate as nextTurn } from 'node:timers/promises'
import { onAbort } from '../abort.js'
import { checkBoolean, checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import { checkLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { Subscription } from '../netlink/subscription.js'
import type { NetworkEvent } from './event.js'
import { eventKinds, kindNames } from './kinds/index.js'
import type { EventKind } from './kinds/kind.js'
import { type Reading, readAll } from './reading.js'
import { Tracker } from './tracker.js'

/** What `Namespace.prototype.watch` tells of; of everything when nothing is chosen, else of what is `true`. */
export interface NetworkWatchOptions {
  links?: boolean
  addresses?: boolean
  /** Routes of all tables, those that the kernel makes for addresses included. */
  routes?: boolean
  neighbors?: boolean
  nexthops?: boolean
  rules?: boolean
  /** First tells of all there is, each as `'add'`; false by default. */
  snapshot?: boolean
  /** Ends it at once, without an error. */
  signal?: AbortSignal | undefined
  /**
   * Bytes that the kernel keeps for a reader who is slow, 1 to 1,073,741,823; 8 MiB by default, which is some thousand events.
   * An ordinary user gets no more than `net.core.rmem_max`.
   */
  receiveBuffer?: number
}

/** Events as they come: to be iterated, or ended by `return()` or `await using`. */
export interface NetworkWatch extends AsyncIterableIterator<NetworkEvent, undefined, undefined>, AsyncDisposable {
  /**
   * Fulfilled when it is subscribed: whatever changes from then on is told. (What this process itself asks of the kernel after
   * the call is told in any case, but a child may be faster.) Rejects with what `next()` rejects with, if it cannot begin.
   */
  readonly ready: Promise<void>
  [Symbol.asyncIterator](): NetworkWatch
}

const optionKeys: Readonly<Record<keyof NetworkWatchOptions, true>> = {
  links: true,
  addresses: true,
  routes: true,
  neighbors: true,
  nexthops: true,
  rules: true,
  snapshot: true,
  signal: true,
  receiveBuffer: true,
}

const defaultReceiveBuffer = 8 * 1024 * 1024
// So many events are told without a pause at most.
const longestRun = 256

function kindsOf(options: NetworkWatchOptions): EventKind[] {
  for (const name of [...kindNames, 'snapshot'] as const) {
    const value = options[name]
    if (value !== undefined) checkBoolean(name, value)
  }
  const some = kindNames.some((name) => options[name])
  const chosen = kindNames.filter((name) => options[name] ?? !some)
  if (chosen.length === 0) throw invalidArgument('options', options, 'there must be something to watch')
  return chosen.map((name) => eventKinds[name])
}

/** Follows a network stack; see `Namespace.prototype.watch`. */
export function watchNetwork(core: NamespaceCore, options: NetworkWatchOptions): NetworkWatch {
  const { snapshot = false, signal, receiveBuffer = defaultReceiveBuffer } = checkKeys('options', options, optionKeys)
  const kinds = kindsOf(options)
  checkLimits({ signal })
  checkInteger('receiveBuffer', receiveBuffer, 1, 0x3fffffff)
  core.descriptor('net')
  const subscription = new Subscription(
    core,
    kinds.flatMap(({ groups }) => groups),
    receiveBuffer,
  )
  const end = () => subscription.close()
  onAbort(
    subscription.signal,
    onAbort(signal, () => end()),
  )
  if (signal?.aborted) end()
  // Without a snapshot, only what is to be remembered is read; at once, so that it is what there was before the first event.
  const first = readAll(core, subscription, snapshot ? kinds : kinds.filter(({ isChange }) => isChange === undefined))
  const ready = first.then(() => {})
  // Whoever iterates is told.
  ready.catch(() => {})
  const events = follow(subscription, new Tracker(core, kinds), snapshot, first, () =>
    readAll(core, subscription, kinds),
  )
  return {
    ready,
    next: () => events.next(),
    return: () => {
      // Before the generator, which would first wait for what comes next.
      end()
      return events.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return?.()
    },
  }
}

async function* follow(
  subscription: Subscription,
  tracker: Tracker,
  snapshot: boolean,
  reading: Promise<Reading>,
  readAgain: () => Promise<Reading>,
): AsyncGenerator<NetworkEvent, undefined, undefined> {
  try {
    const first = await reading
    // When nothing has been told yet, nothing is void.
    let lost = first.lost && !snapshot
    if (snapshot) yield* untilClosed(subscription, tracker.snapshot(first))
    else if (!lost) yield* untilClosed(subscription, tracker.begin(first))
    while (!subscription.closed) {
      if (lost) {
        yield { event: 'resync' }
        subscription.collect()
        yield* untilClosed(subscription, tracker.snapshot(await readAgain()))
      }
      const received = await subscription.receive()
      lost = received === 'lost'
      if (!Array.isArray(received)) continue
      for (const notice of received) {
        const event = tracker.event(notice)
        if (event !== undefined && !subscription.closed) yield event
      }
    }
    return undefined
  } finally {
    subscription.close()
  }
}

async function* untilClosed(
  subscription: Subscription,
  events: Iterable<NetworkEvent>,
): AsyncGenerator<NetworkEvent, void, undefined> {
  let run = 0
  for (const event of events) {
    // What is there at once would never let the event loop go on, and a signal be aborted.
    if (++run % longestRun === 0) await nextTurn()
    if (subscription.closed) return
    yield event
  }
}
