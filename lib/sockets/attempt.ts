import { SystemError } from '../errors/system-error.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import { EINPROGRESS, SOCK_STREAM } from '../native/constants.js'
import type { SocketAddress } from './address.js'
import { connected, openSocket } from './open.js'

/** One connection: its descriptor, which is the addon's. Whatever fails is closed. */
export async function attempt(
  core: NamespaceCore,
  to: SocketAddress,
  from: SocketAddress | undefined,
  limits: Limits,
): Promise<number> {
  const operation = `connecting to ${to.text}`
  const plan = { domain: to.domain, type: SOCK_STREAM, bind: from, connect: to }
  const opened = await openSocket(core, operation, plan, limits)
  try {
    const errno =
      opened.connected === EINPROGRESS ? await connected(core, opened.fd, operation, limits) : opened.connected
    core.handle.check()
    if (errno !== 0) {
      const error = new SystemError(errno, { syscall: 'connect', operation: `${operation} in ${core.label}` })
      throw Object.assign(error, to.fields)
    }
    return opened.fd
  } catch (error) {
    addon.close(opened.fd)
    throw error
  }
}
