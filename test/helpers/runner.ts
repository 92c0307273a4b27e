// Runs another test runner on a project under test/integrations, as a user of the package would.
import { execFile } from 'node:child_process'
import { join } from 'node:path'

export interface Run {
  status: number
  /** Both streams, without colours. */
  output: string
}

/** Runs a program of Node's to its end. */
export function runNode(project: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const inherited = { ...process.env }
  // What this runner tells its own workers is not for the other one.
  for (const name of Object.keys(inherited)) {
    if (/^(VITEST|TEST$|NODE_V8|NODE_TEST|REQUIRE_ALL|NODE_ENV|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/.test(name))
      delete inherited[name]
  }
  const cwd = join('test', 'integrations', project)
  const options = { cwd, env: { ...inherited, NO_COLOR: '1', CI: '', ...env } }
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code ?? -1)
      resolve({ status, output: `${stdout}${stderr}` })
    })
  })
}

/** The names of a run's tests by how they ended, from a report with lines such as `✓ name`. */
export const countOf = (output: string, pattern: RegExp) => [...output.matchAll(pattern)].length
