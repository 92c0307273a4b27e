import { checkBoolean, checkInteger, checkKeys, invalidArgument } from '../errors/argument.js'
import { type CommonLinkOptions, commonOptions } from '../links/options.js'
import type { LinkReference } from '../links/reference.js'
import type { Namespace } from '../namespace/namespace.js'
import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_TAP,
  IFF_TUN,
  IFF_VNET_HDR,
  TUN_F_CSUM,
  TUN_F_TSO_ECN,
  TUN_F_TSO4,
  TUN_F_TSO6,
} from '../native/constants.js'

/** What passes a device: `'tun'`, IP packets; `'tap'`, Ethernet frames. */
export type TunTapMode = 'tun' | 'tap'

/** Bits of TUNSETOFFLOAD. The last two, TUN_F_USO4 and TUN_F_USO6, came with Linux 6.2. */
const offloads = {
  csum: TUN_F_CSUM,
  tso4: TUN_F_TSO4,
  tso6: TUN_F_TSO6,
  tsoEcn: TUN_F_TSO_ECN,
  uso4: 0x20,
  uso6: 0x40,
} as const

/** What the program does itself to packets that it reads: checksums, and TCP or UDP segments larger than the MTU. */
export type TunTapOffload = keyof typeof offloads

/** What is before each packet that is read or written. */
export interface TunPacketFormat {
  /** 4 bytes (struct tun_pi): flags, and the protocol as in an Ethernet header; false by default. */
  packetInfo?: boolean
  /** A struct virtio_net_hdr: checksum and segmentation offload; false by default. */
  vnetHeader?: boolean
}

/** How a program takes part in a device. */
export interface TunQueueOptions extends TunPacketFormat {
  /** How many queues to open, 1 to 256; 1 by default. Of several, the kernel chooses one for each flow. */
  queues?: number
  /** Bytes of the virtio_net_hdr, 10 to 256; 10 by default. */
  vnetHeaderSize?: number
  /** What need not be done to packets before they are read; nothing by default. Needs `vnetHeader`. */
  offload?: readonly TunTapOffload[]
}

type DeviceLinkOptions = Omit<CommonLinkOptions, 'txQueues' | 'rxQueues'>

interface DeviceOptions extends DeviceLinkOptions, TunPacketFormat {
  mode: TunTapMode
  /** Whether several queues can be attached to it; false by default (true for several `queues`). */
  multiQueue?: boolean
}

/** Options of {@link TunTap.create}: those of any link, and the device's own. */
export interface TunTapOptions extends DeviceOptions, TunQueueOptions {
  namespace: Namespace
}

/** Options of {@link TunTap.open}. */
export interface TunTapOpenOptions extends TunQueueOptions {
  namespace: Namespace
  /** The device: a Link, its name or its index. */
  link: LinkReference
}

/** Options of `links.create` for a persistent device, as `ip tuntap add` makes it. */
export interface TunLinkOptions extends DeviceOptions {
  kind: 'tun'
  /** The user who may attach to it, beside root; nobody by default. In an ordinary user's namespace only 0, oneself. */
  uid?: number
  /** The group whose members may. */
  gid?: number
}

const formatKeys = { packetInfo: true, vnetHeader: true } as const satisfies Record<keyof TunPacketFormat, true>
const queueKeys = { ...formatKeys, queues: true, vnetHeaderSize: true, offload: true } as const satisfies Record<
  keyof TunQueueOptions,
  true
>
// Its queues are those that are opened.
const { txQueues: _, rxQueues: __, ...linkKeys } = commonOptions
const deviceKeys: Readonly<Record<keyof DeviceOptions, true>> = {
  ...linkKeys,
  ...formatKeys,
  mode: true,
  multiQueue: true,
}

/** The keys that each of the three takes, for checkKeys. */
export const tunTapKeys = {
  create: { ...deviceKeys, ...queueKeys, namespace: true } as Record<keyof TunTapOptions, true>,
  open: { ...queueKeys, namespace: true, link: true } as Record<keyof TunTapOpenOptions, true>,
  persistent: { ...deviceKeys, kind: true, uid: true, gid: true } as Record<keyof TunLinkOptions, true>,
}

/** What /dev/net/tun is asked for, checked. */
export interface Attachment {
  /** IFF_* of TUNSETIFF. */
  flags: number
  queues: number
  vnetHeaderSize: number | undefined
  /** TUN_F_* bits. */
  offload: number | undefined
  uid: number | undefined
  gid: number | undefined
}

const highestId = 0x7fffffff

/** Checks how a program wants to take part in a device, whose mode is not checked. */
export function attachmentOf(
  mode: TunTapMode,
  options: TunQueueOptions & { multiQueue?: boolean; uid?: number; gid?: number },
): Attachment {
  const { packetInfo = false, vnetHeader = false, queues = 1, vnetHeaderSize, offload, uid, gid } = options
  checkInteger('queues', queues, 1, 256)
  const { multiQueue = queues > 1 } = options
  for (const [name, value] of Object.entries({ packetInfo, vnetHeader, multiQueue })) checkBoolean(name, value)
  if (queues > 1 && !multiQueue) throw invalidArgument('queues', queues, 'several need a device with multiQueue')
  if (vnetHeaderSize !== undefined) checkInteger('vnetHeaderSize', vnetHeaderSize, 10, 256)
  const needing = { vnetHeaderSize, offload }
  for (const [name, value] of Object.entries(needing)) {
    if (value !== undefined && !vnetHeader) throw invalidArgument(name, value, 'it needs vnetHeader: true')
  }
  const flags =
    (mode === 'tun' ? IFF_TUN : IFF_TAP) |
    (packetInfo ? 0 : IFF_NO_PI) |
    (vnetHeader ? IFF_VNET_HDR : 0) |
    (multiQueue ? IFF_MULTI_QUEUE : 0)
  return {
    flags,
    queues,
    vnetHeaderSize,
    offload: offload === undefined ? undefined : offloadBits(offload),
    uid: uid === undefined ? undefined : checkInteger('uid', uid, 0, highestId),
    gid: gid === undefined ? undefined : checkInteger('gid', gid, 0, highestId),
  }
}

function offloadBits(offload: readonly TunTapOffload[]): number {
  if (!Array.isArray(offload)) throw invalidArgument('offload', offload, 'it must be an array')
  return offload.reduce((bits, name) => {
    if (!Object.hasOwn(offloads, name))
      throw invalidArgument('offload', name, `it can be ${Object.keys(offloads).join(', ')}`)
    return bits | offloads[name as TunTapOffload]
  }, 0)
}

/** Checks the options of a device that is to be made; what is left is those of any link. */
export function checkDevice<T extends DeviceOptions>(options: T, keys: Readonly<Record<string, true>>): T {
  const { mode, mac } = checkKeys('options', options, keys)
  if (mode !== 'tun' && mode !== 'tap') throw invalidArgument('mode', mode, "it must be 'tun' or 'tap'")
  if (mac !== undefined && mode === 'tun') throw invalidArgument('mac', mac, 'a tun has no Ethernet address')
  return options
}
