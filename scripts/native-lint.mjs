// @ts-check
// clang-format on every native file and clang-tidy on every native source; the last line counts the files.
// `--fix-format` only formats, in place.

import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { root, run, runChecks } from './tools.mjs'

const exec = promisify(execFile)

const files = readdirSync(join(root, 'native'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(cc|h)$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .sort()

/**
 * What a linter has against a file; nothing if the linter is content.
 *
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string | undefined>}
 */
async function complaint(command, args) {
  try {
    await exec(command, args, { cwd: root })
    return undefined
  } catch (error) {
    const { message, stdout, stderr } = /** @type {Error & { stdout?: string, stderr?: string }} */ (error)
    return `${stdout ?? ''}${stderr ?? ''}` || message
  }
}

/** Two at a time: clang-tidy takes seconds for a file. */
async function lintAll() {
  const jobs = [
    ...files.map((file) => ({ command: 'clang-format', args: ['--dry-run', '-Werror', file] })),
    ...files
      .filter((file) => !file.endsWith('.h'))
      .map((file) => ({ command: 'clang-tidy', args: ['--quiet', '-p', 'build-cmake', file] })),
  ]
  /** @type {[string, () => void][]} */
  const results = []
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const text = await complaint(job.command, job.args)
      const name = `${job.command} ${job.args.at(-1)}`
      results.push([
        name,
        () => {
          if (text !== undefined) throw text
        },
      ])
    }
  }
  await Promise.all([work(), work()])
  return results
}

if (process.argv.includes('--fix-format')) {
  run('clang-format', ['-i', ...files])
} else {
  run(process.execPath, ['scripts/build-cmake.mjs', '--configure'])
  await runChecks(await lintAll())
}
