import { invalidArgument } from '../errors/argument.js'

/** Flags of unshare(2) and types of setns(2). */
export const cloneFlags = {
  CLONE_FS: 0x00000200,
  CLONE_FILES: 0x00000400,
  CLONE_NEWTIME: 0x00000080,
  CLONE_NEWNS: 0x00020000,
  CLONE_NEWCGROUP: 0x02000000,
  CLONE_NEWUTS: 0x04000000,
  CLONE_NEWIPC: 0x08000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
} as const

/** The name of a flag of unshare(2), or of a type of setns(2). */
export type CloneFlag = keyof typeof cloneFlags

/** Flags of mount(2). */
export const mountFlags = {
  MS_RDONLY: 1,
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_SYNCHRONOUS: 16,
  MS_REMOUNT: 32,
  MS_MANDLOCK: 64,
  MS_DIRSYNC: 128,
  MS_NOSYMFOLLOW: 256,
  MS_NOATIME: 1024,
  MS_NODIRATIME: 2048,
  MS_BIND: 4096,
  MS_MOVE: 8192,
  MS_REC: 16384,
  MS_SILENT: 32768,
  MS_POSIXACL: 1 << 16,
  MS_UNBINDABLE: 1 << 17,
  MS_PRIVATE: 1 << 18,
  MS_SLAVE: 1 << 19,
  MS_SHARED: 1 << 20,
  MS_RELATIME: 1 << 21,
  MS_STRICTATIME: 1 << 24,
  MS_LAZYTIME: 1 << 25,
} as const

/** The name of a flag of mount(2). */
export type MountFlag = keyof typeof mountFlags

/** Flags of umount2(2). */
export const unmountFlags = { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 } as const

/** The name of a flag of umount2(2). */
export type UnmountFlag = keyof typeof unmountFlags

/** Flags of pidfd_open(2). */
export const pidfdFlags = { PIDFD_NONBLOCK: 0o4000 } as const

/** The name of a flag of pidfd_open(2). */
export type PidfdFlag = keyof typeof pidfdFlags

/** Puts named bits together. */
export function bits<Name extends string>(table: Readonly<Record<Name, number>>, names: readonly Name[]): number {
  if (!Array.isArray(names)) throw invalidArgument('flags', names, 'it must be an array of names')
  let sum = 0
  for (const name of names as readonly Name[]) {
    if (!Object.hasOwn(table, name))
      throw invalidArgument('flags', name, `it must be one of ${Object.keys(table).join(', ')}`)
    sum |= table[name]
  }
  return sum
}
