import { on } from 'node:events'
import { type FSWatcher, readdirSync, statfsSync, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NSFS_MAGIC } from '../native/constants.js'
import { netnsDirectory } from './named.js'

/** A name under /run/netns that came or went. */
export interface NamespaceEvent {
  event: 'add' | 'delete'
  name: string
}

const mountAttempts = 200
const mountPauseMs = 5

// The inode tells a name that was deleted and made again from one that stayed.
function inodeOf(name: string): bigint | undefined {
  try {
    const path = `${netnsDirectory}/${name}`
    return statfsSync(path).type === NSFS_MAGIC ? statSync(path, { bigint: true }).ino : undefined
  } catch {
    return undefined
  }
}

function names(): string[] {
  try {
    return readdirSync(netnsDirectory)
  } catch {
    return []
  }
}

// The file is there a moment before the namespace is mounted on it, and a mount makes no inotify event.
async function mountedInode(name: string, signal: AbortSignal | undefined): Promise<bigint | undefined> {
  for (let attempt = 0; attempt < mountAttempts && !signal?.aborted; attempt++) {
    const inode = inodeOf(name)
    if (inode !== undefined) return inode
    if (!names().includes(name)) return undefined
    await sleep(mountPauseMs)
  }
  return undefined
}

/** Follows the names under /run/netns from this call on; see {@link Namespace.watch}. */
export function watchNames(signal: AbortSignal | undefined): AsyncGenerator<NamespaceEvent, void, undefined> {
  const known = new Map<string, bigint>()
  for (const name of names()) {
    const inode = inodeOf(name)
    if (inode !== undefined) known.set(name, inode)
  }
  return follow(known, signal)
}

async function* follow(
  known: Map<string, bigint>,
  signal: AbortSignal | undefined,
): AsyncGenerator<NamespaceEvent, void, undefined> {
  while (!signal?.aborted) {
    const { watcher, isParent } = startWatching()
    try {
      const events = on(watcher, 'change', { ...(signal && { signal }), close: ['close'] })
      yield* changes(known, signal)
      for await (const [, file] of events) {
        if (isParent && file !== basename(netnsDirectory)) continue
        yield* changes(known, signal)
        if (isParent || directoryIsGone()) break
      }
    } catch (error) {
      if (!signal?.aborted) throw error
    } finally {
      watcher.close()
    }
  }
}

// The directory appears with the first name: until then its parent is watched for it.
function startWatching(): { watcher: FSWatcher; isParent: boolean } {
  try {
    return { watcher: watch(netnsDirectory), isParent: false }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { watcher: watch(dirname(netnsDirectory)), isParent: true }
  }
}

function directoryIsGone(): boolean {
  return statSync(netnsDirectory, { throwIfNoEntry: false }) === undefined
}

async function* changes(known: Map<string, bigint>, signal: AbortSignal | undefined): AsyncGenerator<NamespaceEvent> {
  const now = names()
  for (const [name, inode] of known) {
    const present = now.includes(name) ? inodeOf(name) : undefined
    if (present === inode) continue
    known.delete(name)
    yield { event: 'delete', name }
  }
  for (const name of now) {
    const inode = known.has(name) ? undefined : await mountedInode(name, signal)
    if (inode === undefined) continue
    known.set(name, inode)
    yield { event: 'add', name }
  }
}
