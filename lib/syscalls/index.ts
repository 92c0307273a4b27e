/**
 * The system calls beneath namespaces, one to one, at once and **on the calling thread**. Unlike everything else in this
 * package they do move a thread of the process: what runs on it afterwards, and threads that it makes, are in the new
 * namespace. Use them in a process (or a Worker) that is there for it; {@link Namespace} does without.
 *
 * Each throws a {@link SystemError}. Descriptors that are returned are close-on-exec and yours to close (`fs.closeSync`).
 *
 * @packageDocumentation
 */

import { checkInteger, invalidArgument } from '../errors/argument.js'
import {
  EINVAL,
  EUSERS,
  NS_GET_NSTYPE,
  NS_GET_OWNER_UID,
  NS_GET_PARENT,
  NS_GET_USERNS,
  SIOCGSKNS,
} from '../native/constants.js'
import { call } from './call.js'
import {
  bits,
  type CloneFlag,
  cloneFlags,
  type MountFlag,
  mountFlags,
  type PidfdFlag,
  pidfdFlags,
  type UnmountFlag,
  unmountFlags,
} from './flags.js'

export { type CloneFlag, cloneFlags, type MountFlag, mountFlags, type PidfdFlag, type UnmountFlag, unmountFlags }

const multiThreaded = 'The kernel allows this only to a process with a single thread, which Node never is'

function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string' || value.includes('\0'))
    throw invalidArgument(name, value, 'it must be a string without NUL')
  return value
}

function checkFd(fd: number): number {
  return checkInteger('fd', fd, 0, 0x7fffffff)
}

/**
 * unshare(2): moves the calling thread into new namespaces (or gives it a working directory of its own, `CLONE_FS`).
 *
 * In Node `CLONE_NEWUSER` cannot work: `EINVAL`, since the process has several threads. Use `Namespace.create({ types:
 * ['user', …] })`. After `CLONE_NEWPID` no thread can be made any more (`EINVAL` from within Node, sooner or later): use
 * `Namespace.create`. `CLONE_NEWTIME` is for children only and cannot be undone.
 *
 * @throws SystemError `EPERM` without CAP_SYS_ADMIN, `EINVAL` for `CLONE_NEWUSER`, `ENOSPC` at a limit of /proc/sys/user
 * @example
 * unshare(['CLONE_NEWNET', 'CLONE_NEWUTS'])
 */
export function unshare(flags: readonly CloneFlag[]): void {
  const hint = (errno: number) =>
    errno === EINVAL && flags.includes('CLONE_NEWUSER')
      ? `${multiThreaded}: use Namespace.create({ types: ['user'] }) for a new user namespace`
      : undefined
  call('unshare', [bits(cloneFlags, flags)], { operation: flags.join(' | '), hint })
}

/**
 * setns(2): moves the calling thread into the namespace of a descriptor (`ns.fd()`, an open /proc/PID/ns file, a pidfd).
 *
 * In Node `CLONE_NEWUSER` cannot work (`EINVAL`), nor `CLONE_NEWTIME` (`EUSERS`): several threads. `CLONE_NEWNS` is `EINVAL`
 * until the thread has a working directory of its own, `unshare(['CLONE_FS'])`. Use `Namespace.open(…).spawn(…)` instead.
 * `CLONE_NEWPID` concerns children only.
 *
 * @param fd a descriptor of a namespace, or a pidfd
 * @param type what it must be; empty for whatever it is. For a pidfd: which namespaces of that process to join
 * @throws SystemError `EBADF`, `EINVAL` when it is of another type or for the types above, `EPERM` without CAP_SYS_ADMIN
 * @example
 * const home = openSync('/proc/thread-self/ns/net', 'r')
 * setns(ns.fd('net'), ['CLONE_NEWNET'])
 * // …
 * setns(home, ['CLONE_NEWNET'])
 */
export function setns(fd: number, type: readonly CloneFlag[] = []): void {
  const hint = (errno: number) => {
    if (errno === EINVAL && type.includes('CLONE_NEWNS')) {
      return "Threads of a process share their working directory: unshare(['CLONE_FS']) first, or use Namespace.open(…).spawn(…)"
    }
    return errno === EUSERS || (errno === EINVAL && (type.length === 0 || type.includes('CLONE_NEWUSER')))
      ? `${multiThreaded} (for user and time namespaces): use Namespace.open(…).spawn(…) to run something in it`
      : undefined
  }
  call('setns', [checkFd(fd), bits(cloneFlags, type)], { operation: type.join(' | ') || 'any type', hint })
}

/**
 * mount(2), in the calling thread's mount namespace. Works in Node: several threads are no hindrance.
 *
 * @param source a device, a directory (`MS_BIND`), or any word for file systems without one
 * @param type the file system; `''` where the flags say what is meant (`MS_BIND`, `MS_MOVE`, `MS_REMOUNT`, propagation)
 * @param data options of the file system, `'size=1m,mode=755'`
 * @throws SystemError `EPERM`, `ENOENT`, `EBUSY`, `ENODEV` when this kernel lacks the file system, …
 * @example
 * mount('tmpfs', '/mnt', 'tmpfs', ['MS_NOSUID', 'MS_NODEV'], 'size=1m')
 */
