import { type BridgePort, bridgePortOf } from '../bridge/port.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { ValueReader } from '../netlink/codec/layout.js'
import { type LinkMessage, linkMessage } from '../netlink/messages/link.js'
import type { Reply } from '../netlink/request.js'
import { decodeLink, InNamespace } from './reference.js'

/** Counters of a link since it was made. */
export type LinkStats = NonNullable<LinkMessage['stats64']>

/** Names of a link's flags, those of `ip link` in lower case; numbers for those without a name. */
export type LinkFlags = LinkMessage['flags']

/** An XDP program on a link. */
export interface LinkXdp {
  /** Where it runs: `'skb'` (generic), `'drv'` (the driver), `'hw'` (the card), or `'multi'` of these. */
  readonly mode: NonNullable<NonNullable<LinkMessage['xdp']>['attached']>
  /** The program's number, as `bpftool prog` shows it; undefined where several modes have one each: see `message.xdp`. */
  readonly programId?: number
}

type Readers = { [K in keyof LinkMessage]?: ValueReader<LinkMessage[K]> }

// Of many links, few things are asked: made when first needed.
const readers: Readers = {}

function readerOf<K extends keyof LinkMessage>(name: K): ValueReader<LinkMessage[K]> {
  readers[name] ??= linkMessage.reader(name) as Readers[K]
  return readers[name] as ValueReader<LinkMessage[K]>
}

/** What can be read of a link: a snapshot. */
export abstract class LinkProperties extends InNamespace {
  // What the kernel said last; undefined when it has been read, whole, into the message.
  #reply: Reply | undefined
  #message: LinkMessage | undefined

  /** @internal */
  constructor(core: NamespaceCore, reply: Reply) {
    super(core)
    this.#reply = reply
  }

  /** Everything the kernel said about it, by the kernel's own names. */
  get message(): LinkMessage {
    if (this.#message === undefined || this.#reply !== undefined) {
      this.#message = decodeLink(this.#reply as Reply)
      this.#reply = undefined
    }
    return this.#message
  }

  /** @internal What is known about it from now on. */
  protected heard(news: Reply | LinkMessage | undefined): void {
    if (news === undefined || 'bytes' in news) this.#reply = news
    else this.#message = news
  }

