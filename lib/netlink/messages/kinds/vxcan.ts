import { attr, nested, nestedMessage } from '../../codec/index.js'
import { ifinfomsg, linkAttributes } from '../link-attributes.js'

/** IFLA_INFO_DATA of a vxcan: the other end, as a link of its own. Only requests carry it. */
export const vxcan = nested({
  peer: attr('VXCAN_INFO_PEER', 1, nestedMessage({ header: ifinfomsg, attributes: linkAttributes })),
})
