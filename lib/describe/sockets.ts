import { closeSync, constants, readFileSync } from 'node:fs'
import { endianness } from 'node:os'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import { AT_FDCWD, O_CLOEXEC } from '../native/constants.js'
import { formatIp } from '../netlink/codec/index.js'

// The states of include/net/tcp_states.h, from 1 on.
const states = [
  ...['established', 'syn-sent', 'syn-received', 'fin-wait-1', 'fin-wait-2', 'time-wait', 'closed', 'close-wait'],
  ...['last-ack', 'listening', 'closing', 'syn-received', 'bound'],
]
const established = 1

const protocols = ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6'] as const

/** The sockets of a network stack, a line each: `tcp listening 0.0.0.0:80`, `udp 10.0.0.1:53 to 10.0.0.2:4711`. */
export async function describeSockets(core: NamespaceCore, limits: Limits): Promise<string[]> {
  const { steps, values } = await core.visit(
    'reading the sockets',
    (program) =>
      protocols.map((protocol) => {
        const path = `/proc/thread-self/net/${protocol}`
        const opened = program.call('openat', [AT_FDCWD, path, constants.O_RDONLY | O_CLOEXEC], {
          descriptor: 'keep',
          path,
          // A kernel without IPv6.
          mayFail: true,
        })
        return { protocol, opened }
      }),
    limits,
    ['net'],
  )
  return steps.flatMap(({ protocol, opened }) => {
    const fd = values.of(opened)
    if (fd < 0) return []
    // An open file shows the stack in which it was opened, whoever reads it.
    addon.release(fd)
    try {
      return socketLines(protocol, readFileSync(fd, 'utf8'))
    } finally {
      closeSync(fd)
    }
  })
}

/** The lines of /proc/net/tcp and its like, in words. */
export function socketLines(protocol: string, table: string): string[] {
  return table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/)
      const number = Number.parseInt(state, 16)
      const word = protocol.startsWith('tcp') ? ` ${states[number - 1] ?? number}` : ''
      const peer = number === established || /[^0:]/.test(remote) ? ` to ${endpoint(remote)}` : ''
      return `${protocol}${word} ${endpoint(local)}${peer}`
    })
}

// '0100007F:0050': the address as words in the byte order of this machine, the port as a number.
function endpoint(text: string): string {
  const [words = '', port = ''] = text.split(':')
  const bytes = Buffer.from(words, 'hex')
  if (endianness() === 'LE') bytes.swap32()
  const address = formatIp(bytes)
  return `${bytes.length === 16 ? `[${address}]` : address}:${Number.parseInt(port, 16)}`
}
