import { constants } from 'node:fs'
import type { Program } from '../executor/program.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import type { NamespaceType } from '../namespace/types.js'
import { AT_FDCWD, O_CLOEXEC } from '../native/constants.js'
import { checkHome, homeOf } from './home.js'
import { sysctlPath } from './path.js'
import { checkSysctlValue, writeSysctl } from './value.js'

// Nearly all are shorter; one of the longest, a list of 32,768 ports, has 190 KB.
const usualSize = 4096
const largestSize = 1024 * 1024
const decoder = new TextDecoder()

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
   * @throws {@link SystemError} `ENOENT` when this kernel has no such setting, `EINVAL` when it refuses the value or (with
   * a hint that says so) has taken only the first of more numbers than belong to it, `EACCES` or `EPERM` when an ordinary user may
   * not change it
   * @throws Error `ERR_NAMESPACE_TYPE` for a setting that the namespace does not have of its own, so that it would be changed
   * for others: of a type of namespace that it lacks, or of the whole machine
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a value of more than 4095 bytes (other than a list of numbers, `'1,5-7'`), of which the
   * kernel would lose the rest
   * @example
   * await ns.sysctl.set('net.ipv4.ip_forward', 1)
   */
  async set(name: string, value: string | number, limits?: Limits): Promise<void> {
    sysctlPath(name)
    checkSysctlValue(name, value)
    this.#core.handle.check()
    if (!this.#core.current) checkHome(name, [...this.#core.descriptors.keys()])
    const write = (program: Program) => writeSysctl(program, name, value)
    const { steps, values } = await this.#core.visit(
      `setting ${name} to ${value}`,
      write,
      limits,
      typesFor(this.#core, name),
    )
    steps.check(values)
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
