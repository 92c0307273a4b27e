import { bridge } from './bridge.js'
import { bridgePort } from './bridge-port.js'
import { veth } from './veth.js'

/** IFLA_INFO_DATA by IFLA_INFO_KIND. A new kind of link is one file here and one line below. */
export const linkKinds = { bridge, veth }

/** IFLA_INFO_SLAVE_DATA by IFLA_INFO_SLAVE_KIND: what a link is to its master. */
export const slaveKinds = { bridge: bridgePort }
