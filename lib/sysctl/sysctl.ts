import { constants } from 'node:fs'
import { invalidArgument } from '../errors/argument.js'
import type { Program } from '../executor/program.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { privileged } from '../namespace/privilege.js'
import { AT_FDCWD, O_CLOEXEC } from '../native/constants.js'
import { sysctlPath } from './path.js'

const sizeLimit = 4096
const decoder = new TextDecoder()

/** Refuses a value that is neither text nor a number. */
export function checkSysctlValue(name: string, value: unknown): void {
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return
  throw invalidArgument(name, value, 'a sysctl is set to a string or a number')
}

// The kernel asks for root of the host there, whoever owns the uts or ipc namespace.
function hint(code: string): string | undefined {
  if (code !== 'EACCES' || privileged) return undefined
  return 'An ordinary user can change the settings under net in their own namespaces; a host name is set by create({ hostname })'
}

/** Adds to a program, already inside the namespace, the writing of one setting. */
export function writeSysctl(program: Program, name: string, value: string | number): void {
  const path = sysctlPath(name)
  const fd = program.call('openat', [AT_FDCWD, path, constants.O_WRONLY | O_CLOEXEC], {
    descriptor: 'temporary',
    path,
    hint,
  })
  const text = program.bytes(new TextEncoder().encode(`${value}`))
  program.call('write', [fd, text, text.length], { path })
}

/**
 * The kernel settings of a namespace: those under `net`, and for root `kernel`'s where it has its own uts or ipc namespace.
 */
export class Sysctl {
  readonly #core: NamespaceCore

  /** @internal */
  constructor(core: NamespaceCore) {
    this.#core = core
  }

  /**
   * Reads a setting.
   *
   * @param name as sysctl(8) takes it: `'net.ipv4.ip_forward'`; a dot within an interface's name is written `/`
   * @returns the value as text, without the newline at its end
   * @throws {@link SystemError} `ENOENT` when this kernel has no such setting
   * @example
   * await ns.sysctl.get('net.ipv4.conf.all.forwarding') // '0'
   */
  async get(name: string, limits?: Limits): Promise<string> {
    const path = sysctlPath(name)
    const { steps, values } = await this.#core.visit(
      `reading ${name}`,
      (program) => {
        const fd = program.call('openat', [AT_FDCWD, path, constants.O_RDONLY | O_CLOEXEC], {
          descriptor: 'temporary',
          path,
        })
        const memory = program.memory(sizeLimit)
        return { memory, read: program.call('read', [fd, memory, memory.length], { path }) }
      },
      limits,
    )
    return decoder.decode(values.read(steps.memory).subarray(0, values.of(steps.read))).replace(/\n$/, '')
  }

  /**
   * Changes a setting in this namespace alone.
   *
   * @param name as for {@link get}
   * @throws {@link SystemError} `ENOENT` when this kernel has no such setting, `EINVAL` when it refuses the value, `EACCES`
   * or `EPERM` when an ordinary user may not change it
   * @example
   * await ns.sysctl.set('net.ipv4.ip_forward', 1)
   */
  async set(name: string, value: string | number, limits?: Limits): Promise<void> {
    sysctlPath(name)
    checkSysctlValue(name, value)
    await this.#core.visit(`setting ${name} to ${value}`, (program) => writeSysctl(program, name, value), limits)
  }
}
