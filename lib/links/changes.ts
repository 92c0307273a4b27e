import { checkBoolean, checkInteger, checkKeys, checkObject, invalidArgument } from '../errors/argument.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { NetlinkError } from '../netlink/error.js'
import { slaveKinds } from '../netlink/messages/kinds/index.js'
import type { LinkKind, LinkMessage, LinkRequest, SlaveKind } from '../netlink/messages/link.js'
import {
  type Data,
  dataOf,
  infoOf,
  type KindAttributes,
  linksIn,
  type PortAttributes,
  withIndexes,
} from './attributes.js'
import { type FlagChanges, flagFields } from './flags.js'
import { bridgeFeatures } from './kernel-options.js'
import { type CommonLinkOptions, commonOptions, linkAttributesOf } from './options.js'
import { type LinkReference, resolveLinks } from './reference.js'

/** Options of a port, by the kind of its master: `{ kind: 'bridge', isolated: 1 }`. */
export type PortChanges = { [K in SlaveKind]: { kind: K } & PortAttributes<K> }[SlaveKind]

/** What can be changed of a link of whatever kind. */
export interface LinkChanges
  extends Omit<CommonLinkOptions, 'addresses' | 'txQueues' | 'rxQueues' | 'master' | 'up'>,
    FlagChanges {
  /** The bridge (or other master) it becomes a port of; null lets go of it. */
  master?: LinkReference | null
  /**
   * The attributes that its master gives it, as `ip link set … type bridge_slave …` has them, by the kernel's names and as numbers.
   * Those of a bridge's port by the names of `bridge link`, and as true and false: {@link Bridge.setPort}.
   */
  port?: PortChanges
  /**
   * Says whether packets can pass: of a link that has a carrier, `'dormant'` (not yet) or `'testing'`, and back to `'up'`. The
   * kernel passes over what does not apply.
   */
  operState?: 'up' | 'dormant' | 'testing'
  /** What becomes of `operState` when the carrier comes. */
  linkMode?: 'default' | 'dormant'
  /** Gives and takes the carrier of links that have none of their own: dummies and a few others. */
  carrier?: boolean
  /** Keeps it down, whatever `up` says, for an error of a protocol; of links that know of it: macvlans, VXLANs. */
  protoDown?: boolean
  /** Why it is kept down, in bits with a meaning of one's own: `value` of those that are 1 in `mask` (all by default). */
  protoDownReason?: { mask?: number; value: number }
  /** How it makes its IPv6 link-local address. */
  addrGenMode?: 'eui64' | 'none' | 'stablePrivacy' | 'random'
}

/** Changes of a link of a kind, with the kernel's attributes of the kind; bytes for a kind without a format. */
export type KindChanges<K extends string> = LinkChanges & { kind: K } & (K extends LinkKind
    ? KindAttributes<K>
    : { data?: Uint8Array })

const { addresses: _, txQueues: __, rxQueues: ___, ...changeable } = commonOptions

const changeKeys: Readonly<Record<keyof LinkChanges | 'kind', true>> = {
  ...changeable,
  kind: true,
  promisc: true,
  allmulticast: true,
  multicast: true,
  arp: true,
  port: true,
  operState: true,
  linkMode: true,
  carrier: true,
  protoDown: true,
  protoDownReason: true,
  addrGenMode: true,
}

// Of these the kernel takes what is not given for zero, and not as it was; `ip` reads them before it changes them, too.
const wholeKinds: ReadonlySet<string> = new Set([
  'erspan',
  'gre',
  'gretap',
  'ip6erspan',
  'ip6gre',
  'ip6gretap',
  'ip6tnl',
  'ipip',
  'sit',
  'vti',
  'vti6',
  'xfrm',
])

function oneOf<const T extends string>(name: string, value: T | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined || allowed.includes(value)) return value
  throw invalidArgument(name, value, `it must be one of ${allowed.join(', ')}`)
}

function bit(name: string, value: boolean | undefined): number | undefined {
  if (value === undefined) return undefined
  checkBoolean(name, value)
  return value ? 1 : 0
}

function reasonOf(reason: LinkChanges['protoDownReason']): LinkRequest['protoDownReason'] {
  if (reason === undefined) return undefined
  const { mask, value } = checkObject('protoDownReason', reason)
  return {
    mask: mask === undefined ? undefined : checkInteger('protoDownReason.mask', mask, 0, 0xffff_ffff),
    value: checkInteger('protoDownReason.value', value, 0, 0xffff_ffff),
  }
}

