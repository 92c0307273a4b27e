// What the scenarios with names under /run/netns share. They run in a mount namespace whose /run is empty, as
// `names*.mjs SCENARIO`, with all privileges there, and end with 0 when all is as it should be.
import { execFile as execFileCallback } from 'node:child_process'
import { promisify } from 'node:util'
import { Namespace } from 'linux-namespaces'

export const execFile = promisify(execFileCallback)
export const directory = '/run/netns'

/** @param {string[]} args */
export const ip = async (...args) => (await execFile('ip', args)).stdout
export const ipNames = async () =>
  (await ip('netns', 'list'))
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || [])
    .sort()
export const ourNames = async () => (await Namespace.list()).map(({ name }) => name)

/**
 * Runs the scenario that the command line names.
 *
 * @param {Record<string, () => Promise<void>>} scenarios
 */
export async function runScenario(scenarios) {
  const [, , name = ''] = process.argv
  const scenario = scenarios[name]
  if (scenario === undefined) throw new Error(`no scenario '${name}'`)
  await scenario()
}
