// @ts-check
// npm run test:kernels -- [--all] [--update] [--jobs N] [KERNEL…] [FILE…]
// The kernel tests in virtual machines, on each of Debian's kernels: a kernel that cannot be fetched or does not boot has failed.
// The tree must be compiled. Last line: `N passed, N failed, N skipped`, over all kernels.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { root } from '../tools.mjs'
import { fetchKernel, kernels } from './fetch.mjs'
import { programPath } from './initramfs.mjs'
import { runInMachine } from './machine.mjs'

// Those that are about the kernel's answers rather than about this process; the rest is as on any other kernel.
const usual = [
  'smoke',
  'link-kinds',
  'link-change',
  'link-properties',
  'newer',
  'address-options',
  'neighbor-flags',
  'neighbor-table',
  'fdb-vxlan',
  'netconf',
  'nsids',
  'nexthop',
  'route-kinds',
  'rule',
  'stream.test',
]
const packages = 'qemu-system-x86 busybox-static kmod cpio xz-utils zstd'
const programs = ['qemu-system-x86_64', 'busybox', 'modprobe', 'depmod', 'cpio', 'xz', 'zstd', 'apt-get', 'dpkg-deb']

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    jobs: { type: 'string', default: `${Math.min(4, availableParallelism())}` },
  },
})
const named = positionals.filter((each) => Object.hasOwn(kernels, each))
const chosen = named.length > 0 ? named : Object.keys(kernels)
const files = positionals.filter((each) => !named.includes(each))
const jobs = Number(options.jobs)
if (!Number.isInteger(jobs) || jobs < 1) throw new TypeError(`--jobs is a number of machines, not '${options.jobs}'`)
const total = { passed: 0, failed: 0, skipped: 0 }

// Machines and their folders end with this process.
for (const signal of /** @type {const} */ (['SIGHUP', 'SIGINT', 'SIGTERM'])) process.once(signal, () => process.exit(1))

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`)

// Isolation of test files costs ten seconds for each where a processor is emulated.
const isolation = options.all ? [] : ['--no-isolate']
const tests = [...isolation, ...(files.length > 0 || options.all ? files : usual)]
const command = `
ulimit -n 65536
node scripts/test.mjs --project kernel --testTimeout=120000 --hookTimeout=120000 ${tests.join(' ')}
`

/** @param {string} name */
async function testOn(name) {
  const start = Date.now()
  let count = { passed: 0, failed: 0, skipped: 0 }
  let ending = ''
  let version = ''
  try {
    const kernel = fetchKernel(name, options)
    version = ` (${kernel.version})`
    say(`${name}: ${kernel.version} boots`)
    const env = {
      PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
      HOME: '/root',
      LC_ALL: 'C.UTF-8',
      CI: 'true',
      NO_COLOR: '1',
    }
    const { status, trouble } = await runInMachine(kernel, command, {
      cwd: root,
      env,
      onLine(line) {
        say(`${name} | ${line}`)
        const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line) ?? []
        if (passed !== undefined) count = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) }
      },
    })
    if (status === undefined) ending = `, the machine did not come to its end:\n${trouble}`
    else if (status !== 0) ending = `, exit status ${status}`
    if (status !== 0 || count.passed === 0) count.failed ||= 1
  } catch (error) {
    count.failed++
    ending = `: ${error instanceof Error ? error.message : error}`
  }
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += count[key]
  const seconds = Math.round((Date.now() - start) / 1000)
  return `${name}${version}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped, ${seconds} s${ending}`
}

const missing = programs.filter((name) => programPath(name) === '')
if (missing.length > 0) {
  say(`${missing.join(', ')} not found: apt-get install ${packages}`)
  total.failed++
} else {
  const queue = [...chosen]
  /** @type {string[]} */
  const summary = []
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) summary.push(await testOn(name))
  }
  await Promise.all(Array.from({ length: jobs }, work))
  for (const line of summary) say(line)
}
if (total.failed > 0 || (process.env.REQUIRE_ALL === '1' && total.skipped > 0)) process.exitCode = 1
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
