import { randomInt } from 'node:crypto'
import { isIP } from 'node:net'
import type { NamespaceCore } from '../namespace/core.js'
import { ask } from './ask.js'
import type { HostAddress } from './hosts.js'
import { type AddressType, codes, type Reply, sameName } from './message.js'
import type { NameServer, ResolverSettings } from './resolv-conf.js'

// So many aliases in a row are followed, over all answers.
const longestChain = 16

/** No server has given an answer; `errors` says what each one did instead. */
export class NoAnswerError extends AggregateError {}

function inTurn(servers: readonly NameServer[], rotate: boolean): NameServer[] {
  const first = rotate ? randomInt(servers.length) : 0
  return [...servers.slice(first), ...servers.slice(0, first)]
}

const codeNames = new Map<number, string>(Object.entries(codes).map(([name, code]) => [code, name]))

/** One answer: there are such records, or there are none. */
async function question(
  core: NamespaceCore,
  name: string,
  type: AddressType,
  settings: ResolverSettings,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const { servers, attempts, rotate, timeout, useTcp } = settings
  const errors: unknown[] = []
  const order = inTurn(servers, rotate)
  for (let round = 0; round < attempts; round++) {
    for (const server of order) {
      try {
        const reply = await ask(core, server, { name, type }, { timeout, useTcp, signal })
        if (reply.code === codes.NOERROR || reply.code === codes.NXDOMAIN) return reply
        const code = codeNames.get(reply.code) ?? `code ${reply.code}`
        errors.push(new Error(`${server.address} answers ${code} for ${type} of '${name}'`))
      } catch (error) {
        signal?.throwIfAborted()
        core.handle.check()
        errors.push(error)
      }
    }
  }
  const words = errors.map((error) => (error instanceof Error ? error.message : `${error}`)).join('; ')
  throw new NoAnswerError(errors, words)
}

/** The addresses of one type that the servers give a full name, aliases (CNAME) followed. */
async function addressesOf(
  core: NamespaceCore,
  name: string,
  type: AddressType,
  settings: ResolverSettings,
  signal: AbortSignal | undefined,
): Promise<HostAddress[]> {
  let current = name
  for (let followed = 0; followed <= longestChain; ) {
    const asked = current
    const { answers } = await question(core, asked, type, settings, signal)
    for (; followed <= longestChain; followed++) {
      const alias = answers.find((answer) => answer.type === 'CNAME' && sameName(answer.name, current))
      if (alias === undefined) break
      current = alias.data
    }
    const found = answers.filter((answer) => answer.type === type && sameName(answer.name, current))
    // An answer that ends with an alias leaves its target to another question.
    if (found.length > 0 || sameName(current, asked))
      return found.map(({ data }) => ({ address: data, family: isIP(data) }))
  }
  return []
}

/**
 * The addresses of a full name, of IPv6 first; none where there is no such name.
 *
 * @param family 4, 6, or 0 for both
 * @throws {@link NoAnswerError}
 */
export async function resolveName(
  core: NamespaceCore,
  name: string,
  family: number,
  settings: ResolverSettings,
  signal: AbortSignal | undefined,
): Promise<HostAddress[]> {
  const types: AddressType[] = []
  if (family !== 4 && !settings.noAaaa) types.push('AAAA')
  if (family !== 6) types.push('A')
  const results = await Promise.allSettled(types.map((type) => addressesOf(core, name, type, settings, signal)))
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  const failed = results.find((result) => result.status === 'rejected')
  if (found.length === 0 && failed !== undefined) throw failed.reason
  return found
}
