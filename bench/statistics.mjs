// @ts-check

/**
 * @typedef {import('./types.js').PeerResult} PeerResult
 * @typedef {import('./types.js').Run} Run
 * @typedef {import('./types.js').Summary} Summary
 */

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[sorted.length / 2 - 1] ?? Number.NaN)) / 2
}

/**
 * @param {readonly Run[][]} rounds
 * @param {'run' | 'close'} what
 */
function timesOf(rounds, what) {
  return rounds.map((runs) => runs.flatMap(({ [what]: time }) => (time === undefined ? [] : [time])))
}

/**
 * @param {readonly Run[][]} rounds
 * @param {'run' | 'close'} what
 * @returns {Summary | undefined} nothing where that was not measured
 */
export function summarize(rounds, what) {
  const times = timesOf(rounds, what).filter((round) => round.length > 0)
  const all = times.flat()
  if (all.length === 0) return undefined
  return { median: median(times.map(median)), fastest: Math.min(...all), slowest: Math.max(...all), runs: all.length }
}

/**
 * Compared within each round, so that a machine that slows down from round to round slows both.
 *
 * @param {readonly Run[][]} rounds
 * @param {readonly Run[][] | undefined} reference
 */
function ratio(rounds, reference) {
  if (reference === undefined) return undefined
  const [own, other] = [timesOf(rounds, 'run'), timesOf(reference, 'run')]
  const ratios = own.flatMap((times, i) => {
    const against = other[i]
    return times.length === 0 || against === undefined || against.length === 0 ? [] : [median(times) / median(against)]
  })
  return ratios.length === 0 ? undefined : median(ratios)
}

/**
 * Fills in the summaries and ratios.
 *
 * @param {PeerResult[]} peers
 */
export function compare(peers) {
  const roundsOf = (/** @type {string} */ name) => peers.find((peer) => peer.name === name)?.rounds
  for (const peer of peers) {
    const found = {
      run: summarize(peer.rounds, 'run'),
      close: summarize(peer.rounds, 'close'),
      ratioToC: ratio(peer.rounds, roundsOf('c')),
      ratioToLibrary: ratio(peer.rounds, roundsOf('library')),
    }
    Object.assign(peer, Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)))
  }
}
