import { SystemError } from '../errors/system-error.js'
import { Program } from '../executor/program.js'
import type { Limits } from '../limits.js'
import { upFlags } from '../links/build.js'
import { Link } from '../links/link.js'
import { type CommonLinkOptions, planLink } from '../links/options.js'
import { getLinkRequest, resolveLink } from '../links/reference.js'
import type { NamespaceCore } from '../namespace/core.js'
import { EBUSY, EEXIST, IFF_TUN_EXCL, TUNSETPERSIST } from '../native/constants.js'
import { NetlinkError } from '../netlink/error.js'
import { type LinkRequest, linkMessage } from '../netlink/messages/link.js'
import { type Reply, request } from '../netlink/request.js'
import { attach, closeQueues } from './attach.js'
import { type Attachment, attachmentOf, checkDevice, type TunLinkOptions, tunTapKeys } from './options.js'

const indexAttempts = 5

/** A device that was made: the descriptor of each of its queues, and what the kernel says about the link. */
export interface Made {
  descriptors: number[]
  reply: Reply
}

/** Makes a device, up and with its addresses; refused halfway, nothing stays. It is there for as long as it is open. */
export function makeDevice(
  core: NamespaceCore,
  options: CommonLinkOptions,
  attachment: Attachment,
  limits: Limits,
): Promise<Made> {
  const plan = planLink(core, options, undefined)
  const { name } = plan
  const words = name === undefined ? 'a new tun' : `tun '${name}'`
  return core.handle.use(async () => {
    const master = options.master === undefined ? undefined : await resolveLink(core, options.master, limits)
    const { index, descriptors } = await attachNew(core, name, attachment, `making ${words}`, limits)
    try {
      const { ifname: _, ...attributes } = plan.attributes
      const value: LinkRequest = { ...attributes, ...upFlags(plan.up), index, master, ifalias: plan.alias }
      const requests = [
        request('RTM_SETLINK', linkMessage, value, { words }),
        ...plan.addressing(index),
        getLinkRequest(index, words),
      ]
      const replies = await core.withConnection((connection) =>
        Promise.all(requests.map((each) => connection.request(each, limits))),
      )
      return { descriptors, reply: replies.at(-1)?.[0] as Reply }
    } catch (error) {
      await closeQueues(descriptors)
      throw error
    }
  })
}

// The index is chosen here: what follows need not ask for it.
async function attachNew(
  core: NamespaceCore,
  name: string | undefined,
  attachment: Attachment,
  operation: string,
  limits: Limits,
): Promise<{ index: number; descriptors: number[] }> {
  const exclusive = { ...attachment, flags: attachment.flags | IFF_TUN_EXCL }
  for (let attempt = 1; ; attempt++) {
    const index = core.nextLinkIndex()
    try {
      return { index, descriptors: await attach(core, { name, index }, exclusive, operation, limits) }
    } catch (error) {
      // Either the name or the index is another link's.
      if (!(error instanceof SystemError && error.errno === -EBUSY)) throw error
      if (name !== undefined && (await isThere(core, name, limits))) {
        throw new SystemError(EEXIST, { syscall: 'ioctl', operation: error.operation })
      }
      if (attempt === indexAttempts) throw error
    }
  }
}

async function isThere(core: NamespaceCore, name: string, limits: Limits): Promise<boolean> {
  try {
    await core.withConnection((connection) => connection.request(getLinkRequest(name), limits))
    return true
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') return false
    throw error
  }
}

/** Makes a device that stays with nobody attached to it, as `ip tuntap add` does. */
export async function makePersistent(core: NamespaceCore, options: TunLinkOptions, limits: Limits): Promise<Link> {
  const { mode } = checkDevice(options, tunTapKeys.persistent)
  const { descriptors, reply } = await makeDevice(core, options, attachmentOf(mode, options), limits)
  const program = new Program()
  const [first = -1] = descriptors
  program.call('ioctl', [first, TUNSETPERSIST, 1], { purpose: 'making it persistent' })
  const link = new Link(core, reply)
  try {
    limits.signal?.throwIfAborted()
    // Given up, it might be carried out all the same.
    await program.run(`making tun '${link.name}' in ${core.label}`, { timeout: 0 })
  } finally {
    await closeQueues(descriptors)
  }
  // Without anybody attached it has no carrier.
  return link.refresh()
}
