// @ts-check
// What the scripts share: the package root, running a program, the closing line.

import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Runs a program in the package root with this terminal; ends this process with the program's status if it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function run(command, args, env = process.env) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' })
  if (status === 0) return
  const reason = error?.message ?? (signal === null ? `exit status ${status}` : signal)
  process.stderr.write(`${command} ${args.join(' ')}: ${reason}\n`)
  process.exit(status ?? 1)
}

/**
 * The path of a development dependency's program.
 *
 * @param {string} name
 */
export function bin(name) {
  return `${root}/node_modules/.bin/${name}`
}

/**
 * A list of named checks, run one after another; the last line says how many passed and failed.
 *
 * @param {[name: string, check: () => void | Promise<void>][]} checks
 */
export async function runChecks(checks) {
  let failed = 0
  for (const [name, check] of checks) {
    try {
      await check()
      process.stdout.write(`ok      ${name}\n`)
    } catch (error) {
      failed++
      process.stdout.write(`FAILED  ${name}\n${error instanceof Error ? error.stack : error}\n`)
    }
  }
  process.exitCode = failed === 0 ? 0 : 1
  process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`)
}
