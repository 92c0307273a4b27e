import { SystemError } from '../errors/system-error.js'
import { Program, type ProgramResult, type StepResult } from '../executor/program.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { AF_NETLINK, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW, SOL_NETLINK } from '../native/constants.js'
import { decodeAck, FrameReader, Writer } from './codec/index.js'
import { messageFlags, socketOptions } from './messages/constants.js'
import { linkMessage } from './messages/link.js'
import { request } from './request.js'

// Errors come with the kernel's words (EXT_ACK) and without the request repeated (CAP_ACK); dumps refuse what they would
// otherwise ignore (GET_STRICT_CHK). Kernels that lack one of them work without it.
const options = [socketOptions.NETLINK_CAP_ACK, socketOptions.NETLINK_EXT_ACK, socketOptions.NETLINK_GET_STRICT_CHK]

/** Opens a netlink socket where the program is; by default for routing (links, addresses, routes). */
export function openSocketSteps(program: Program, protocol = 0): StepResult {
  const socket = program.call('socket', [AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol], { descriptor: 'keep' })
  const one = program.bytes(Uint8Array.of(1, 0, 0, 0))
  for (const option of options) {
    program.call('setsockopt', [socket, SOL_NETLINK, option, one, one.length], { mayFail: true })
  }
  return socket
}

/** Opens a netlink socket in a namespace, by default for routing. */
export async function openNetlinkSocket(
  core: NamespaceCore,
  options: { protocol?: number; limits?: Limits } = {},
): Promise<number> {
  const program = new Program()
  // Not in its own user namespace: the socket keeps the capabilities it was opened with.
  core.enterAsOwner(program, ['net'])
  const socket = openSocketSteps(program, options.protocol)
  return (await program.run(`opening a netlink socket in ${core.label}`, options.limits)).of(socket)
}

/** Loopback is the first device of every network namespace. */
const loopbackIndex = 1

/** Raises the loopback device. */
export const raiseRequest = request(
  'RTM_SETLINK',
  linkMessage,
  { index: loopbackIndex, flags: ['up'], change: ['up'] },
  { words: "link 'lo'" },
)

// The same as bytes, acknowledged, so that success and failure are both seen in the visit that makes the namespace.
const raiseMessage: Uint8Array = (() => {
  const writer = new Writer(64)
  writer.beginMessage(raiseRequest.type, messageFlags.NLM_F_REQUEST | messageFlags.NLM_F_ACK, 0)
  raiseRequest.message.encode(writer, raiseRequest.value)
  writer.endMessage()
  return writer.bytes().slice()
})()

/** Tells whether the loopback device came up. */
export interface LoopbackUp {
  check(result: ProgramResult): void
}

/** Raises the loopback device within the program that made its namespace. */
export function raiseLoopback(program: Program, socket: StepResult): LoopbackUp {
  const message = program.bytes(raiseMessage)
  program.call('sendto', [socket, message, message.length], { purpose: 'raising the loopback device' })
  const reply = program.memory(512)
  const received = program.call('recvfrom', [socket, reply, reply.length, MSG_DONTWAIT])
  return {
    check(result) {
      const bytes = result.read(reply).subarray(0, result.of(received))
      const frames = new FrameReader(bytes)
      const errno = frames.next() ? decodeAck(bytes, frames.start, frames.end, frames.flags).errno : 0
      if (errno !== 0) throw new SystemError(errno, { syscall: 'sendto', operation: 'raising the loopback device' })
    },
  }
}