  #read<K extends keyof LinkMessage>(name: K): LinkMessage[K] {
    const reply = this.#reply
    return reply === undefined ? this.message[name] : readerOf(name)(reply.bytes, reply.start, reply.end)
  }

  /** Its name, 1 to 15 bytes, unique in its namespace. */
  get name(): string {
    return this.#read('ifname') ?? ''
  }

  /** Its number, unique in its namespace while it lives. */
  get index(): number {
    return this.#read('index')
  }

  /** What it is: `'veth'`, `'bridge'`, …; undefined for hardware and for the loopback device. */
  get kind(): string | undefined {
    return this.#read('linkinfo')?.kind
  }

  /** Its link-layer address, `'02:00:00:00:00:01'`; undefined where its kind has none. */
  get mac(): string | undefined {
    return this.#read('address')
  }

  /** Its broadcast address, `'ff:ff:ff:ff:ff:ff'`; of a point-to-point link, the other end's. */
  get broadcast(): string | undefined {
    return this.#read('broadcast')
  }

  /** The address that its hardware has, whatever {@link mac} is; undefined for virtual links. */
  get permanentMac(): string | undefined {
    return this.#read('permAddress')
  }

  /** Bytes of the largest packet it takes. */
  get mtu(): number {
    return this.#read('mtu') ?? 0
  }

  /** The least {@link mtu} that it can be given. */
  get minMtu(): number {
    return this.#read('minMtu') ?? 0
  }

  /** The greatest {@link mtu} that it can be given; 0 where its kind has no limit of its own. */
  get maxMtu(): number {
    return this.#read('maxMtu') ?? 0
  }

  /** `'up'`, `'lowerUp'`, `'broadcast'`, … */
  get flags(): LinkFlags {
    return this.#read('flags')
  }

  /** Whether it has been set up (which says nothing about its carrier: see {@link operState}). */
  get isUp(): boolean {
    return this.flags.includes('up')
  }

  /** Whether packets can pass, as RFC 2863 has it: `'up'`, `'down'`, `'lowerlayerdown'`, `'unknown'` (loopback), … */
  get operState(): LinkMessage['operstate'] {
    return this.#read('operstate')
  }

  /** What becomes of {@link operState} when the carrier comes: `'up'` by `'default'`, or `'dormant'`, until somebody sets it. */
  get linkMode(): LinkMessage['linkmode'] {
    return this.#read('linkmode')
  }

  /** Whether it has a carrier, such as a veth whose other end is up. */
  get hasCarrier(): boolean {
    return this.#read('carrier') === 1
  }

  /** How many times the carrier has come or gone. */
  get carrierChanges(): number {
    return this.#read('carrierChanges') ?? 0
  }

  /** Whether a program keeps it down because of an error of its protocol. */
  get protoDown(): boolean {
    return this.#read('protoDown') === 1
  }

  /** How many have asked for all packets: programs, bridges, … */
  get promiscuity(): number {
    return this.#read('promiscuity') ?? 0
  }

  /** How many have asked for all multicast packets; Linux 6.0. */
  get allmulti(): number {
    return this.#read('allmulti') ?? 0
  }

  /** The index of the bridge or other master that it is a port of. */
  get master(): number | undefined {
    return this.#read('master')
  }

  /** What it is as the port of a bridge; undefined when it is none. Changed by {@link Bridge.setPort}. */
  get port(): BridgePort | undefined {
    return bridgePortOf(this.message)
  }

  /** The index of the link beneath it or, of a veth, of the other end, which may be in another namespace. */
  get parent(): number | undefined {
    return this.#read('link')
  }

  /** The number by which its namespace knows that of {@link parent}, where that is another one: see `Namespace.prototype.nsids`. */
  get linkNsid(): number | undefined {
    return this.#read('linkNetnsid')
  }

  /** Its description; undefined when it has none. */
  get alias(): string | undefined {
    return this.#read('ifalias')
  }

  /** Its alternative names. */
  get altNames(): readonly string[] {
    return this.#read('propList')?.altIfname ?? []
  }

  /** Its group; 0 for most. */
  get group(): number {
    return this.#read('group') ?? 0
  }

  /** How many packets its queue holds. */
  get txQueueLength(): number {
    return this.#read('txqlen') ?? 0
  }

  /** How many transmit queues it has. */
  get txQueues(): number {
    return this.#read('numTxQueues') ?? 0
  }

  /** How many receive queues it has. */
  get rxQueues(): number {
    return this.#read('numRxQueues') ?? 0
  }

  /** The name of its queueing discipline: `'noqueue'`, `'fq_codel'`, … */
  get qdisc(): string | undefined {
    return this.#read('qdisc')
  }

  /** Bytes of the largest packet that it is given to send in segments. */
  get gsoMaxSize(): number | undefined {
    return this.#read('gsoMaxSize')
  }

  /** Segments of such a packet at most. */
  get gsoMaxSegs(): number | undefined {
    return this.#read('gsoMaxSegs')
  }

  /** Bytes of the largest packet that is put together of what it receives; Linux 5.19. */
  get groMaxSize(): number | undefined {
    return this.#read('groMaxSize')
  }

  /** {@link gsoMaxSize} for IPv4; Linux 6.3. */
  get gsoIpv4MaxSize(): number | undefined {
    return this.#read('gsoIpv4MaxSize')
  }

  /** {@link groMaxSize} for IPv4; Linux 6.3. */
  get groIpv4MaxSize(): number | undefined {
    return this.#read('groIpv4MaxSize')
  }

  /** Bytes of the largest packet that it can segment itself, the most of {@link gsoMaxSize}; Linux 5.19. */
  get tsoMaxSize(): number | undefined {
    return this.#read('tsoMaxSize')
  }

  /** Segments that it can make of a packet; Linux 5.19. */
  get tsoMaxSegs(): number | undefined {
    return this.#read('tsoMaxSegs')
  }

  /** How it makes its IPv6 link-local address; undefined where there is no IPv6. */
  get addrGenMode(): NonNullable<NonNullable<LinkMessage['afSpec']>['inet6']>['addrGenMode'] {
    return this.#read('afSpec')?.inet6?.addrGenMode
  }

  /** The XDP program on it; undefined when there is none. */
  get xdp(): LinkXdp | undefined {
    const { attached = 'none', progId } = this.#read('xdp') ?? {}
    return attached === 'none' ? undefined : { mode: attached, ...(progId !== undefined && { programId: progId }) }
  }

  /** Counters of packets, bytes and errors. */
  get stats(): LinkStats | undefined {
    return this.#read('stats64')
  }
}
