import { invalidArgument } from '../errors/argument.js'
import { SystemError } from '../errors/system-error.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import { AF_INET, SIOCGIFINDEX, SIOCGIFNAME, SOCK_CLOEXEC, SOCK_DGRAM } from '../native/constants.js'

// struct ifreq: a name of 16 bytes, then the index.
const requestSize = 40
const longestName = 15
const indexAt = 16

function requestFor(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name)
  if (bytes.length === 0 || bytes.length > longestName || bytes.includes(0))
    throw invalidArgument('link', name, 'it must be the name of a link, or its index')
  const request = new Uint8Array(requestSize)
  request.set(bytes)
  return request
}

const indexIn = (request: Uint8Array) => new DataView(request.buffer, request.byteOffset).getInt32(indexAt, true)

const isNumber = (zone: string) => /^[1-9]\d{0,8}$/.test(zone)

/** The index of a link of a namespace, by its name or as digits. */
export async function linkIndex(core: NamespaceCore, zone: string, limits: Limits): Promise<number> {
  if (isNumber(zone)) return Number(zone)
  const request = requestFor(zone)
  const { steps, values } = await core.visit(
    `looking for link '${zone}'`,
    (program) => {
      const memory = program.memory(request)
      const socket = program.call('socket', [AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0], { descriptor: 'temporary' })
      program.call('ioctl', [socket, SIOCGIFINDEX, memory])
      return memory
    },
    limits,
    ['net'],
  )
  return indexIn(values.read(steps))
}

/** The same by the name in the namespace of a socket. */
export function linkIndexOn(fd: number, zone: string): number {
  if (isNumber(zone)) return Number(zone)
  const request = requestFor(zone)
  const result = addon.syscall(addon.numbers.ioctl, fd, SIOCGIFINDEX, request)
  if (result < 0) throw new SystemError(-result, { syscall: 'ioctl', operation: `looking for link '${zone}'` })
  return indexIn(request)
}

/** The name of a link in the namespace of a socket; its index where it is gone. */
export function linkNameOn(fd: number, index: number): string {
  const request = new Uint8Array(requestSize)
  new DataView(request.buffer).setInt32(indexAt, index, true)
  if (addon.syscall(addon.numbers.ioctl, fd, SIOCGIFNAME, request) < 0) return `${index}`
  return new TextDecoder().decode(request.subarray(0, request.indexOf(0)))
}
