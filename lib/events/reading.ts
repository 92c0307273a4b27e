import { setTimeout as sleep } from 'node:timers/promises'
import type { NamespaceCore } from '../namespace/core.js'
import { DumpInterruptedError } from '../netlink/error.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { linkMessage } from '../netlink/messages/link.js'
import { copyReply, type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import type { Notice, Subscription } from '../netlink/subscription.js'
import type { EventKind } from './kinds/kind.js'

/** A reading of tables, and the notifications that came until it was over. */
export interface Reading {
  answers: Reply[]
  notices: Notice[]
  /** Notifications from before the reading were lost. */
  lost: boolean
}

const firstPauseMs = 10
const longestPauseMs = 1000

// It gives nothing, but is made under the lock under which nearly everything is changed and told of: what a reading before it
// showed has been told of by then.
const barrier = request(
  'RTM_GETLINK',
  linkMessage,
  { master: 0x7fffffff },
  { flags: messageFlags.NLM_F_DUMP, words: 'the links' },
)

/**
 * Reads all there is of these kinds; again while notifications get lost or the tables change too fast, with pauses that grow.
 * Empty when the subscription has ended meanwhile.
 */
export async function readAll(
  core: NamespaceCore,
  subscription: Subscription,
  kinds: readonly EventKind[],
): Promise<Reading> {
  const dumps = kinds.flatMap((kind) => kind.dumps)
  const before: Notice[] = []
  let lost = false
  try {
    await subscription.opened
    for (let pause = 0; ; pause = Math.min(2 * pause + firstPauseMs, longestPauseMs)) {
      if (pause > 0) await sleep(pause, undefined, { signal: subscription.signal })
      const answers = await readOnce(core, dumps, subscription.signal)
      const collected = subscription.collect()
      if (answers !== undefined && !collected.lost) return { answers, notices: [...before, ...collected.notices], lost }
      lost ||= collected.lost
      // What was told before a loss is covered by what is read after it.
      if (collected.lost) before.length = 0
      before.push(...collected.notices)
    }
  } catch (error) {
    if (!subscription.closed) throw error
    return { answers: [], notices: [], lost: false }
  }
}

// undefined when the tables changed each time they were read.
async function readOnce(
  core: NamespaceCore,
  dumps: readonly NetlinkRequest[],
  signal: AbortSignal,
): Promise<Reply[] | undefined> {
  const read = (dump: NetlinkRequest) =>
    core.withConnection((connection) => connection.dump(dump, copyReply, { signal }))
  try {
    const answers = await Promise.all(dumps.map(read))
    await read(barrier)
    return answers.flat()
  } catch (error) {
    if (error instanceof DumpInterruptedError) return undefined
    throw error
  }
}
