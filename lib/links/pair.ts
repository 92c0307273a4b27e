import { invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { LinkRequest } from '../netlink/messages/link.js'
import type { Reply } from '../netlink/request.js'
import { buildLinks, type Part, upFlags } from './build.js'
import type { PairKind } from './kind.js'
import { Link } from './link.js'
import { type CommonLinkOptions, commonOptions, type LinkPlan, mastersOf, planLink } from './options.js'

/** One end of a pair that is to be made. */
export interface End {
  core: NamespaceCore
  options: CommonLinkOptions
  /** What errors about its options start with: `'a.'`. */
  argument: string
}

/**
 * Makes two links that are joined; see {@link VethPair.create}.
 *
 * @param data attributes of the kind, beside the peer
 */
export async function createPair(kind: PairKind, a: End, b: End, data: object, limits: Limits): Promise<Link[]> {
  for (const { options, argument } of [a, b]) checkOptions(kind, options, argument)
  const first = planLink(a.core, a.options, undefined, a.argument)
  const second = planLink(b.core, b.options, undefined, b.argument)
  const plans = [first, second]
  if (first.name !== undefined && first.name === second.name && first.core.isSame(second.core)) {
    throw invalidArgument('b.name', second.name, 'both ends would have it, in the same namespace')
  }
  const setMasters = (masters: readonly (number | undefined)[]) => {
    plans.forEach((plan, i) => {
      plan.master = masters[i]
    })
  }
  const masters = mastersOf([a, b], limits)
  if (!(masters instanceof Promise)) setMasters(masters)
  const lookUp = masters instanceof Promise ? masters.then(setMasters) : undefined
  const newLink = ([one, two]: readonly Part[]) => pairRequest(kind, one as Part, two as Part, data)
  const replies = await buildLinks(kind, plans, newLink, limits, lookUp)
  return plans.map(({ core }, i) => new Link(core, replies[i] as Reply))
}

function checkOptions(kind: string, options: CommonLinkOptions, argument: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(commonOptions, name))
      throw invalidArgument(`${argument}${name}`, value, `a ${kind} has no such option`)
  }
}

// Unless told, a veth makes a queue for each possible CPU and then shrinks to one, which waits for RCU at either end.
function endRequest({ plan, index }: { plan: LinkPlan; index: number }): LinkRequest {
  const { attributes } = plan
  return { ...attributes, index, numTxQueues: attributes.numTxQueues ?? 1, numRxQueues: attributes.numRxQueues ?? 1 }
}

function pairRequest(kind: PairKind, a: Part, b: Part, data: object): LinkRequest {
  const peer = { ...endRequest(b), netNsFd: b.plan.core.heldDescriptor('net') }
  return {
    ...endRequest(a),
    ...upFlags(a.plan.up),
    master: a.plan.master,
    linkinfo: { kind, data: { ...data, peer } },
  }
}
