import { checkFamily, type Family } from '../addresses/family.js'
import { checkObject, invalidArgument } from '../errors/argument.js'
import { type Limits, limitKeys } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { DumpStream } from '../netlink/dump-stream.js'
import { NetlinkError } from '../netlink/error.js'
import { messageFlags } from '../netlink/messages/constants.js'
import { type RuleRequest, ruleMessage } from '../netlink/messages/rule.js'
import { type NetlinkRequest, request } from '../netlink/request.js'
import { Table } from '../netlink/table.js'
import type { RouteProtocol, RouteTable } from '../routes/route.js'
import { type Rule, type RuleAction, type RuleOptions, ruleOf, ruleValue } from './rule.js'

/** Which rules to list: those of which all this holds. */
export interface RuleFilter extends Limits {
  family?: Family
  priority?: number
  /** The table they look in. */
  table?: RouteTable
  action?: RuleAction
  protocol?: RouteProtocol
}

const filterKeys: Readonly<Record<keyof RuleFilter, true>> = {
  family: true,
  priority: true,
  table: true,
  action: true,
  protocol: true,
  ...limitKeys,
}

const { NLM_F_CREATE, NLM_F_EXCL, NLM_F_DUMP } = messageFlags

const table = new Table<RuleFilter, Rule>({
  keys: filterKeys,
  reading(_core, { family, priority, table: of, action, protocol }) {
    const wanted = Object.entries({ priority, table: of, action, protocol }).filter(([, value]) => value !== undefined)
    const value: RuleRequest = { family: family === undefined ? 'unspec' : checkFamily(family) }
    return {
      dumps: [request('RTM_GETRULE', ruleMessage, value, { flags: NLM_F_DUMP, words: 'the rules' })],
      read: ruleOf,
      // The kernel filters by family only.
      keep: (rule) => wanted.every(([name, given]) => rule[name as keyof Rule] === given),
    }
  },
})

const usersDenied =
  'Users are only taken from a process in the user namespace that the stack belongs to: run `ip rule add uidrange …` by execFile'

/** The rules of a namespace: which routing table the kernel looks a packet up in. */
export class Rules {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Adds a rule, or many: those of an array go to the kernel together.
   *
   * Kernel: RTM_NEWRULE.
   *
   * @throws {@link NetlinkError} `EEXIST` when there is the same one, `EINVAL` with the kernel's explanation, `EOPNOTSUPP` when
   * the kernel lacks l3mdev, `EPERM` for a `uidRange` in a stack that a user namespace owns, as those of an ordinary user. Of an array, the first error; the other rules are added.
   * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for bad options
   * @example
   * await ns.rules.add({ from: '10.1.0.0/16', table: 100, priority: 1000 })
   * await ns.rules.add({ fwmark: 1, family: 'inet6', action: 'blackhole' })
   * await ns.rules.add({ table: 'main', suppressPrefixLength: 0 }) // its default route does not count
   */
  async add(rule: RuleOptions | readonly RuleOptions[], limits?: Limits): Promise<void> {
    const requests = listOf(rule).map((options) => {
      const value = ruleValue(options)
      const { action = 'lookup', l3mdev } = value
      if ((action === 'goto') !== (value.goto !== undefined))
        throw invalidArgument('goto', value.goto, "it belongs to the action 'goto'")
      // The table of an l3mdev rule is its device's.
      const table = action === 'lookup' && l3mdev === undefined ? (value.table ?? 'main') : value.table
      const whole: RuleRequest = { ...value, action, table }
      const hint = ({ code }: NetlinkError) =>
        code === 'EPERM' && value.uidRange !== undefined ? usersDenied : undefined
      const about = { flags: NLM_F_CREATE | NLM_F_EXCL, words: wordsOf(value), hint }
      return request('RTM_NEWRULE', ruleMessage, whole, about)
    })
    await this.#send(requests, limits)
  }

  /**
   * Deletes a rule, or many: the first one of its family that has everything that is given.
   *
   * Kernel: RTM_DELRULE.
   *
   * @throws {@link NetlinkError} `ENOENT` when there is none
   * @example
   * await ns.rules.delete({ priority: 1000 })
   */
  async delete(rule: RuleOptions | readonly RuleOptions[], limits?: Limits): Promise<void> {
    const requests = listOf(rule).map((key) => {
      const value = ruleValue(key)
      return request('RTM_DELRULE', ruleMessage, value, { words: wordsOf(value) })
    })
    await this.#send(requests, limits)
  }

  /**
   * The rules there are, of both families, in the order in which they are tried.
   *
   * Kernel: RTM_GETRULE.
   *
   * @example
   * const rules = await ns.rules.list({ family: 'inet', table: 100 })
   */
  async list(filter: RuleFilter = {}): Promise<Rule[]> {
    return table.list(this.#core, filter)
  }

  /**
   * The same one after the other, in little memory; see {@link Routes.stream}.
   *
   * @example
   * for await (const { priority, table } of ns.rules.stream({ family: 'inet' })) console.log(priority, table)
   */
  stream(filter: RuleFilter = {}): DumpStream<Rule> {
    return table.stream(this.#core, filter)
  }

  /**
   * Deletes all rules that {@link list} gives for this filter but those of priority 0, as `ip rule flush` does: without a filter
   * only the lookup in the local table is left.
   */
  async flush(filter: RuleFilter = {}): Promise<void> {
    const { signal, timeout } = checkObject('filter', filter)
    const rules = (await this.list(filter)).filter(({ priority }) => priority !== 0)
    await this.#core.withConnection(async (connection) => {
      const deletions = rules.map(({ message }) => {
        // What the kernel tells about a rule describes it.
        const { unknown: _, pad: __, ...value } = message
        const words = wordsOf(value)
        return connection.request(request('RTM_DELRULE', ruleMessage, value, { words }), { signal, timeout })
      })
      for (const result of await Promise.allSettled(deletions)) {
        // Somebody else was faster.
        if (result.status === 'rejected' && !isGone(result.reason)) throw result.reason
      }
    })
  }

  async #send(requests: readonly NetlinkRequest[], limits: Limits | undefined): Promise<void> {
    await this.#core.withConnection((connection) =>
      Promise.all(requests.map((each) => connection.request(each, limits))),
    )
  }
}

function listOf<T>(input: T | readonly T[]): readonly T[] {
  return Array.isArray(input) ? input : [input as T]
}

function wordsOf({ family, priority, src, srcLen, dst, dstLen }: RuleRequest): string {
  const parts = [`${family === 'inet6' ? 'IPv6' : 'IPv4'} rule`]
  if (priority !== undefined) parts.push(String(priority))
  if (src !== undefined) parts.push(`from ${src}/${srcLen}`)
  if (dst !== undefined) parts.push(`to ${dst}/${dstLen}`)
  return parts.join(' ')
}

function isGone(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'ENOENT'
}
