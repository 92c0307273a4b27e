// Runs another test runner on a project, as a user of the package would.
import { execFile } from 'node:child_process'
import { expect } from 'vitest'
import { allPids, namespaceOf } from './processes.js'

export interface Run {
  status: number
  /** Both streams, without colours. */
  output: string
}

/** Runs Node in a folder of this repository, to its end. */
export function runNode(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const inherited = { ...process.env }
  // What this runner tells its own workers is not for the other one.
  for (const name of Object.keys(inherited)) {
    if (/^(VITEST|TEST$|NODE_V8|NODE_TEST|REQUIRE_ALL|JEST_|NODE_ENV|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/.test(name))
      delete inherited[name]
  }
  const options = { cwd, env: { ...inherited, NO_COLOR: '1', CI: '', ...env } }
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code ?? -1)
      resolve({ status, output: `${stdout}${stderr}` })
    })
  })
}

/** No process is left in these network namespaces. */
export function expectGone(namespaces: string[]): void {
  expect(allPids().filter((pid) => namespaces.includes(namespaceOf(pid)))).toEqual([])
}
