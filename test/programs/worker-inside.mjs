// A Worker inside a namespace: tells where it, the other threads and its children are.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Namespace } from 'linux-namespaces'

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const at = (/** @type {string} */ task, /** @type {string} */ type) => readlinkSync(`/proc/${task}/ns/${type}`)
const current = Namespace.current()
// By the library's own threads, which are where the process is.
const outside = await current.links.list()
port.once('message', () => port.close())
port.postMessage({
  ...workerData,
  net: at('thread-self', 'net'),
  uts: at('thread-self', 'uts'),
  tasks: readdirSync('/proc/self/task').map((task) => at(`self/task/${task}`, 'net')),
  links: [...readFileSync('/proc/thread-self/net/dev', 'utf8').matchAll(/^ *(\w+):/gm)].map(([, name]) => name),
  child: execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim(),
  current: `net:[${current.inode()}]`,
  outside: outside.map(({ name }) => name),
})
current.close()