export function mount(source: string, target: string, type: string, flags: readonly MountFlag[] = [], data = ''): void {
  const args = [checkText('source', source), checkText('target', target), checkText('type', type)]
  call('mount', [...args, bits(mountFlags, flags), checkText('data', data)], { path: target })
}

/**
 * umount2(2), in the calling thread's mount namespace. Works in Node: several threads are no hindrance.
 *
 * @throws SystemError `EINVAL` when it is no mount point, `EBUSY` while it is in use (unless `MNT_DETACH`), `EPERM`
 * @example
 * umount2('/mnt', ['MNT_DETACH'])
 */
export function umount2(target: string, flags: readonly UnmountFlag[] = []): void {
  call('umount2', [checkText('target', target), bits(unmountFlags, flags)], { path: target })
}

/** umount(2): {@link umount2} without flags, or with. */
export const umount = umount2

/**
 * pivot_root(2): makes `newRoot` the root of the calling thread's mount namespace, with the old one at `putOld` below it.
 * It changes the root directory of all processes in that mount namespace, so unshare `CLONE_NEWNS` first. Works in Node:
 * it concerns the mount namespace of the calling thread, whatever others the process has.
 *
 * @throws SystemError `EINVAL` when newRoot is no mount point, or its parent mount is shared; `EBUSY`, `EPERM`
 * @example
 * unshare(['CLONE_NEWNS'])
 * mount('none', '/', '', ['MS_REC', 'MS_PRIVATE'])
 * mount('/srv/root', '/srv/root', '', ['MS_BIND'])
 * pivotRoot('/srv/root', '/srv/root/old')
 */
export function pivotRoot(newRoot: string, putOld: string): void {
  call('pivot_root', [checkText('newRoot', newRoot), checkText('putOld', putOld)], { path: newRoot })
}

/**
 * sethostname(2), in the calling thread's uts namespace: the host's own, unless it has been unshared. Works in Node: several
 * threads are no hindrance.
 *
 * @param name at most 64 bytes
 * @throws SystemError `EPERM` without CAP_SYS_ADMIN over the uts namespace
 * @example
 * unshare(['CLONE_NEWUTS'])
 * sethostname('blue')
 */
export function sethostname(name: string): void {
  const bytes = new TextEncoder().encode(checkText('name', name))
  checkInteger('name.length', bytes.length, 0, 64)
  call('sethostname', [bytes, bytes.length], { operation: `'${name}'` })
}

/**
 * pidfd_open(2): a descriptor of a process, which stays that process's when the number is used again. It is readable once the
 * process has ended, and setns(2) takes it.
 *
 * @throws SystemError `ESRCH` when there is no such process, `EINVAL` for a thread that is no process
 */
export function pidfdOpen(pid: number, flags: readonly PidfdFlag[] = []): number {
  return call('pidfd_open', [checkInteger('pid', pid, 1, 0x7fffffff), bits(pidfdFlags, flags)], {
    operation: `process ${pid}`,
  })
}

/**
 * ioctl NS_GET_USERNS: a descriptor of the user namespace that owns this namespace.
 *
 * @throws SystemError `EPERM` when it is outside of the caller's reach, `ENOTTY` when the descriptor is of no namespace
 */
export function nsGetUserns(fd: number): number {
  return call('ioctl', [checkFd(fd), NS_GET_USERNS], { operation: 'NS_GET_USERNS' })
}

/**
 * ioctl NS_GET_PARENT: a descriptor of the parent of a user or pid namespace.
 *
 * @throws SystemError `EPERM` for the outermost that the caller may see, `EINVAL` for types without a parent, `ENOTTY`
 */
export function nsGetParent(fd: number): number {
  return call('ioctl', [checkFd(fd), NS_GET_PARENT], { operation: 'NS_GET_PARENT' })
}

/**
 * ioctl NS_GET_NSTYPE: the type of a namespace.
 *
 * @throws SystemError `ENOTTY` when the descriptor is of no namespace
 */
export function nsGetNstype(fd: number): CloneFlag {
  const flag = call('ioctl', [checkFd(fd), NS_GET_NSTYPE], { operation: 'NS_GET_NSTYPE' })
  const found = Object.entries(cloneFlags).find(([, value]) => value === flag)
  if (found === undefined) throw new Error(`NS_GET_NSTYPE gave ${flag}, which is no type this library knows`)
  return found[0] as CloneFlag
}

/**
 * ioctl NS_GET_OWNER_UID: who made a user namespace, as the caller's own user namespace numbers users.
 *
 * @throws SystemError `EINVAL` when it is no user namespace, `ENOTTY` when it is no namespace at all
 */
export function nsGetOwnerUid(fd: number): number {
  const uid = new Uint32Array(1)
  call('ioctl', [checkFd(fd), NS_GET_OWNER_UID, new Uint8Array(uid.buffer)], { operation: 'NS_GET_OWNER_UID' })
  return uid[0] as number
}

/**
 * ioctl SIOCGSKNS: a descriptor of the network namespace that a socket is in.
 *
 * @throws SystemError `EPERM` without CAP_NET_ADMIN over it, `ENOTTY` when the descriptor is of no socket
 */
export function siocgskns(fd: number): number {
  return call('ioctl', [checkFd(fd), SIOCGSKNS], { operation: 'SIOCGSKNS' })
}
