import { Program, type StepArgument } from '../executor/program.js'
import type { Limits } from '../limits.js'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import {
  AT_FDCWD,
  O_CLOEXEC,
  O_NONBLOCK,
  O_PATH,
  O_RDWR,
  TUNGETIFF,
  TUNSETGROUP,
  TUNSETIFF,
  TUNSETIFINDEX,
  TUNSETOFFLOAD,
  TUNSETOWNER,
  TUNSETVNETHDRSZ,
} from '../native/constants.js'
import type { Attachment } from './options.js'

const device = '/dev/net/tun'
// struct ifreq: the name, then a union that begins with the flags.
const ifreqBytes = 40
const ifreqFlags = 16

/** Opens queues of a device, a new one or one that is there; their descriptors do not block. */
export async function attach(
  core: NamespaceCore,
  link: { name?: string | undefined; index?: number },
  { flags, queues, vnetHeaderSize, offload, uid, gid }: Attachment,
  operation: string,
  limits: Limits,
): Promise<number[]> {
  const { steps, values } = await core.visit(
    operation,
    (program) => {
      const number = (value: number) => program.bytes(new Uint8Array(Int32Array.of(value).buffer))
      const ifreq = new Uint8Array(ifreqBytes)
      ifreq.set(new TextEncoder().encode(link.name ?? ''))
      new DataView(ifreq.buffer).setUint16(ifreqFlags, flags, true)
      const shared = program.bytes(ifreq)
      const opened = Array.from({ length: queues }, (_, i) => {
        const queue = program.call('openat', [AT_FDCWD, device, O_RDWR | O_NONBLOCK | O_CLOEXEC], {
          descriptor: 'keep',
          path: device,
          hint: openHint,
        })
        if (i === 0 && link.index !== undefined) program.call('ioctl', [queue, TUNSETIFINDEX, number(link.index)])
        const taken = 'Its only queue is taken: another program is attached to it'
        program.call('ioctl', [queue, TUNSETIFF, shared], {
          hint: (code) => (code === 'EBUSY' ? taken : core.hint(code)),
        })
        // Its name, where the kernel has chosen it, and its flags, of which IFF_TUN_EXCL is none: for the queues to come.
        if (i === 0) program.call('ioctl', [queue, TUNGETIFF, shared])
        return queue
      })
      const [first = 0] = opened
      const set = (purpose: string, name: number, value: StepArgument | undefined) => {
        if (value !== undefined) program.call('ioctl', [first, name, value], { purpose: `setting its ${purpose}` })
      }
      set('uid', TUNSETOWNER, uid)
      set('gid', TUNSETGROUP, gid)
      set('vnetHeaderSize', TUNSETVNETHDRSZ, vnetHeaderSize === undefined ? undefined : number(vnetHeaderSize))
      set('offload', TUNSETOFFLOAD, offload)
      return opened
    },
    limits,
    ['net'],
  )
  return steps.map((step) => values.of(step))
}

function openHint(code: string): string | undefined {
  if (code === 'EACCES' || code === 'EPERM')
    return 'Who makes or opens tun and tap links must be able to read and write this file: chmod 666 /dev/net/tun as root (in a container, --device /dev/net/tun)'
  if (code === 'ENOENT' || code === 'ENODEV' || code === 'ENXIO')
    return 'modprobe tun loads the driver, unless this kernel is built without CONFIG_TUN (in a container, --device /dev/net/tun brings the file)'
  return undefined
}

/**
 * Closes queues; a device that is not persistent goes with the last one, which takes the kernel tens of milliseconds. So the
 * executor does that, by putting another file in the place of each: the numbers stay ours until they are closed for good.
 */
export async function closeQueues(descriptors: readonly number[]): Promise<void> {
  const program = new Program()
  const other = program.call('openat', [AT_FDCWD, '/', O_PATH | O_CLOEXEC], { descriptor: 'temporary' })
  for (const descriptor of descriptors) program.call('dup3', [other, descriptor, O_CLOEXEC])
  // Where that fails (no descriptors left) they are closed here all the same, and this thread waits.
  await program.run('closing a tun', { timeout: 0 }).catch(() => {})
  for (const descriptor of descriptors) addon.close(descriptor)
}
