import type { Message } from './codec/index.js'
import type { NetlinkError } from './error.js'
import { messageFlags, messageTypes } from './messages/constants.js'

/** The name of a routing request. */
export type RequestName = Extract<keyof typeof messageTypes, `RTM_${string}`>

/** A netlink request, ready to be encoded. */
export interface NetlinkRequest<In = unknown> {
  /** `'RTM_NEWLINK'`: for errors. */
  name: string
  /** Its number. */
  type: number
  /** NLM_F_* bits beside NLM_F_REQUEST. */
  flags: number
  /** The format of the payload. */
  message: Message<unknown, In>
  /** The payload. */
  value: In
  /** What it is about, in words, for errors: "veth 'eth0'". */
  words: string
  /** What to do instead of this request, where the kernel refuses it so. */
  hint?: ((error: NetlinkError) => string | undefined) | undefined
}

/** A message that came as an answer: its payload lies in `bytes` from `start` to `end`. */
export interface Reply {
  type: number
  bytes: Uint8Array
  start: number
  end: number
}

/** A reply to keep, where the object that came is used again. */
export function copyReply({ type, bytes, start, end }: Reply): Reply {
  return { type, bytes, start, end }
}

/** Whether the request is a dump, which draws any number of replies and then NLMSG_DONE. */
export function isDump(request: NetlinkRequest): boolean {
  return (request.flags & messageFlags.NLM_F_DUMP) === messageFlags.NLM_F_DUMP
}

/** Declares a request; the payload's type follows from the format, and its number from its name. */
export function request<In>(
  name: RequestName,
  format: Message<unknown, In>,
  value: In,
  about: Pick<NetlinkRequest, 'words' | 'hint'> & { flags?: number },
): NetlinkRequest {
  const { words, hint, flags = 0 } = about
  const spec: NetlinkRequest<In> = { name, type: messageTypes[name], flags, message: format, value, words, hint }
  return spec as unknown as NetlinkRequest
}
