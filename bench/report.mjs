// @ts-check

/**
 * @typedef {import('./types.js').PeerResult} PeerResult
 * @typedef {import('./types.js').Results} Results
 */

/** @param {number | undefined} milliseconds */
function time(milliseconds) {
  if (milliseconds === undefined) return '-'
  return milliseconds < 0.1 ? `${(milliseconds * 1000).toFixed(1)} µs` : `${milliseconds.toFixed(2)} ms`
}

/** @param {number | undefined} value */
function times(value) {
  return value === undefined ? '-' : `${value.toFixed(2)}×`
}

/**
 * @param {number} count
 * @param {string} noun
 */
function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** @param {number | undefined} bytes */
function kilobytes(bytes) {
  return bytes === undefined ? '-' : `${(bytes / 1024).toFixed(1)} KB`
}

/** @type {{ heading: string, cell: (peer: PeerResult) => string }[]} */
const columns = [
  { heading: '', cell: ({ title }) => title },
  { heading: 'median', cell: ({ run, skipped }) => (skipped === undefined ? time(run?.median) : 'not run') },
  { heading: 'fastest', cell: ({ run }) => time(run?.fastest) },
  { heading: 'to C', cell: ({ ratioToC }) => times(ratioToC) },
  { heading: 'to this library', cell: ({ ratioToLibrary }) => times(ratioToLibrary) },
  { heading: 'closing', cell: ({ close }) => time(close?.median) },
  { heading: 'memory for each', cell: ({ memory }) => kilobytes(memory) },
]

/**
 * The columns in which any peer has something, as rows of equal width.
 *
 * @param {readonly PeerResult[]} peers
 */
function align(peers) {
  const filled = columns.filter(({ cell }) => peers.some((peer) => cell(peer) !== '-'))
  const rows = [filled.map(({ heading }) => heading), ...peers.map((peer) => filled.map(({ cell }) => cell(peer)))]
  const widths = filled.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (/** @type {string[]} */ row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')
  const [head, ...body] = rows.map((row) => `| ${line(row)} |`)
  return [head, `| ${rule} |`, ...body].join('\n')
}

/**
 * The results as Markdown.
 *
 * @param {Results} results
 */
export function table(results) {
  const { machine, root, rounds, iterations, warmup, unsettled } = results
  const sections = results.workloads.map(({ name, title, peers }) => {
    const notes = peers.map((peer) =>
      peer.skipped === undefined ? `- ${peer.title}: ${peer.differs}.` : `- ${peer.title}: not run: ${peer.skipped}.`,
    )
    return `### ${name}: ${title}\n\n${align(peers)}\n\n${notes.join('\n')}\n`
  })
  const about =
    `${results.date.slice(0, 10)}, ${machine.cpu} (${machine.cpus} CPUs), Linux ${machine.kernel} ${machine.arch}, ` +
    `Node ${machine.node}, ${root ? 'as root' : 'as an ordinary user'}; ${counted(rounds, 'round')} of ${counted(iterations, 'iteration')} after ${counted(warmup, 'run')} to warm up.`
  const doubt =
    unsettled === 0
      ? []
      : [`The kernel was still taking down namespaces at ${unsettled} of the runs: something else is at work here.\n`]
  return [about, '', ...sections, ...doubt].join('\n')
}
