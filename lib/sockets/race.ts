/** An error of several: Node's AggregateError with the `code` of the first. */
function aggregate(errors: readonly unknown[], message: string): unknown {
  if (errors.length === 1) return errors[0]
  const [first] = errors
  const code = first instanceof Error && 'code' in first ? { code: first.code } : {}
  return Object.assign(new AggregateError(errors, message), code)
}

/**
 * Tries one candidate after the other, the next one when one fails or after `delay` milliseconds beside those under way, until
 * one succeeds: "Happy Eyeballs" (RFC 8305, section 5). The others are then aborted, and one that succeeds all the same is
 * discarded.
 *
 * @throws the error of the only candidate, or an AggregateError of all; the signal's reason when it is aborted
 */
export function race<Candidate, Result>(
  candidates: readonly Candidate[],
  attempt: (candidate: Candidate, signal: AbortSignal) => Promise<Result>,
  options: { delay: number; signal: AbortSignal; message: string; discard: (result: Result) => void },
): Promise<Result> {
  const { delay, signal, message, discard } = options
  const losers = new AbortController()
  const errors: unknown[] = []
  let next = 0
  let failed = 0
  let over = false
  let timer: NodeJS.Timeout | undefined
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      over = true
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      losers.abort(signal.reason)
      settle()
    }
    const abort = () => end(() => reject(signal.reason))
    const lost = (index: number, error: unknown) => {
      if (over) return
      errors[index] = error
      failed++
      if (next < candidates.length) begin()
      else if (failed === candidates.length) end(() => reject(aggregate(errors, message)))
    }
    const begin = () => {
      clearTimeout(timer)
      const index = next++
      if (next < candidates.length) timer = setTimeout(begin, delay)
      attempt(candidates[index] as Candidate, losers.signal).then(
        (result) => (over ? discard(result) : end(() => resolve(result))),
        (error: unknown) => lost(index, error),
      )
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    begin()
  })
}

/** Addresses of the family of the first one and of the other by turns (RFC 8305, section 4). */
export function interleave<T extends { family: number }>(addresses: readonly T[]): T[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family)
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family)
  const longest = Math.max(first.length, others.length)
  return Array.from({ length: longest }, (_, i) => [...first.slice(i, i + 1), ...others.slice(i, i + 1)]).flat()
}
