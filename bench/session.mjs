// @ts-check
// A peer's program, kept alive over the rounds. It reads a word a line and answers each with one line:
//
//   hold    build what the workload is about and keep it: {"paths":[…]}, under which the bench finds the namespaces
//   where   (exec) run `readlink /proc/self/ns/net` the way /bin/true is run: what it prints is the answer
//   run     the measured operation: {"run":MS} or {"run":MS,"close":MS}
//   drop    give up what is held, if anything is: {}
//
// The end of its input ends it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const answerLimitMs = 180_000

export class Session {
  #child
  #lines
  #ended
  #errors = ''

  /** @param {import('./types.js').Command} command */
  constructor({ file, args }) {
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors += text
    })
    this.#child.stdin.on('error', () => {}) // it ended early: the missing answer says so
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#errors += error.message
        resolve(undefined)
      })
      this.#child.on('close', resolve)
    })
  }

  /**
   * Asks and waits for the answer. Throws what the program wrote to its standard error when it ends instead.
   *
   * @param {string} word
   */
  async ask(word) {
    this.#child.stdin.write(`${word}\n`)
    const timer = setTimeout(() => {
      this.#errors += `no answer to '${word}' within ${answerLimitMs / 1000} s`
      this.#child.kill('SIGKILL')
    }, answerLimitMs)
    const { value, done } = await this.#lines.next()
    clearTimeout(timer)
    if (!done) return value
    await this.#ended
    throw new Error(this.#errors.trim() || `it ended without an answer to '${word}'`)
  }

  /** Bytes of memory that the process has in use, as the kernel counts them. */
  residentMemory() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
  }

  async close() {
    this.#child.stdin.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), answerLimitMs)
    await this.#ended
    clearTimeout(timer)
  }
}

/**
 * The other side, for programs in JavaScript.
 *
 * @param {Record<string, () => Promise<object | undefined>>} words what to do at each word; its result is the answer
 */
export async function serve(words) {
  for await (const line of createInterface({ input: process.stdin })) {
    const act = words[line]
    if (act === undefined) throw new Error(`unknown word '${line}'`)
    const answer = await act()
    if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 */
export async function succeeded(child) {
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${signal ?? `status ${code}`}`)
}