function commonChanges({ master: _, ...changes }: LinkChanges): LinkRequest {
  const addrGenMode = oneOf('addrGenMode', changes.addrGenMode, ['eui64', 'none', 'stablePrivacy', 'random'])
  return {
    ...linkAttributesOf(changes, ''),
    ...flagFields(changes),
    operstate: oneOf('operState', changes.operState, ['up', 'dormant', 'testing']),
    linkmode: oneOf('linkMode', changes.linkMode, ['default', 'dormant']),
    carrier: bit('carrier', changes.carrier),
    protoDown: bit('protoDown', changes.protoDown),
    protoDownReason: reasonOf(changes.protoDownReason),
    afSpec: addrGenMode === undefined ? undefined : { inet6: { addrGenMode } },
  }
}

/** Changes of a link as the kernel takes them, in the order in which they are to be made. */
export interface ChangePlan {
  first: LinkRequest
  /** What the link becomes to its master, which is the new one by then. */
  port?: { kind: SlaveKind; request: LinkRequest }
}

/**
 * Checks changes, and finds the links that they name; a promise only where one has to be asked for.
 *
 * @param read reads the link, for changes that need to know what it is like
 */
export function planChanges(
  core: NamespaceCore,
  changes: LinkChanges & { kind?: string },
  read: () => Promise<LinkMessage>,
  limits: Limits | undefined,
): ChangePlan | Promise<ChangePlan> {
  const { kind, master, port } = checkObject('changes', changes)
  const common = commonChanges(changes)
  const own = kind === undefined ? undefined : ownOf(kind, changes)
  if (own === undefined) checkKeys('changes', changes, changeKeys)
  const portKind = port === undefined ? undefined : checkPortKind(port)
  const inside = port === undefined ? undefined : withoutKind(port)
  // Attributes of ports have other names than those of kinds.
  const links = { ...linksIn(own), ...linksIn(inside), master: master ?? undefined }
  const finish = (
    indexes: Readonly<Record<string, number | undefined>>,
    before: LinkMessage | undefined,
  ): ChangePlan => {
    const first = master === undefined ? common : { ...common, master: indexes.master ?? 0 }
    if (kind !== undefined && own !== undefined) {
      const data = withIndexes(own, indexes)
      first.linkinfo = infoOf(kind, before === undefined ? data : { ...dataIn(before, kind), ...data })
    }
    if (portKind === undefined || inside === undefined) return { first }
    const slaveData = withIndexes(inside, indexes) as NonNullable<LinkRequest['linkinfo']>['slaveData']
    return { first, port: { kind: portKind, request: { linkinfo: { slaveKind: portKind, slaveData } } } }
  }
  const indexes = resolveLinks<string>(core, links, limits)
  if (kind === undefined || !wholeKinds.has(kind))
    return indexes instanceof Promise ? indexes.then((found) => finish(found, undefined)) : finish(indexes, undefined)
  return Promise.all([indexes, read()]).then(([found, before]) => finish(found, before))
}

function ownOf(kind: string, changes: LinkChanges): Data {
  if (typeof kind !== 'string' || kind === '') throw invalidArgument('kind', kind, 'it must be the name of a kind')
  return dataOf(kind, changes, (name) => !Object.hasOwn(changeKeys, name))
}

// What a link tells about itself as one of this kind.
function dataIn({ linkinfo }: LinkMessage, kind: string): object {
  return linkinfo?.kind !== kind || linkinfo.data instanceof Uint8Array ? {} : { ...linkinfo.data }
}

function withoutKind({ kind: _, ...data }: PortChanges): Readonly<Record<string, unknown>> {
  return data
}

function checkPortKind(port: PortChanges): SlaveKind {
  const { kind } = checkObject('port', port)
  if (typeof kind === 'string' && Object.hasOwn(slaveKinds, kind)) return kind
  throw invalidArgument('port.kind', kind, `it must be the kind of a master: ${Object.keys(slaveKinds).join(', ')}`)
}

/** What to do about a change of a kind's attributes that the kernel would not make. */
export function changeHint(kind: string, { code, kernelMessage }: NetlinkError): string | undefined {
  if (code !== 'EOPNOTSUPP' || kernelMessage !== undefined) return undefined
  const hint = `It is no link of kind '${kind}', or one of this kind cannot be changed once it is made`
  return kind === 'bridge' ? `${hint}, or the kernel is built without ${bridgeFeatures}` : hint
}
