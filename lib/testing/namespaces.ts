import { type LinkEnd, VethPair } from '../links/veth.js'
import type { CreateOptions } from '../namespace/create.js'
import { Namespace } from '../namespace/namespace.js'
import { type RequirementError, requireAll, requirementOf } from './requirement.js'

/** Two namespaces and the cable between them. */
export interface NamespacePair {
  /** Its `eth0` has 10.0.0.1/24 and fd00::1/64. */
  readonly left: Namespace
  /** Its `eth0` has 10.0.0.2/24 and fd00::2/64. */
  readonly right: Namespace
  /** `veth.a` is left's link, `veth.b` is right's. */
  readonly veth: VethPair
}

/** What to do differently in {@link Namespaces.pair}. */
export interface PairOptions {
  /** Of left's end: other addresses, a name, … */
  left?: Partial<Omit<LinkEnd, 'namespace'>>
  /** Of right's end. */
  right?: Partial<Omit<LinkEnd, 'namespace'>>
  /** Of both namespaces. */
  namespace?: CreateOptions
}

/**
 * The namespaces of a test: what is made here is closed with it, and described when the test fails.
 *
 * @example
 * const router = await namespaces.create({ sysctl: { 'net.ipv4.ip_forward': 1 } })
 */
export class Namespaces implements Disposable {
  readonly #made = new Set<Namespace>()
  #skip: (reason: string) => void

  /** @internal */
  constructor(skip: (reason: string) => void = () => {}) {
    this.#skip = skip
  }

  /**
   * Makes a namespace, with the options of {@link Namespace.create}.
   *
   * @throws RequirementError where this process may make none and the test cannot be skipped, or `REQUIRE_ALL=1`
   * @throws what `Namespace.create` throws for other reasons
   */
  async create(options?: CreateOptions): Promise<Namespace> {
    const made = await this.need(Namespace.create(options))
    this.#made.add(made)
    return made
  }

  /** Makes two namespaces with a veth pair between them, up and addressed. Throws as {@link create}. */
  async pair({ left = {}, right = {}, namespace }: PairOptions = {}): Promise<NamespacePair> {
    const a = await this.create(namespace)
    const b = await this.create(namespace)
    const veth = await VethPair.create(
      { name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'], ...left, namespace: a },
      { name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64'], ...right, namespace: b },
    )
    return { left: a, right: b, veth }
  }

  /**
   * Waits for something that this machine may not permit or know. Then the test is skipped, and the reason names the fix; with the
   * environment variable `REQUIRE_ALL=1` it fails. Every other error is thrown as it is.
   *
   * @throws RequirementError where the test cannot be skipped, or `REQUIRE_ALL=1`
   * @example
   * const vlan = await namespaces.need(ns.links.create({ kind: 'vlan', link: 'eth0', id: 5 }))
   */
  async need<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      const missing = requirementOf(error)
      if (missing === undefined) throw error
      throw this.#miss(missing)
    }
  }

  #miss(missing: RequirementError): RequirementError {
    // A runner's own skip ends the test by throwing.
    if (!requireAll()) this.#skip(missing.message)
    return missing
  }

  /** From now on another test is skipped where something is missing. @internal */
  skipWith(skip: (reason: string) => void): void {
    this.#skip = skip
  }

  /** What those that are open look like: their links, addresses, routes, neighbours and sockets, as text. */
  async describe(): Promise<string> {
    const open = [...this.#made].filter((ns) => !ns.closed)
    const texts = open.map((ns) => ns.describe().catch((error: unknown) => `a namespace that tells nothing: ${error}`))
    return (await Promise.all(texts)).join('\n')
  }

  /** Closes them; those that the test has closed itself are none the worse. */
  close(): void {
    for (const ns of this.#made) ns.close()
    this.#made.clear()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Adds what the namespaces looked like to the error of a failed test, as a test runner prints it. */
export function attach(error: { message?: unknown; stack?: unknown }, text: string): void {
  const message = typeof error.message === 'string' ? error.message : ''
  const added = `${message}\n\nThe namespaces of this test when it failed:\n${text}`
  // The stack repeats the message, and some reports show only that.
  if (typeof error.stack === 'string') error.stack = error.stack.replace(message, () => added)
  error.message = added
}
