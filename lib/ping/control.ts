import {
  IP_RECVERR,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_RECVERR,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
} from '../native/constants.js'
import { readAddress } from '../sockets/address.js'

/** What control messages tell of a packet. */
export interface PacketInfo {
  /** When it came, in nanoseconds of the system's clock. */
  time?: bigint
  ttl?: number
  /** The error that a message on the error queue is about. */
  error?: { errno: number; type: number; code: number; from: string | undefined }
}

// struct cmsghdr, and how it is aligned on 64 bits.
const headerSize = 16
const alignment = 8

// struct sock_extended_err, after which comes the address of who reports it.
const errorSize = 16

/** Reads the control messages of recvmsg(2). */
export function readControl(control: Uint8Array): PacketInfo {
  const info: PacketInfo = {}
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength)
  let at = 0
  while (at + headerSize <= control.length) {
    const length = Number(view.getBigUint64(at, true))
    if (length < headerSize || at + length > control.length) break
    const level = view.getInt32(at + 8, true)
    const type = view.getInt32(at + 12, true)
    const data = at + headerSize
    if (level === SOL_SOCKET && type === SO_TIMESTAMPNS) {
      info.time = view.getBigInt64(data, true) * 1_000_000_000n + view.getBigInt64(data + 8, true)
    } else if ((level === IPPROTO_IP && type === IP_TTL) || (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT)) {
      info.ttl = view.getInt32(data, true)
    } else if ((level === IPPROTO_IP && type === IP_RECVERR) || (level === IPPROTO_IPV6 && type === IPV6_RECVERR)) {
      const offender = control.subarray(data + errorSize, at + length)
      info.error = {
        errno: view.getUint32(data, true),
        type: view.getUint8(data + 5),
        code: view.getUint8(data + 6),
        from: offender.length < errorSize ? undefined : readAddress(offender, String)?.address,
      }
    }
    at += (length + alignment - 1) & -alignment
  }
  return info
}
