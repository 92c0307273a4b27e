import { promises as fs } from 'node:fs'
import { type Limits, withLimits } from '../limits.js'
import type { NamespaceType } from './types.js'

/** The processes whose namespace of this type has this inode. */
export function processesIn(type: NamespaceType, inode: bigint, limits: Limits): Promise<number[]> {
  const operation = `listing the processes in ${type}:[${inode}]`
  return withLimits(operation, 'readlink', limits, () => ({ done: find(type, inode), cancel() {} }))
}

async function find(type: NamespaceType, inode: bigint): Promise<number[]> {
  const wanted = `${type}:[${inode}]`
  const pids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A process that has gone since, or that is another user's, is none of ours.
      const link = await fs.readlink(`/proc/${pid}/ns/${type}`).catch(() => undefined)
      return link === wanted
    }),
  )
  return pids.filter((_, i) => found[i]).sort((a, b) => a - b)
}
