import { stat } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Tells how a job or a wait ended; see `drain` in native/src/environment.cc. */
export type Dispatch = (
  id: number,
  errno: number,
  where: number,
  outcome: number[] | boolean | number,
  data: Uint8Array | undefined,
) => void

/** An argument of a system call on the calling thread. */
export type SyscallArgument = number | bigint | string | Uint8Array | undefined

/** The native addon as it is. What gives an errno gives 0 for success. */
export interface Addon {
  start(dispatch: Dispatch): void
  execute(id: number, steps: Int32Array, data: Uint8Array, wantsData: boolean, chains: boolean): number
  /** Has programs that chain begin: those that were executed since the last call share visits. */
  wake(): void
  exchange(id: number, segments: Int32Array, request: Uint8Array, timeoutMs: number): number
  wait(id: number, fd: number, events: number, timeoutMs: number): number
  cancel(id: number): boolean
  syscall(number: number, ...args: SyscallArgument[]): number
  open(number: number, ...args: SyscallArgument[]): number
  receive(
    fd: number,
    flags: number,
    data: Uint8Array,
    name: Uint8Array,
    control: Uint8Array,
  ): [size: number, nameLength: number, controlLength: number]
  pipe(): [number, number] | number
  own(fd: number): void
  release(fd: number): boolean
  close(fd: number): number
  sharedUserNamespace(fd?: number): number
  readonly numbers: Readonly<Record<SyscallName, number>>
}

/** The system calls whose number on this architecture the addon tells. */
export type SyscallName =
  | 'bind'
  | 'capget'
  | 'clock_gettime'
  | 'close'
  | 'connect'
  | 'dup3'
  | 'fchmod'
  | 'fcntl'
  | 'flock'
  | 'getpeername'
  | 'getsockname'
  | 'getsockopt'
  | 'ioctl'
  | 'listen'
  | 'mkdirat'
  | 'mount'
  | 'openat'
  | 'pidfd_open'
  | 'pidfd_send_signal'
  | 'pivot_root'
  | 'prctl'
  | 'read'
  | 'recvfrom'
  | 'sendto'
  | 'setdomainname'
  | 'sethostname'
  | 'setns'
  | 'setsockopt'
  | 'socket'
  | 'umount2'
  | 'unlinkat'
  | 'unshare'
  | 'write'

/** The package's folder; this file is two levels below it, compiled or not. */
export const packageRoot: string = fileURLToPath(new URL('../..', import.meta.url))

function load(): Addon {
  const require = createRequire(import.meta.url)
  const chosen = process.env.LINUX_NAMESPACES_ADDON
  return chosen === undefined ? require('node-gyp-build')(packageRoot) : require(chosen)
}

/** The addon of this JavaScript environment. */
export const addon: Addon = load()

// The threads of libuv's pool are made by whichever thread first needs them, in the namespaces that one is in at the time,
// for good. Make them now, while nothing has moved.
stat('/', () => {})
