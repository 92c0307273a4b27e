// What a program and the kernel say to each other over netlink, read out of strace.
import { execFile as execFileCallback } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execFile = promisify(execFileCallback)

/** The messages of one send, and all that was received before the next one. */
export interface Trip {
  requests: Message[]
  replies: Message[]
  /** How many calls of recvfrom it took, with those that found nothing. */
  receives: number
}

/** The head of a netlink message. */
export interface Message {
  type: number
  flags: number
  sequence: number
}

// Of sockets in other namespaces strace knows that they speak netlink, but not of what.
const names: Record<string, number> = {
  NLM_F_REQUEST: 1,
  NLM_F_MULTI: 2,
  NLM_F_ACK: 4,
  NLM_F_DUMP_INTR: 0x10,
  NLM_F_DUMP_FILTERED: 0x20,
  NLM_F_CAPPED: 0x100,
  NLM_F_DUMP: 0x300,
  NLM_F_ACK_TLVS: 0x200,
  NLMSG_NOOP: 1,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
}

function numberOf(text: string): number {
  const parts = text.split('|').map((part) => names[part] ?? Number(part))
  return parts.reduce((sum, part) => sum | part, 0)
}

// strace splits a call in two lines where another thread's comes in between.
function wholeLines(trace: string): string[] {
  const begun = new Map<string, string>()
  return trace.split('\n').flatMap((line) => {
    const [pid = ''] = line.split(' ', 1)
    if (line.endsWith('<unfinished ...>')) {
      begun.set(pid, line.slice(0, -'<unfinished ...>'.length).trimEnd())
      return []
    }
    const resumed = /<\.\.\. \w+ resumed>(.*)$/.exec(line)
    return resumed === null ? [line] : [`${begun.get(pid) ?? ''} ${resumed[1]}`.replace(', , ', ', ')]
  })
}

// But for the head of the request that an error repeats.
const head = /(?<!msg=)\{nlmsg_len=\d+, nlmsg_type=(\w+)[^,]*, nlmsg_flags=([\w|]+)[^,]*, nlmsg_seq=(\d+)/g

function messagesIn(line: string): Message[] {
  return [...line.matchAll(head)].map(([, type = '', flags = '', sequence]) => ({
    type: numberOf(type),
    flags: numberOf(flags),
    sequence: Number(sequence),
  }))
}

/** Runs a program of test/programs under strace. */
export async function trace(program: string, ...args: string[]): Promise<{ stdout: string; trips: Trip[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'wire-'))
  const file = join(folder, 'trace')
  const path = fileURLToPath(new URL(`../programs/${program}`, import.meta.url))
  const options = ['-f', '-o', file, '-s', '1000000', '-e', 'trace=sendto,recvfrom', '-e', 'signal=none']
  try {
    const { stdout } = await execFile('strace', [...options, process.execPath, path, ...args])
    const trips: Trip[] = []
    for (const line of wholeLines(readFileSync(file, 'latin1'))) {
      const last = trips.at(-1)
      if (/^\d+ +sendto\(/.test(line)) trips.push({ requests: messagesIn(line), replies: [], receives: 0 })
      else if (last !== undefined && /^\d+ +recvfrom\(/.test(line)) {
        last.receives++
        last.replies.push(...messagesIn(line))
      }
    }
    return { stdout, trips }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
