import type { Limits } from '../limits.js'
import { NamespaceCore } from '../namespace/core.js'
import { EOPNOTSUPP } from '../native/constants.js'
import type { Connection } from '../netlink/connection.js'
import { NetlinkError } from '../netlink/error.js'
import { type Answer, Exchange } from '../netlink/exchange.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type LinkRequest, linkMessage } from '../netlink/messages/link.js'
import { type NewerPart, needs, newerParts } from '../netlink/newer.js'
import { type NetlinkRequest, type Reply, request } from '../netlink/request.js'
import { creationHint } from './kernel-options.js'
import { deleteRequest } from './link.js'
import type { LinkPlan } from './options.js'
import { getLinkRequest, wordsOf } from './reference.js'

/** A link to be made together with others, in one trip to the kernel. */
export interface Part {
  plan: LinkPlan
  index: number
}

const indexAttempts = 5

/**
 * Makes a link by one RTM_NEWLINK (of a veth, both its ends), then brings every part of it up, gives it its addresses and
 * reads it; all in one trip. Whatever is refused, nothing stays.
 *
 * @param newLink the attributes of the RTM_NEWLINK, once the indexes are chosen
 * @param lookUp what has to be known first: other links' indexes. What is asked for after this call does not get ahead of it
 * @param maker the namespace that is asked for it; that of the first part by default
 */
export async function buildLinks(
  kind: string,
  plans: readonly LinkPlan[],
  newLink: (parts: readonly Part[]) => LinkRequest,
  limits: Limits,
  lookUp: Promise<unknown> | undefined,
  maker: NamespaceCore = (plans as [LinkPlan])[0].core,
): Promise<Reply[]> {
  // Where its namespace is closed, that is what is told.
  lookUp?.catch(() => {})
  const cores = [...new Set([maker, ...plans.map(({ core }) => core)])]
  const build = async (connectionOf: (core: NamespaceCore) => Connection) => {
    for (let attempt = 1; ; attempt++) {
      // Before Linux 6.15 an index must be free where the request is made, too.
      const least = maker === plans[0]?.core ? 0 : maker.nextLinkIndex()
      const parts = plans.map((plan) => ({ plan, index: plan.core.nextLinkIndex(least) }))
      const { replies, error } = await buildOnce(kind, parts, newLink(parts), maker, connectionOf, limits)
      if (error === undefined) return replies
      // Somebody else has a link of this index.
      if (!(error instanceof NetlinkError && error.code === 'EBUSY') || attempt === indexAttempts) throw error
    }
  }
  return holding(cores, () => NamespaceCore.withConnections(cores, build, lookUp))
}

async function buildOnce(
  kind: string,
  parts: readonly Part[],
  value: LinkRequest,
  maker: NamespaceCore,
  connectionOf: (core: NamespaceCore) => Connection,
  limits: Limits,
): Promise<{ replies: Reply[]; error?: Error | undefined }> {
  const [first] = parts as [Part]
  const exchange = new Exchange()
  const flags = messageFlags.NLM_F_CREATE | messageFlags.NLM_F_EXCL
  const { core, name } = first.plan
  const words = `${name === undefined ? `a new ${kind}` : `${kind} '${name}'`}${maker === core ? '' : ` for ${core.label}`}`
  const hint = (refusal: NetlinkError) => creationHint(kind, refusal)
  exchange.add(connectionOf(maker), request('RTM_NEWLINK', linkMessage, value, { flags, words, hint }))
  exchange.stopOnError()
  parts.forEach(({ plan, index }, i) => {
    for (const each of partRequests(plan, index, i === 0)) exchange.add(connectionOf(plan.core), each)
  })
  // Read last, and in the opposite order: only when the peer is up has the first one a carrier.
  const reading = parts.map(() => 0)
  for (let i = parts.length - 1; i >= 0; i--) {
    const { plan, index } = parts[i] as Part
    reading[i] = exchange.add(connectionOf(plan.core), getLinkRequest(index))
  }
  // What was asked for earlier goes first.
  connectionOf(maker).flush()
  for (const { plan } of parts) connectionOf(plan.core).flush()
  const undo = () => undoLink(first, connectionOf(core))
  // Given up in the middle, what it makes all the same is unmade.
  const answers = await exchange.run(limits).catch(async (error: unknown) => {
    await undo()
    throw error
  })
  const made = answers[0] as Answer
  const error = answers.find((answer) => answer.error !== undefined)?.error
  if (error !== undefined) {
    // With another error than the kernel's own, it is not known whether the link was made.
    if (!(made.error instanceof NetlinkError)) await undo()
    return { replies: [], error }
  }
  const replies = reading.map((i) => (answers[i] as Answer).replies[0] as Reply)
  const ignored = ignoredPart(value, replies[0] as Reply)
  if (ignored === undefined) return { replies }
  await undo()
  const operation = `${words} in ${maker.label}`
  return {
    replies: [],
    error: new NetlinkError(EOPNOTSUPP, {
      request: 'RTM_NEWLINK',
      operation,
      attribute: ignored.path,
      hint: needs(ignored),
    }),
  }
}

// A kernel passes over attributes of a kind that are newer than itself, and says nothing. It shows them, though, if it knows them.
function ignoredPart(value: LinkRequest, { bytes, start, end }: Reply): NewerPart | undefined {
  const newer = newerParts(linkMessage.shape, value)
  if (newer.length === 0) return undefined
  const shown = linkMessage.decode(bytes, start, end)
  return newer.find(({ path }) => {
    let place: unknown = shown
    for (const name of path.split('.')) place = (place as Record<string, unknown> | undefined)?.[name]
    return place === undefined
  })
}

// The first part is up and has its master from the RTM_NEWLINK on; a peer can have neither before it exists.
function partRequests(plan: LinkPlan, index: number, isFirst: boolean): NetlinkRequest[] {
  const requests: NetlinkRequest[] = []
  const isLate = !isFirst && (plan.up || plan.master !== undefined)
  if (isLate || plan.alias !== undefined) {
    const late: LinkRequest = isLate ? { ...upFlags(plan.up), master: plan.master } : {}
    const value: LinkRequest = { index, ...late, ifalias: plan.alias }
    requests.push(
      request('RTM_SETLINK', linkMessage, value, { words: plan.name === undefined ? 'the peer' : wordsOf(plan.name) }),
    )
  }
  requests.push(...plan.addressing(index))
  return requests
}

/** The header fields that set a link up, or leave it down. */
export function upFlags(up: boolean): LinkRequest {
  return up ? { flags: ['up'], change: ['up'] } : {}
}

async function undoLink({ index, plan }: Part, connection: Connection): Promise<void> {
  const words = plan.name === undefined ? `link ${index}` : wordsOf(plan.name)
  // It may not be there.
  await connection.request(deleteRequest(index, words)).catch(() => {})
}

async function holding<T>(cores: readonly NamespaceCore[], work: () => Promise<T>): Promise<T> {
  for (const { handle } of cores) handle.check()
  for (const { handle } of cores) handle.hold()
  try {
    return await work()
  } finally {
    for (const { handle } of cores) handle.release()
  }
}
