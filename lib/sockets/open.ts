import type { Program, ProgramResult, StepResult } from '../executor/program.js'
import { type Limits, withLimits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AF_UNIX,
  EALREADY,
  EINPROGRESS,
  EISCONN,
  POLLOUT,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '../native/constants.js'
import type { SocketAddress } from './address.js'
import { waitInside } from './ending.js'

/** A socket option: its level, its name, and an int or whatever it takes. */
export type SocketOption = readonly [level: number, name: number, value: number | Uint8Array]

/** What a socket is to be, in the order in which the kernel is asked. */
export interface SocketPlan {
  domain: number
  type: number
  protocol?: number
  options?: readonly SocketOption[]
  bind?: SocketAddress | undefined
  /** How many connections may wait. */
  listen?: number
  connect?: SocketAddress
}

/** An int as the kernel takes it. */
export const int = (value: number) => new Uint8Array(Int32Array.of(value).buffer)

/**
 * Makes a non-blocking socket inside a namespace; where it connects, it has been begun. A socket stays where it was made:
 * later calls may be made by any thread, but for those that ask for a capability over its namespace.
 *
 * @returns its descriptor, which is the addon's (`addon.close`, `addon.release`), and 0 or the errno of the connect
 */
export async function openSocket(
  core: NamespaceCore,
  operation: string,
  plan: SocketPlan,
  limits: Limits,
): Promise<{ fd: number; connected: number }> {
  const { steps, values } = await core.visit(operation, (program) => socketSteps(program, plan), limits, ['net'], true)
  return { fd: values.of(steps.socket), connected: steps.connected.map((step) => resultOf(values, step)).at(-1) ?? 0 }
}

function socketSteps(program: Program, plan: SocketPlan): { socket: StepResult; connected: StepResult[] } {
  const type = plan.type | SOCK_NONBLOCK | SOCK_CLOEXEC
  const socket = program.call('socket', [plan.domain, type, plan.protocol ?? 0], { descriptor: 'keep' })
  for (const [level, name, value] of plan.options ?? []) {
    const bytes = program.bytes(typeof value === 'number' ? int(value) : value)
    program.call('setsockopt', [socket, level, name, bytes, bytes.length])
  }
  if (plan.bind !== undefined) {
    const name = program.bytes(plan.bind.bytes)
    program.call('bind', [socket, name, name.length])
  }
  if (plan.listen !== undefined) program.call('listen', [socket, plan.listen])
  if (plan.connect === undefined) return { socket, connected: [] }
  const name = program.bytes(plan.connect.bytes)
  const connect = () => program.call('connect', [socket, name, name.length], { mayFail: true })
  // Over loopback and a cable the answer is there at once, and a second call tells it without a wait.
  return { socket, connected: plan.connect.domain === AF_UNIX ? [connect()] : [connect(), connect()] }
}

function resultOf(values: ProgramResult, step: StepResult): number {
  const errno = -Math.min(values.of(step), 0)
  if (errno === EISCONN) return 0
  return errno === EALREADY ? EINPROGRESS : errno
}

/** Waits until a connect under way is through: 0, or its errno. */
export async function connected(core: NamespaceCore, fd: number, operation: string, limits: Limits): Promise<number> {
  const { errno } = await withLimits(operation, 'connect', limits, () => waitInside(core, fd, POLLOUT, -1))
  // What the socket says counts, not the state that poll saw.
  return errno === 0 ? pendingError(fd) : errno
}

/** The error of a socket that nobody was told of yet, or 0. */
export function pendingError(fd: number): number {
  const value = new Uint8Array(4)
  const result = addon.syscall(addon.numbers.getsockopt, fd, SOL_SOCKET, SO_ERROR, value, int(4))
  return result < 0 ? -result : new DataView(value.buffer).getInt32(0, true)
}
