/**
 * The wire layer: netlink sockets in a namespace, message formats as data, and the rtnetlink formats that the rest of the
 * package is made of. For families and messages that have no object of their own yet.
 *
 * @packageDocumentation
 */
export * from './codec/index.js'
export { DumpInterruptedError, NetlinkError, type NetlinkErrorDetails } from './error.js'
export * from './messages/index.js'
export { NetlinkSocket, type NetlinkSocketOptions } from './netlink-socket.js'
export type { NetlinkRequest, Reply } from './request.js'
