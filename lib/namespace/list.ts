import { type BigIntStats, promises as fs } from 'node:fs'
import { type Limits, withLimits } from '../limits.js'
import { NSFS_MAGIC } from '../native/constants.js'
import type { Connection } from '../netlink/connection.js'
import { NetlinkError } from '../netlink/error.js'
import { type NsidMessage, nsidMessage } from '../netlink/messages/nsid.js'
import { request } from '../netlink/request.js'
import { netnsDirectory } from './named.js'

/** A name under /run/netns. */
export interface NamedNamespace {
  name: string
  path: string
  /** As in `net:[4026531840]`. */
  inode: bigint
  /** The number by which the caller's network namespace knows it, if it does. */
  nsid?: number
}

/** The names under /run/netns; see {@link Namespace.list}. */
export function listNamed(connection: Connection, limits: Limits): Promise<NamedNamespace[]> {
  const operation = `listing the names in ${netnsDirectory}`
  return withLimits(operation, 'readdir', limits, () => ({ done: read(connection, limits), cancel() {} }))
}

async function read(connection: Connection, limits: Limits): Promise<NamedNamespace[]> {
  const names = await fs.readdir(netnsDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const entries = await Promise.all(names.sort().map((name) => entryOf(name, connection, limits)))
  return entries.filter((entry) => entry !== undefined)
}

async function entryOf(name: string, connection: Connection, limits: Limits): Promise<NamedNamespace | undefined> {
  const path = `${netnsDirectory}/${name}`
  // Gone since the directory was read, or a file that never became a namespace.
  const handle = await fs.open(path).catch(() => undefined)
  if (handle === undefined) return undefined
  try {
    if (!(await isNamespace(handle.fd))) return undefined
    const { ino }: BigIntStats = await handle.stat({ bigint: true })
    const nsid = await nsidOf(handle.fd, connection, limits)
    return { name, path, inode: ino, ...(nsid !== undefined && { nsid }) }
  } finally {
    await handle.close()
  }
}

async function isNamespace(fd: number): Promise<boolean> {
  return (await fs.statfs(`/proc/self/fd/${fd}`)).type === NSFS_MAGIC
}

async function nsidOf(fd: number, connection: Connection, limits: Limits): Promise<number | undefined> {
  const get = request('RTM_GETNSID', nsidMessage, { fd }, { words: 'the number of a namespace' })
  const [reply] = await connection.request(get, limits).catch((error: unknown) => {
    if (error instanceof NetlinkError) return []
    throw error
  })
  if (reply === undefined) return undefined
  const { nsid }: NsidMessage = nsidMessage.decode(reply.bytes, reply.start, reply.end)
  return nsid === undefined || nsid < 0 ? undefined : nsid
}
