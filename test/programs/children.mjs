// Starts one child of each kind, tells their pids, and waits for its end.
import { Namespace } from 'linux-namespaces'

const [how, name] = process.argv.slice(2)
const ns = await Namespace.create()
const mounts = await Namespace.create({ types: ['net', 'mnt', 'user'] })
/** @param {Namespace} namespace @param {import('node:child_process').SpawnOptions} [options] */
const start = (namespace, options) => namespace.spawn('sleep', ['1000'], { stdio: 'ignore', ...options })
/** @type {Record<string, import('node:child_process').ChildProcess>} */
const children = {
  anonymous: start(ns),
  mounts: start(mounts),
  detached: start(ns, { detached: true }),
  detachedMounts: start(mounts, { detached: true }),
}
if (name !== undefined) {
  const named = await Namespace.open(name)
  children.named = start(named)
  children.other = start(ns, { uid: 1234, gid: 1234 })
}
console.log(JSON.stringify(Object.fromEntries(Object.entries(children).map(([key, child]) => [key, child.pid]))))
if (how === 'exit') process.exit(0)
