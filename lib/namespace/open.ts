import { constants, fstatSync, readlinkSync } from 'node:fs'
import { checkInteger, checkObject, invalidArgument } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import { Program, type StepResult } from '../executor/program.js'
import type { Limits } from '../limits.js'
import { addon } from '../native/addon.js'
import {
  AT_FDCWD,
  EINVAL,
  ENOTTY,
  EPERM,
  ESRCH,
  F_DUPFD_CLOEXEC,
  NS_GET_NSTYPE,
  NS_GET_USERNS,
  O_CLOEXEC,
} from '../native/constants.js'
import { NamespaceCore } from './core.js'
import { pathOfName } from './named.js'
import { privileged } from './privilege.js'
import { checkTypes, joinOrder, type NamespaceType, typeOfFlag } from './types.js'

/** What {@link Namespace.open} opens. */
export type OpenTarget = string | { pid: number } | { path: string } | { fd: number }

/** Options of {@link Namespace.open}. */
export interface OpenOptions extends Limits {
  /** For `{ pid }`: which of the process's namespaces; `['net']` by default. */
  types?: readonly NamespaceType[]
}

interface Source {
  /** For messages. */
  operation: string
  name?: string
  /** Opens each descriptor, in a program. */
  open(program: Program): StepResult[]
  /** Turns the refusal into one that speaks of the target. */
  explain?(error: SystemError): SystemError
}

function openPath(program: Program, path: string): StepResult {
  // Non-blocking: a path that turns out to be a FIFO must not hold up the executor.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | O_CLOEXEC
  return program.call('openat', [AT_FDCWD, path, flags], { descriptor: 'keep', path })
}

function sourceOf(target: OpenTarget, types: readonly NamespaceType[]): Source {
  if (typeof target === 'string' && !target.startsWith('/')) {
    const path = pathOfName(target)
    return { operation: `opening namespace '${target}'`, name: target, open: (program) => [openPath(program, path)] }
  }
  if (typeof target === 'object' && target !== null && 'pid' in target) {
    const pid = checkInteger('pid', target.pid, 1, 0x7fffffff)
    const operation = `opening the namespaces of process ${pid}`
    return {
      operation,
      open: (program) => types.map((type) => openPath(program, `/proc/${pid}/ns/${type}`)),
      explain: (error) =>
        error.code === 'ENOENT' ? new SystemError(ESRCH, { syscall: error.syscall, operation }) : error,
    }
  }
  if (typeof target === 'object' && target !== null && 'fd' in target) {
    const fd = checkInteger('fd', target.fd, 0, 0x7fffffff)
    return {
      operation: `opening the namespace of descriptor ${fd}`,
      open: (program) => [program.call('fcntl', [fd, F_DUPFD_CLOEXEC, 3], { descriptor: 'keep' })],
    }
  }
  const path = typeof target === 'object' && target !== null ? target.path : target
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalidArgument(
      'target',
      target,
      'it must be a name, an absolute path, or one of { pid }, { path } and { fd }',
    )
  }
  return { operation: `opening the namespace at '${path}'`, open: (program) => [openPath(program, path)] }
}

/** Opens an existing namespace; see {@link Namespace.open}. */
export async function openCore(target: OpenTarget, options: OpenOptions): Promise<NamespaceCore> {
  const wanted = checkTypes(checkObject('options', options).types ?? ['net'], joinOrder)
  const source = sourceOf(target, wanted)
  const program = new Program()
  const opened = source.open(program)
  const kinds = opened.map((step) => program.call('ioctl', [step, NS_GET_NSTYPE], { mayFail: true }))
  // The owner of a user namespace is its parent, which has no say over what belongs to the namespace itself.
  const first = opened.length > 1 && wanted[0] === 'user' ? opened[1] : opened[0]
  const owner =
    privileged || first === undefined
      ? undefined
      : program.call('ioctl', [first, NS_GET_USERNS], { mayFail: true, descriptor: 'keep' })
  const result = await program.run(source.operation, options).catch((error: unknown) => {
    throw error instanceof SystemError && source.explain !== undefined ? source.explain(error) : error
  })
  const descriptors = opened.map((step) => result.of(step))
  const ownerDescriptor = owner === undefined ? -1 : result.of(owner)
  const types = kinds.map((step) => typeOfFlag(result.of(step)))
  // It is out of reach (EPERM), or of what is no namespace (ENOTTY); else it is not known, and must not be taken for none.
  if (owner !== undefined && ownerDescriptor < 0 && ![-EPERM, -ENOTTY].includes(ownerDescriptor)) {
    for (const descriptor of descriptors) addon.close(descriptor)
    throw new SystemError(-ownerDescriptor, { syscall: 'ioctl', operation: source.operation })
  }
  if (types.includes(undefined)) {
    for (const descriptor of [...descriptors, ownerDescriptor]) addon.close(descriptor)
    throw new SystemError(EINVAL, {
      syscall: 'ioctl',
      operation: source.operation,
      hint: 'It is not a namespace: a plain file is what is left of one that was unmounted, such as the SandboxKey of a stopped container',
    })
  }
  const byType = new Map(types.map((type, i) => [type as NamespaceType, descriptors[i] as number]))
  return new NamespaceCore({
    descriptors: byType,
    own: new Set([...byType].filter(([type, descriptor]) => isOwn(type, descriptor)).map(([type]) => type)),
    owner: ownerOf(ownerDescriptor),
    name: source.name,
  })
}

function isOwn(type: NamespaceType, descriptor: number): boolean {
  return readlinkSync(`/proc/self/ns/${type}`) === `${type}:[${fstatSync(descriptor).ino}]`
}

// A namespace of this process's own user namespace needs no entering, and where the caller may not look nobody can help.
function ownerOf(descriptor: number): { descriptor: number; shared: boolean } | undefined {
  if (descriptor < 0) return undefined
  if (!isOwn('user', descriptor)) return { descriptor, shared: false }
  addon.close(descriptor)
  return undefined
}

/** The network stack this process started in. */
export function currentCore(): NamespaceCore {
  // The main thread's: nothing of this library ever moves it.
  const path = '/proc/self/ns/net'
  const descriptor = addon.open(addon.numbers.openat, AT_FDCWD, path, constants.O_RDONLY | O_CLOEXEC)
  if (descriptor < 0)
    throw new SystemError(-descriptor, { syscall: 'openat', path, operation: "opening the process's own namespace" })
  return new NamespaceCore({ descriptors: new Map([['net', descriptor]]), current: true })
}
