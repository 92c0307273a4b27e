import { template } from './template.js'

const mostPlans = 1000

/**
 * Knows which keys objects have had, to make the next one with all its keys at once. In a dump nearly all objects have
 * the same attributes in the same order, and V8 is slow at adding dozens of keys one by one: beyond twelve it turns the
 * object into a hash table. A plan is one sequence of attributes; each of its successors is one attribute longer.
 */
export class Plan {
  private readonly next: (Plan | undefined)[]
  private seen = false
  private blank: (() => Record<string, unknown>) | undefined

  private constructor(
    private readonly keys: readonly string[],
    private readonly budget: { left: number; types: number },
  ) {
    this.next = new Array(budget.types).fill(undefined)
  }

  /** @param types one more than the largest number of an attribute */
  static root(keys: Iterable<string>, types: number): Plan {
    return new Plan([...keys], { left: mostPlans, types })
  }

  /** The plan with one attribute more. (Strange data may use up the plans that may be kept; then it is this one again.) */
  with(type: number, name: string): Plan {
    return this.next[type] ?? this.add(type, name)
  }

  /** A new object; from the second time on it has all keys of the plan, whose values are to be overwritten. */
  object(): Record<string, unknown> {
    if (this.blank !== undefined) return this.blank()
    if (this.seen) this.blank = template(this.keys)
    this.seen = true
    return {}
  }

  private add(type: number, name: string): Plan {
    if (this.budget.left === 0) return this
    this.budget.left--
    const plan = new Plan([...this.keys, name], this.budget)
    this.next[type] = plan
    return plan
  }
}
