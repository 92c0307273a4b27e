import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Names that the schemas and the rest of lib/ use come from these.
const headers = [
  'stddef.h',
  'stdio.h',
  'errno.h',
  'fcntl.h',
  'poll.h',
  'sched.h',
  'netinet/in.h',
  'sys/file.h',
  'sys/ioctl.h',
  'sys/mount.h',
  'sys/pidfd.h',
  'sys/prctl.h',
  'sys/socket.h',
  'linux/capability.h',
  'linux/magic.h',
  'linux/nsfs.h',
  'linux/sockios.h',
  'linux/fib_rules.h',
  'linux/if.h',
  'linux/if_arp.h',
  'linux/if_bonding.h',
  'linux/if_bridge.h',
  'linux/if_ether.h',
  'linux/if_tun.h',
  'linux/if_tunnel.h',
  'linux/if_vlan.h',
  'linux/ip6_tunnel.h',
  'linux/can/vxcan.h',
  'linux/icmpv6.h',
  'linux/lwtunnel.h',
  'linux/net_namespace.h',
  'linux/netconf.h',
  'linux/netlink.h',
  'linux/nexthop.h',
  'linux/rtnetlink.h',
  'linux/veth.h',
  'linux/version.h',
]

/**
 * Computes C expressions with the system's headers: one number each, undefined for what the headers do not know.
 * Two runs of the compiler at most: the first one tells about everything unknown, by line.
 */
export function evaluate(expressions: readonly string[]): (number | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'netlink-headers-'))
  try {
    const values = new Array<number | undefined>(expressions.length).fill(undefined)
    const unknown = compile(folder, expressions, new Set())
    if (unknown.size > 0 && compile(folder, expressions, unknown).size > 0)
      throw new Error('the second run failed, too')
    const output = spawnSync(join(folder, 'probe'), { encoding: 'utf8' })
    if (output.status !== 0) throw new Error(`the probe failed: ${output.stderr}`)
    for (const line of output.stdout.trim().split('\n')) {
      const [index, value] = line.split(' ').map(Number)
      if (index !== undefined) values[index] = value
    }
    return values
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function compile(folder: string, expressions: readonly string[], without: ReadonlySet<number>): Set<number> {
  // NHA_OP_FLAG_* are made with BIT, which only the kernel's own headers have.
  const lines = [
    '#define _GNU_SOURCE',
    '#define BIT(n) (1U << (n))',
    ...headers.map((header) => `#include <${header}>`),
  ]
  const first = lines.length
  // One function and one line per expression: the compiler tells of an unknown name once per function.
  for (const [index, expression] of expressions.entries()) {
    const body = without.has(index) ? '0' : `printf("${index} %lld\\n", (long long)(${expression}))`
    lines.push(`static void probe${index}(void) { ${body}; }`)
  }
  lines.push('int main(void) {', ...expressions.map((_, index) => `probe${index}();`), 'return 0; }')
  writeFileSync(join(folder, 'probe.c'), `${lines.join('\n')}\n`)
  const arguments_ = [
    '-fmax-errors=0',
    '-Werror=implicit-function-declaration',
    '-ftrack-macro-expansion=0',
    '-o',
    'probe',
    'probe.c',
  ]
  const result = spawnSync('cc', arguments_, { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
  if (result.error !== undefined) throw result.error
  const failed = new Set<number>()
  for (const [, line] of result.stderr.matchAll(/^probe\.c:(\d+):\d+: error:/gm)) failed.add(Number(line) - 1 - first)
  if (result.status !== 0 && failed.size === 0) throw new Error(result.stderr)
  return failed
}
