// @ts-check
// The same work by this library and by its peers, in turns. See README.md beside this file.

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { arch, cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isRoot } from './privilege.mjs'
import { table } from './report.mjs'
import { Session } from './session.mjs'
import { settled } from './settle.mjs'
import { compare } from './statistics.mjs'
import { workloads } from './workloads.mjs'

/**
 * @typedef {import('./types.js').Command} Command
 * @typedef {import('./types.js').Peer} Peer
 * @typedef {import('./types.js').PeerResult} PeerResult
 * @typedef {import('./types.js').Run} Run
 * @typedef {import('./types.js').Workload} Workload
 */

const peerNames = [...new Set(workloads.flatMap(({ peers }) => peers.map(({ name }) => name)))]

const usage = `usage: npm run bench -- [options]
  --rounds N         how often the peers take turns (default 5)
  --iterations N     runs of each peer in a round (default 15)
  --warmup N         unmeasured runs of each peer before the first round (default 50)
  --workload NAME    only this one: ${workloads.map(({ name }) => name).join(', ')}; may be given again
  --peer NAME        only this one: ${peerNames.join(', ')}; may be given again
  --json FILE        where the results go (default bench/results.json)
`

/**
 * @param {string} message
 * @returns {never}
 */
function refuse(message) {
  process.stderr.write(`${message}\n${usage}`)
  process.exit(2)
}

