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

// How long a new file is looked at every few milliseconds: a mount on it makes no inotify event.
const mountAttempts = 200
const mountPauseMs = 5

/** A file that is no namespace, or not yet: it is there a moment before the namespace is mounted on it. */
interface Candidate {
  /** Which file it is: another one of the same name is looked at anew. */
  file: string
  attempts: number
}

interface State {
  /** The names told of, with the inodes of their namespaces: one that was deleted and made again has another. */
  readonly known: Map<string, bigint>
  readonly candidates: Map<string, Candidate>
}

function inodeOf(name: string): bigint | undefined {
  try {
    const path = `${netnsDirectory}/${name}`
    return statfsSync(path).type === NSFS_MAGIC ? statSync(path, { bigint: true }).ino : undefined
  } catch {
    return undefined
  }
}

function fileOf(name: string): string | undefined {
  const stat = statSync(`${netnsDirectory}/${name}`, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev}:${stat.ino}:${stat.ctimeNs}`
}

function names(): string[] {
  try {
    return readdirSync(netnsDirectory)
  } catch {
    return []
  }
}

/** Follows the names under /run/netns from this call on; see {@link Namespace.watch}. */
export function watchNames(signal: AbortSignal | undefined): AsyncGenerator<NamespaceEvent, void, undefined> {
  const known = new Map<string, bigint>()
  for (const name of names()) {
    const inode = inodeOf(name)
    if (inode !== undefined) known.set(name, inode)
  }
  return follow({ known, candidates: new Map() }, signal)
}

async function* follow(state: State, signal: AbortSignal | undefined): AsyncGenerator<NamespaceEvent, void, undefined> {
  while (!signal?.aborted) {
    const { watcher, isParent } = startWatching()
    const events = on(watcher, 'change', { ...(signal && { signal }), close: ['close'] })
    try {
      yield* changes(state)
      // It may never be asked for.
      const ask = () => {
        const next = events.next()
        next.catch(() => {})
        return next
      }
      for (let next = ask(); ; ) {
        const event = await (isWaiting(state) ? Promise.race([next, sleep(mountPauseMs)]) : next)
        if (event === undefined) {
          yield* mounted(state)
          continue
        }
        if (event.done) break
        next = ask()
        if (isParent && event.value[1] !== basename(netnsDirectory)) continue
        yield* changes(state)
        if (isParent || directoryIsGone()) break
      }
    } catch (error) {
      if (!signal?.aborted) throw error
    } finally {
      watcher.close()
      await events.return?.()
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

function* changes({ known, candidates }: State): Generator<NamespaceEvent> {
  const now = new Set(names())
  for (const [name, inode] of known) {
    const present = now.has(name) ? inodeOf(name) : undefined
    if (present === inode) continue
    known.delete(name)
    yield { event: 'delete', name }
  }
  for (const name of candidates.keys()) if (!now.has(name)) candidates.delete(name)
  for (const name of now) if (!known.has(name)) yield* look(name, { known, candidates })
}

// Nothing else is held up by a file that never becomes a namespace, as a killed `ip netns add` leaves it.
function* mounted(state: State): Generator<NamespaceEvent> {
  for (const [name, { attempts }] of state.candidates) if (attempts < mountAttempts) yield* look(name, state)
}

function isWaiting({ candidates }: State): boolean {
  return [...candidates.values()].some(({ attempts }) => attempts < mountAttempts)
}

function* look(name: string, { known, candidates }: State): Generator<NamespaceEvent> {
  const file = fileOf(name)
  const inode = inodeOf(name)
  if (inode !== undefined) {
    candidates.delete(name)
    known.set(name, inode)
    yield { event: 'add', name }
  } else if (file === undefined) {
    candidates.delete(name)
  } else {
    const before = candidates.get(name)
    candidates.set(name, { file, attempts: before?.file === file ? before.attempts + 1 : 0 })
  }
}
