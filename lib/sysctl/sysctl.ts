import { constants } from 'node:fs'
import type { Program } from '../executor/program.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { sysctlPath } from './path.js'

const AT_FDCWD = -100
const O_CLOEXEC = 0o2000000
const sizeLimit = 4096
const decoder = new TextDecoder()

/** Adds to a program, already inside the namespace, the writing of one setting. */
export function writeSysctl(program: Program, name: string, value: string | number): void {
  const path = sysctlPath(name)
  const fd = program.call('openat', [AT_FDCWD, path, constants.O_WRONLY | O_CLOEXEC], { descriptor: 'temporary', path })
  const text = program.bytes(new TextEncoder().encode(`${value}`))
  program.call('write', [fd, text, text.length], { path })
}

/** The kernel settings of a namespace: those under `net`, and `kernel`'s where it has its own uts or ipc namespace. */
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
    await this.#core.visit(`setting ${name} to ${value}`, (program) => writeSysctl(program, name, value), limits)
  }
}
