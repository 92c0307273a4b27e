import { linkMessage } from '../netlink/messages/link.js'
import { type NetlinkRequest, request } from '../netlink/request.js'

/** Gives a link an alternative name, or takes it away. */
export function altNameRequest(
  name: 'RTM_NEWLINKPROP' | 'RTM_DELLINKPROP',
  index: number,
  altName: string,
  words: string,
): NetlinkRequest {
  const value = { index, propList: { altIfname: [altName] } }
  return request(name, linkMessage, value, { words: `alternative name '${altName}' of ${words}` })
}
