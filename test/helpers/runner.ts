// Runs another test runner on a project, as a user of the package would.
import { spawn } from 'node:child_process'
import { Namespace } from 'linux-namespaces'
import { expect } from 'vitest'
import { ending } from './child.js'
import { allPids, namespaceOf } from './processes.js'

export interface Run {
  status: number
  /** Both streams, without colours. */
  output: string
}

/** Runs Node in a folder of this repository, to its end, and in a namespace if one is given. */
export async function runNode(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}, ns?: Namespace): Promise<Run> {
  const inherited = { ...process.env }
  // What this runner tells its own workers is not for the other one.
  for (const name of Object.keys(inherited)) if (ours.test(name)) delete inherited[name]
  const options = { cwd, env: { ...inherited, NO_COLOR: '1', CI: '', ...env } }
  const child = ns === undefined ? spawn(process.execPath, args, options) : ns.spawn(process.execPath, args, options)
  const { code, stdout, stderr } = await ending(child)
  return { status: code ?? -1, output: `${stdout}${stderr}` }
}

const ours = /^(VITEST|JEST_|TEST$|NODE_V8|NODE_TEST|REQUIRE_ALL|NODE_ENV|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/

/** A namespace whose user, though root in it, may make no network namespaces. */
export function namespaceWithout(): Promise<Namespace> {
  return Namespace.create({ types: ['net', 'user'], sysctl: { 'user.max_net_namespaces': 0 } })
}

/** No process is left in these network namespaces. */
export function expectGone(namespaces: string[]): void {
  expect(allPids().filter((pid) => namespaces.includes(namespaceOf(pid)))).toEqual([])
}
