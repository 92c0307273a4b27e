// @ts-check
// Builds the addon with AddressSanitizer and UBSan, proves that it is what the library loads, and runs the tests of the addon
// with it, and those of the kernel tests that press it hardest. Arguments, to vitest, choose others.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root, run } from './tools.mjs'

run(process.execPath, ['scripts/build-cmake.mjs', '--sanitized'])

const runtime = execFileSync(process.env.CC ?? 'gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim()
const env = {
  ...process.env,
  LD_PRELOAD: runtime,
  LINUX_NAMESPACES_ADDON: join(root, 'build-sanitized/RelWithDebInfo/linux_namespaces.node'),
  LINUX_NAMESPACES_SANITIZED: '1',
  // Every child of a test inherits the runtime, `ip` and `strace` among them: their leaks are not ours to judge.
  ASAN_OPTIONS: `detect_leaks=0:abort_on_error=1:${process.env.ASAN_OPTIONS ?? ''}`,
  UBSAN_OPTIONS: `print_stacktrace=1:halt_on_error=1:abort_on_error=1:${process.env.UBSAN_OPTIONS ?? ''}`,
}

const proof = `
  import { readFileSync } from 'node:fs'
  import { Namespace, VethPair } from 'linux-namespaces'
  import { proveSanitized } from './scripts/sanitized-proof.mjs'
  for (let round = 0; round < 10; round++) {
    const a = await Namespace.create()
    const b = await Namespace.create({ types: ['net', 'uts'], hostname: 'b' })
    await VethPair.create({ namespace: a, addresses: ['10.0.0.1/24'] }, { namespace: b, addresses: ['10.0.0.2/24'] })
    await a.routes.list()
    a.close()
    b.close()
  }
  proveSanitized(readFileSync('/proc/self/maps', 'utf8'))
  console.log('the sanitized addon is the one that is loaded')
`
// It has no children, so here nothing may leak.
const leaks = { ...env, ASAN_OPTIONS: `${env.ASAN_OPTIONS}:detect_leaks=1` }
run(process.execPath, ['--input-type=module', '--eval', proof], leaks)
// Not those that measure memory, which the sanitizer keeps for itself, nor those that are about other programs.
const usual = [
  'native/',
  'smoke',
  'half-done',
  'limits',
  'workers',
  'lifecycle',
  'process',
  'socket',
  'syscalls',
  'batching',
]
const chosen = process.argv.length > 2 ? process.argv.slice(2) : usual
run(process.execPath, ['scripts/test.mjs', '--project', 'kernel', ...chosen], env)
