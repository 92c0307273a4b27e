import { constants } from 'node:fs'
import { invalidArgument } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import type { Program, ProgramResult } from '../executor/program.js'
import { privileged } from '../namespace/privilege.js'
import { AT_FDCWD, EINVAL, O_CLOEXEC } from '../native/constants.js'
import { sysctlPath } from './path.js'

// The kernel reads no more at once than fits into a page of 4096 bytes with a NUL, and passes over the rest.
const longestWrite = 4095
// __NEW_UTS_LEN: it cuts them there.
const longestName = 64

const encoder = new TextEncoder()

/** Refuses a value that is neither text nor a number, and one of which the kernel would lose a part. */
export function checkSysctlValue(name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (typeof value !== 'string') throw invalidArgument(name, value, 'a sysctl is set to a string or a number')
  const length = Buffer.byteLength(value)
  if (/\/kernel\/(hostname|domainname)$/.test(sysctlPath(name)) && length > longestName)
    throw invalidArgument(name, value, `it has at most ${longestName} bytes, not ${length}`)
  if (length > longestWrite && !isList(value))
    throw invalidArgument(name, value, `the kernel takes at most ${longestWrite} bytes of it, not ${length}`)
}

// A set of numbers, `1,5-7`, is the one form of which the kernel adds further writes to the first.
function isList(text: string): boolean {
  return /^\d+(-\d+)?(,\d+(-\d+)?)+\n?$/.test(text)
}

function* partsOf(text: string): Generator<string> {
  let rest = text
  while (rest.length > longestWrite && isList(rest)) {
    const end = rest.lastIndexOf(',', longestWrite)
    yield rest.slice(0, end)
    rest = rest.slice(end + 1)
  }
  yield rest
}

// The kernel asks for root of the host there, whoever owns the uts or ipc namespace.
function hint(code: string): string | undefined {
  if (code !== 'EACCES' || privileged) return undefined
  return 'An ordinary user can change the settings under net in their own namespaces; a host name is set by create({ hostname })'
}

/** Tells whether the kernel took the whole of a value. */
export interface SysctlWritten {
  check(result: ProgramResult): void
}

/** Adds to a program, already inside the namespace, the writing of one setting. */
export function writeSysctl(program: Program, name: string, value: string | number): SysctlWritten {
  const path = sysctlPath(name)
  const fd = program.call('openat', [AT_FDCWD, path, constants.O_WRONLY | O_CLOEXEC], {
    descriptor: 'temporary',
    path,
    hint,
  })
  const writes = [...partsOf(`${value}`)].map((part) => {
    const text = program.bytes(encoder.encode(part))
    return { step: program.call('write', [fd, text, text.length], { path }), length: text.length }
  })
  return {
    check(result) {
      for (const { step, length } of writes) {
        const taken = result.of(step)
        if (taken >= length) continue
        const details = { syscall: 'write', operation: `setting ${name} to ${value}`, path }
        throw new SystemError(EINVAL, { ...details, hint: `The kernel has taken only the first ${taken} bytes of it` })
      }
    },
  }
}
