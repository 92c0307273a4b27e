import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Whether there is such a process, and it has not ended (a zombie has). */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'Z')
  } catch {
    return false
  }
}

/** The command line of a process, or nothing. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}

/** The namespace of a process, `'net:[4026532281]'`, or nothing. */
export function namespaceOf(pid: number | 'self', type = 'net'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${type}`)
  } catch {
    return ''
  }
}

/** All processes that this one may see. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}
