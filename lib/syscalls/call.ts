import { SystemError } from '../errors/system-error.js'
// Starts the native thread while the calling one is still where the process began.
import '../native/jobs.js'
import { addon, type SyscallArgument, type SyscallName } from '../native/addon.js'

/** Makes a system call on the calling thread. `hint` says what to do instead, by the error. */
export function call(
  name: SyscallName,
  args: SyscallArgument[],
  details: { path?: string; operation?: string; hint?: (errno: number) => string | undefined } = {},
): number {
  const result = addon.syscall(addon.numbers[name], ...args)
  if (result >= 0) return result
  const { hint, ...rest } = details
  throw new SystemError(-result, { syscall: name, ...rest, hint: hint?.(-result) })
}
