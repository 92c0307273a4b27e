import { attr, enumOf, names, nested, u8, u32 } from '../../codec/index.js'

/** What passes: IP packets, or Ethernet frames. */
export const tunType = names('IFF', { tun: 1, tap: 2 })

/** IFLA_INFO_DATA of a tun or tap, which the kernel only tells: such a link is made through /dev/net/tun. */
export const tun = nested({
  /** The user who may attach to it. */
  owner: attr('IFLA_TUN_OWNER', 1, u32),
  /** The group whose members may attach to it. */
  group: attr('IFLA_TUN_GROUP', 2, u32),
  type: attr('IFLA_TUN_TYPE', 3, enumOf(u8, tunType)),
  /** Whether packets have a struct tun_pi before them. */
  pi: attr('IFLA_TUN_PI', 4, u8),
  /** Whether packets have a struct virtio_net_hdr before them. */
  vnetHdr: attr('IFLA_TUN_VNET_HDR', 5, u8),
  /** Whether it stays when nobody is attached to it. */
  persist: attr('IFLA_TUN_PERSIST', 6, u8),
  multiQueue: attr('IFLA_TUN_MULTI_QUEUE', 7, u8),
  numQueues: attr('IFLA_TUN_NUM_QUEUES', 8, u32),
  numDisabledQueues: attr('IFLA_TUN_NUM_DISABLED_QUEUES', 9, u32),
})
