import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What a test must leave as it found it. */
export interface ProcessState {
  /** Open descriptors, as `number -> target`. */
  descriptors: string[]
  /** How many threads there are. */
  threads: number
  /** Names under /run/netns. */
  names: string[]
  /** How many mounts there are. */
  mounts: number
  /** Children of this process, by pid and command. */
  children: string[]
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** What this process has now. */
export function processState(): ProcessState {
  const tasks = list('/proc/self/task')
  return {
    // The descriptor with which the directory itself is read is gone by the time it is looked at.
    descriptors: list('/proc/self/fd').flatMap((fd) => {
      const target = link(`/proc/self/fd/${fd}`)
      return target === '' ? [] : [`${fd} -> ${target}`]
    }),
    threads: tasks.length,
    names: list('/run/netns'),
    mounts: text('/proc/self/mountinfo').split('\n').length,
    children: tasks.flatMap((task) =>
      text(`/proc/self/task/${task}/children`)
        .split(' ')
        .filter((pid) => pid.trim() !== '')
        .map((pid) => `${pid} ${text(`/proc/${pid}/comm`).trim()}`),
    ),
  }
}

const types = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']

/** The namespaces of every thread of this process: one line each that differs from the main thread's. */
export function strayThreads(): string[] {
  const main = types.map((type) => link(`/proc/self/ns/${type}`))
  return list('/proc/self/task').flatMap((task) => {
    const own = types.map((type) => link(`/proc/self/task/${task}/ns/${type}`))
    // A thread that has ended meanwhile has none.
    const stray = own.filter((namespace, i) => namespace !== '' && namespace !== main[i])
    return stray.length === 0 ? [] : [`thread ${task}: ${stray.join(' ')}`]
  })
}