function options() {
  try {
    return parseArgs({
      options: {
        rounds: { type: 'string', default: '5' },
        iterations: { type: 'string', default: '15' },
        warmup: { type: 'string', default: '50' },
        workload: { type: 'string', multiple: true, default: workloads.map(({ name }) => name) },
        peer: { type: 'string', multiple: true, default: peerNames },
        json: { type: 'string', default: fileURLToPath(new URL('results.json', import.meta.url)) },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return refuse(reasonOf(error))
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
function count(name, text, least = 1) {
  const number = Number(text)
  if (!/^\d{1,6}$/.test(text) || number < least)
    refuse(`--${name} ${text}: it must be a number from ${least} to 999999`)
  return number
}

/** @param {unknown} error */
function reasonOf(error) {
  const text = error instanceof Error ? error.message : `${error}`
  return (text.trim().split('\n')[0] ?? '').replace(/\.$/, '')
}

const {
  rounds: roundsText,
  iterations: iterationsText,
  warmup: warmupText,
  workload: chosen,
  peer: chosenPeers,
  json,
  help,
} = options()
if (help) {
  process.stdout.write(usage)
  process.exit(0)
}
const rounds = count('rounds', roundsText)
const iterations = count('iterations', iterationsText)
const warmup = count('warmup', warmupText, 0)
for (const name of chosen)
  if (!workloads.some((each) => each.name === name)) refuse(`--workload ${name}: there is none`)
for (const name of chosenPeers) if (!peerNames.includes(name)) refuse(`--peer ${name}: there is none`)
// Better now than after a minute's work.
try {
  appendFileSync(json, '')
} catch (error) {
  refuse(`--json ${json}: ${reasonOf(error)}`)
}

const folder = mkdtempSync(join(tmpdir(), 'linux-namespaces-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
// Their programs end with their input, when this process does.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => process.exit(1))

let unsettled = 0
async function settle() {
  if (!(await settled())) unsettled++
}

/** A peer that runs, with what it has measured. */
class Contestant {
  /** @type {Session | undefined} */
  #session

  /**
   * @param {Workload} workload
   * @param {Peer} peer
   * @param {Command} command
   * @param {PeerResult} result
   */
  constructor(workload, peer, command, result) {
    this.workload = workload
    this.peer = peer
    this.command = command
    this.result = result
  }

  // A process that is ready to run: where the workload needs something to work on, it has it.
  async #start() {
    const session = new Session(this.command)
    if (!this.workload.makesNamespaces) await session.ask('hold')
    return session
  }

  // V8 compiles what runs often.
  async warmUp() {
    const { fresh, slow, perRound = warmup } = this.peer
    if (fresh || slow) return
    this.#session ??= await this.#start()
    const runs = Math.min(Math.ceil(warmup * this.workload.factor), perRound)
    for (let i = 0; i < runs; i++) await this.#session.ask('run')
  }

  async round() {
    const { makesNamespaces, factor } = this.workload
    const { fresh, slow, perRound = slow ? 1 : Number.POSITIVE_INFINITY } = this.peer
    /** @type {Run[]} */
    const runs = []
    if (slow && this.result.rounds.length > 0) return
    await settle()
    for (let i = 0; i < Math.min(Math.ceil(iterations * factor), perRound); i++) {
      if (fresh) await this.close()
      this.#session ??= await this.#start()
      if (makesNamespaces || fresh) await settle()
      runs.push(JSON.parse(await this.#session.ask('run')))
    }
    this.result.rounds.push(runs)
  }

  async close() {
    await this.#session?.close()
    this.#session = undefined
  }
}

/**
 * By how many bytes a process grows for each namespace when it makes them for the first time.
 *
 * @param {Command} command
 * @param {number} namespaces
 */
async function growth(command, namespaces) {
  const session = new Session(command)
  try {
    await session.ask('drop') // its answer says that the program has started
    const before = session.residentMemory()
    await session.ask('hold')
    return Math.max(0, Math.round((session.residentMemory() - before) / namespaces))
  } finally {
    await session.close()
  }
}

/**
 * Prepares a peer, has it build once and reads back what it built.
 *
 * @param {Workload} workload
 * @param {Peer} peer
 * @param {PeerResult} result
 * @returns {Promise<Contestant | undefined>} nothing when it cannot run here; the result says why
 */
async function admit(workload, peer, result) {
  /** @type {Session | undefined} */
  let session
  try {
    const command = await peer.prepare(folder)
    session = new Session(command)
    const { ask } = session
    await workload.verify(ask.bind(session), peer)
    result.verified = true
    if (workload.namespaces !== undefined && !peer.slow) {
      result.memory = await growth(command, workload.namespaces)
    }
    return new Contestant(workload, peer, command, result)
  } catch (error) {
    // It does something else than it claims: there is nothing to compare.
    if (error instanceof Error && error.name === 'AssertionError') {
      throw new Error(`${workload.name} by ${peer.title} is not what it claims: ${error.message}`, { cause: error })
    }
    if (peer.required) throw error
    result.skipped = reasonOf(error)
    return undefined
  } finally {
    await session?.close()
  }
}

/** @param {Workload} workload */
async function measure(workload) {
  const peers = workload.peers.filter(({ name }) => chosenPeers.includes(name))
  const results = peers.map(
    ({ name, title, differs }) => /** @type {PeerResult} */ ({ name, title, differs, verified: false, rounds: [] }),
  )
  /** @type {Contestant[]} */
  const contestants = []
  for (const [i, peer] of peers.entries()) {
    const contestant = await admit(workload, peer, /** @type {PeerResult} */ (results[i]))
    if (contestant !== undefined) contestants.push(contestant)
  }
  try {
    for (const contestant of contestants) await contestant.warmUp()
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`${workload.name}: round ${round} of ${rounds}\n`)
      for (const contestant of contestants) await contestant.round()
    }
  } finally {
    for (const contestant of contestants) await contestant.close()
  }
  compare(results)
  return { name: workload.name, title: workload.title, peers: results }
}

const measured = []
for (const workload of workloads) if (chosen.includes(workload.name)) measured.push(await measure(workload))

/** @type {import('./types.js').Results} */
const results = {
  date: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: cpus().length,
    kernel: release(),
    arch: arch(),
    node: process.versions.node,
  },
  root: isRoot,
  rounds,
  iterations,
  warmup,
  unsettled,
  workloads: measured,
}
process.stdout.write(`${table(results)}\n`)
writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
process.stdout.write(`Results as JSON: ${json}\n`)
