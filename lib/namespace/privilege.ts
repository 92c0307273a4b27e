import { readFileSync } from 'node:fs'
import { SystemError } from '../errors/system-error.js'
import { Program } from '../executor/program.js'
import { addon } from '../native/addon.js'
import { CAP_NET_ADMIN, CAP_SYS_ADMIN, O_CLOEXEC } from '../native/constants.js'
import { namespaceTypes } from './types.js'

/** Whether this process may make namespaces and change network stacks as it is, without a user namespace. */
export const privileged: boolean = (() => {
  const status = readFileSync('/proc/thread-self/status', 'utf8')
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return ((effective >> BigInt(CAP_NET_ADMIN)) & (effective >> BigInt(CAP_SYS_ADMIN)) & 1n) === 1n
})()

let creating: Promise<number> | undefined

/**
 * The user namespace in which an ordinary user's namespaces live: made at first need, one for the whole process, with the
 * caller as its root. One, because the kernel lets nobody join two stacks of sibling user namespaces.
 */
export function sharedUserNamespace(): Promise<number> {
  const fd = addon.sharedUserNamespace()
  if (fd >= 0) return Promise.resolve(fd)
  creating ??= createShared().finally(() => {
    creating = undefined
  })
  return creating
}

async function createShared(): Promise<number> {
  const uid = process.geteuid?.() ?? 0
  const gid = process.getegid?.() ?? 0
  const program = new Program()
  // Without CAP_SETGID a group map is only accepted once setgroups is given up.
  program.enterNewUserNamespace({ setgroups: 'deny', uidMap: `0 ${uid} 1`, gidMap: `0 ${gid} 1` })
  const opened = program.call('openat', [-100, '/proc/thread-self/ns/user', O_CLOEXEC], { descriptor: 'keep' })
  // AppArmor on Ubuntu 24.04 gives such a namespace but takes its capabilities away: find out here, where it can be told.
  program.call('unshare', [namespaceTypes.uts.flag], { purpose: 'using the capabilities of the new user namespace' })
  try {
    const result = await program.run('entering a user namespace as an ordinary user')
    return addon.sharedUserNamespace(result.of(opened))
  } catch (error) {
    throw explain(error)
  }
}

function sysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Why this machine refuses user namespaces, and the fix. */
function explain(error: unknown): unknown {
  if (!(error instanceof SystemError)) return error
  const refused = error.code === 'EPERM' || error.code === 'EACCES' || error.code === 'ENOSPC'
  if (!refused) return error
  let hint =
    'Something denies user namespaces to this process; in a container it is usually the seccomp profile: run it with --security-opt seccomp=unconfined, or as root'
  if (sysctl('user/max_user_namespaces') === '0') {
    hint = 'User namespaces are disabled on this machine: sysctl -w user.max_user_namespaces=10000 allows them'
  } else if (sysctl('kernel/unprivileged_userns_clone') === '0') {
    hint =
      'User namespaces are for root only on this machine: sysctl -w kernel.unprivileged_userns_clone=1 allows them to everyone'
  } else if (sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    hint =
      'AppArmor restricts user namespaces on this machine (Ubuntu 24.04): sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 allows them, or give node a profile with the userns permission'
  } else if (error.code === 'ENOSPC') {
    hint = 'The limit of user namespaces is reached: sysctl -w user.max_user_namespaces raises it'
  }
  const { syscall, operation } = error
  return new SystemError(-error.errno, { syscall, operation, hint })
}
