import { constants, promises as fs, statfsSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { invalidArgument } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import { Program } from '../executor/program.js'
import { checkLimits, defaultTimeout, type Limits } from '../limits.js'
import { addon } from '../native/addon.js'
import {
  AT_FDCWD,
  EAGAIN,
  EINVAL,
  EPERM,
  ETIMEDOUT,
  LOCK_EX,
  LOCK_NB,
  MNT_DETACH,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  NSFS_MAGIC,
  O_CLOEXEC,
} from '../native/constants.js'
import { privileged } from './privilege.js'

/** Where names of network namespaces are, for iproute2 and for this library. */
export const netnsDirectory = '/run/netns'

/** Refuses a name that could not be a file under /run/netns. */
export function checkName(name: unknown): string {
  if (typeof name !== 'string' || name.length === 0)
    throw invalidArgument('name', name, 'a name has at least one character')
  if (name === '.' || name === '..') throw invalidArgument('name', name, 'it names a directory')
  if (/[/\0]/.test(name)) throw invalidArgument('name', name, "a name has neither '/' nor NUL in it")
  if (/\s/.test(name)) throw invalidArgument('name', name, 'a name has no white space in it')
  if (Buffer.byteLength(name) > 255) throw invalidArgument('name', name, 'a name has at most 255 bytes')
  return name
}

/** The file of a name. */
export function pathOfName(name: string): string {
  return `${netnsDirectory}/${checkName(name)}`
}

/** Names are mounts in the host's mount namespace: an ordinary user gets a reason instead of a bare EPERM. */
export function checkMayPin(path: string, operation: string): void {
  if (privileged) return
  throw new SystemError(EPERM, {
    syscall: 'mount',
    path,
    operation,
    hint: 'Only root can pin a namespace to a file; as an ordinary user keep the Namespace open and pass on its path() instead',
  })
}

/**
 * Makes /run/netns as `ip netns add` does: a shared mount of itself, so that names propagate to all mount namespaces, under
 * iproute2's own lock (flock on the directory), so that two programs do not mount it over each other.
 */
async function prepareDirectory(limits: Limits): Promise<void> {
  const operation = `preparing ${netnsDirectory}`
  await fs.mkdir(netnsDirectory, { recursive: true, mode: 0o755 })
  const opening = new Program()
  const opened = opening.call('openat', [AT_FDCWD, netnsDirectory, constants.O_DIRECTORY | O_CLOEXEC], {
    descriptor: 'keep',
  })
  const fd = (await opening.run(operation)).of(opened)
  try {
    await lock(fd, operation, limits)
    const sharing = new Program()
    const shared = sharing.call('mount', ['', netnsDirectory, 'none', MS_SHARED | MS_REC, 0], { mayFail: true })
    // EINVAL: it is no mount point yet.
    if ((await sharing.run(operation)).of(shared) !== -EINVAL) return
    const mounting = new Program()
    mounting.call('mount', [netnsDirectory, netnsDirectory, 'none', MS_BIND | MS_REC, 0], { path: netnsDirectory })
    mounting.call('mount', ['', netnsDirectory, 'none', MS_SHARED | MS_REC, 0], { path: netnsDirectory })
    await mounting.run(operation)
  } finally {
    addon.close(fd)
  }
}

// Never a blocking flock: the executor's thread would wait in it with everything behind it.
async function lock(fd: number, operation: string, { signal, timeout = defaultTimeout }: Limits): Promise<void> {
  const deadline = timeout > 0 ? Date.now() + timeout : Number.POSITIVE_INFINITY
  while (true) {
    signal?.throwIfAborted()
    const errno = -addon.syscall(addon.numbers.flock, fd, LOCK_EX | LOCK_NB)
    if (errno === 0) return
    const details = { syscall: 'flock', path: netnsDirectory, operation }
    if (errno !== EAGAIN) throw new SystemError(errno, details)
    if (Date.now() > deadline) throw new SystemError(ETIMEDOUT, { ...details, hint: 'Another process holds its lock' })
    await sleep(2)
  }
}

/** Mounts a namespace's descriptor on a new file, which keeps it alive. The limits are those of the wait for the lock. */
export async function pinTo(path: string, fd: number, operation: string, limits: Limits = {}): Promise<void> {
  checkMayPin(path, operation)
  limits.signal?.throwIfAborted()
  if (path.startsWith(`${netnsDirectory}/`)) await prepareDirectory(limits)
  const creating = new Program()
  const flags = constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL | O_CLOEXEC
  creating.call('openat', [AT_FDCWD, path, flags, 0], { descriptor: 'temporary', path })
  await creating.run(operation)
  try {
    const mounting = new Program()
    mounting.call('mount', [`/proc/self/fd/${fd}`, path, 'none', MS_BIND, 0], { path })
    await mounting.run(operation)
  } catch (error) {
    await fs.unlink(path)
    throw error
  }
}

/** What a path leads to: the namespace of this inode, the empty file that it was mounted on, something else, or nothing. */
export function pinAt(path: string, inode: bigint): 'this' | 'other' | 'file' | 'nothing' {
  try {
    const stat = statSync(path, { bigint: true })
    if (statfsSync(path).type === NSFS_MAGIC) return stat.ino === inode ? 'this' : 'other'
    // As we and iproute2 make it; any other is somebody's who has come since.
    return stat.isFile() && stat.size === 0n && (stat.mode & 0o777n) === 0n ? 'file' : 'other'
  } catch {
    return 'nothing'
  }
}

/** Takes a pin away, as `ip netns delete` does: the namespace lives on while something else holds it. */
export async function unpinFrom(path: string, operation: string, limits: Limits = {}): Promise<void> {
  checkLimits(limits)
  checkMayPin(path, operation)
  const program = new Program()
  // A file that is no mount, left by a program killed between its two steps, only needs the second.
  program.call('umount2', [path, MNT_DETACH], { mayFail: true })
  program.call('unlinkat', [AT_FDCWD, path, 0], { path })
  await program.run(operation, limits)
}
