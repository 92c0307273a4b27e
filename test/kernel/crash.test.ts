// Whatever is under way when the process is killed: the kernel takes it all back, and nothing has to be swept up.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { firstOutput } from '../helpers/child.js'
import { ipLinks } from '../helpers/ip.js'
import { allPids, isAlive } from '../helpers/processes.js'
import { until } from '../helpers/until.js'

const program = fileURLToPath(new URL('../programs/storm.mjs', import.meta.url))
const marker = `LINUX_NAMESPACES_STORM=${process.pid}`
const rounds = 12
const env = { ...process.env, LINUX_NAMESPACES_STORM: String(process.pid) }

/** The living processes that a storm has started, itself included: all have its environment. */
function stormPids(): number[] {
  return allPids().filter((pid) => {
    try {
      return isAlive(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(marker)
    } catch {
      return false // another user's, or gone
    }
  })
}

/** The processes that own a namespace, as lsns(8) sees them. */
function ownersOfNamespaces(): number[] {
  const { stdout } = spawnSync('lsns', ['-J', '-o', 'PID'], { encoding: 'utf8' })
  return (JSON.parse(stdout).namespaces as { pid: number }[]).map(({ pid }) => pid)
}

async function killLater(storm: ChildProcess, round: number): Promise<void> {
  await firstOutput(storm)
  // Spread over the time that one building takes, so that every stage of it is met.
  await sleep(20 * round + 20 * Math.random())
  expect(storm.exitCode).toBeNull()
  const exit = once(storm, 'exit')
  storm.kill('SIGKILL')
  expect(await exit).toEqual([null, 'SIGKILL'])
}

test.each(Array.from({ length: rounds }, (_, round) => round))(
  'killed while building fifty namespaces (%i), it leaves no process and no mount',
  async (round) => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    const storm = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    await killLater(storm, round)
    await until('no process of it is left', () => stormPids().length === 0, 2000)
    expect(ownersOfNamespaces()).not.toContain(storm.pid)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mounts)
  },
)

test.each(Array.from({ length: rounds }, (_, round) => round))(
  'killed while building fifty namespaces (%i), the kernel has none of them left',
  async (round) => {
    using witness = await Namespace.create()
    // In there it is root, of this process's user namespace at least, and may link to where it is.
    const storm = witness.spawn(process.execPath, [program, 'witnessed'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    await killLater(storm, round)
    // The other end of each veth pair goes when its namespace does.
    const isOver = async () => (await ipLinks(witness)).length === 1 && stormPids().length === 0
    await until('only loopback is left, and no process', isOver, 2000)
  },
)

test('the storm builds what it is to build', async () => {
  using witness = await Namespace.create()
  const storm = witness.spawn(process.execPath, [program, 'witnessed'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await firstOutput(storm)
  await until('all are linked to the witness', async () => (await witness.links.list()).length >= 51)
  const exit = once(storm, 'exit')
  storm.kill('SIGKILL')
  await exit
  await until('only loopback is left', async () => (await witness.links.list()).length === 1, 2000)
})
