// @ts-check
// Peers that have to be compiled first.

import { execFile } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const cache = fileURLToPath(new URL('../node_modules/.cache/bench/', import.meta.url))

/**
 * A folder that keeps what compilers want to find again; else the bench's own, which goes with it.
 *
 * @param {string} folder
 */
export function cacheOr(folder) {
  try {
    mkdirSync(cache, { recursive: true })
    accessSync(cache, constants.W_OK)
    return cache
  } catch {
    return folder
  }
}

/**
 * Runs a compiler. What it lacks is named by the package of Debian that brings it.
 *
 * @param {string} packages
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 */
export async function compile(packages, file, args, { cwd, env = {} } = {}) {
  try {
    await promisify(execFile)(file, args, { cwd, env: { ...process.env, ...env } })
  } catch (error) {
    const { message, stderr = '' } = /** @type {Error & { stderr?: string }} */ (error)
    const reason = stderr.trim().split('\n')[0] || message
    throw new Error(`${reason} (apt-get install ${packages})`, { cause: error })
  }
}

/**
 * Calls `make` at the first call only: several workloads are measured with one program.
 *
 * @template T
 * @param {(folder: string) => Promise<T>} make
 */
export function once(make) {
  /** @type {Promise<T> | undefined} */
  let made
  return (/** @type {string} */ folder) => {
    made ??= make(folder)
    return made
  }
}
