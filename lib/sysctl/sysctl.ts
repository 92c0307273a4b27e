import { constants } from 'node:fs'
import { invalidArgument } from '../errors/argument.js'
import type { Program } from '../executor/program.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { privileged } from '../namespace/privilege.js'
import type { NamespaceType } from '../namespace/types.js'
import { AT_FDCWD, O_CLOEXEC } from '../native/constants.js'
import { checkHome, homeOf } from './home.js'
import { sysctlPath } from './path.js'

// Nearly all are shorter; one of the longest, a list of 32,768 ports, has 190 KB.
const usualSize = 4096
const largestSize = 1024 * 1024
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

// Settings under `user` are those of the user namespace that a process is in, which is entered for nothing else.
function typesFor(core: NamespaceCore, name: string): readonly NamespaceType[] | undefined {
  return homeOf(name) === 'user' && core.descriptors.has('user') ? ['user'] : undefined
}

/**
 * The kernel settings of a namespace: those under `net`; for root also `kernel`'s where it has its own uts or ipc namespace,
 * and those under `user` where it has its own user namespace. What a namespace has not of its own it reads outside, of this
 * process's own namespaces (an ordinary user's `user`: of the user namespace that all of theirs share), and cannot change.
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
    // In one read: of some lists a second one would give nothing.
    for (let size = usualSize; ; size *= 16) {
      const bytes = await this.#read(name, size, limits)
      if (bytes.length < size || size >= largestSize) return decoder.decode(bytes).replace(/\n$/, '')
    }
  }

  /**
   * Changes a setting in this namespace alone. Of {@link Namespace.current}, those that it shares with the whole machine, too.
   *
   * @param name as for {@link get}
   * @throws {@link SystemError} `ENOENT` when this kernel has no such setting, `EINVAL` when it refuses the value, `EACCES`
   * or `EPERM` when an ordinary user may not change it
   * @throws Error `ERR_NAMESPACE_TYPE` for a setting that the namespace does not have of its own, so that it would be changed
   * for others: of a type of namespace that it lacks, or of the whole machine
   * @example
   * await ns.sysctl.set('net.ipv4.ip_forward', 1)
   */
  async set(name: string, value: string | number, limits?: Limits): Promise<void> {
    sysctlPath(name)
    checkSysctlValue(name, value)
    this.#core.handle.check()
    if (!this.#core.current) checkHome(name, [...this.#core.descriptors.keys()])
    const write = (program: Program) => writeSysctl(program, name, value)
    await this.#core.visit(`setting ${name} to ${value}`, write, limits, typesFor(this.#core, name))
  }

  async #read(name: string, size: number, limits: Limits | undefined): Promise<Uint8Array> {
    const path = sysctlPath(name)
    const { steps, values } = await this.#core.visit(
      `reading ${name}`,
      (program) => {
        const fd = program.call('openat', [AT_FDCWD, path, constants.O_RDONLY | O_CLOEXEC], {
          descriptor: 'temporary',
          path,
        })
        const memory = program.memory(size)
        return { memory, read: program.call('read', [fd, memory, memory.length], { path }) }
      },
      limits,
      typesFor(this.#core, name),
    )
    return values.read(steps.memory).subarray(0, values.of(steps.read))
  }
}
