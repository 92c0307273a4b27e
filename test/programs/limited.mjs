// Does one thing with ever more free descriptors until it works: "N free: EMFILE syscall" or "N free: done".
import { closeSync, openSync, readdirSync } from 'node:fs'
import { Namespace, VethPair } from 'linux-namespaces'

const [what] = process.argv.slice(2)

// What stays for the life of the process is there before.
const a = await Namespace.create()
const b = await Namespace.create()
await a.execFile('true')
await Namespace.list()
const opened = await Namespace.open({ fd: a.fd() })

/** @type {Record<string, () => Promise<unknown>>} */
const actions = {
  namespace: async () => (await Namespace.create()).close(),
  types: async () => (await Namespace.create({ types: ['net', 'uts', 'ipc', 'mnt', 'cgroup'] })).close(),
  user: async () => (await Namespace.create({ types: ['net', 'user'] })).close(),
  open: async () => (await Namespace.open({ pid: process.pid }, { types: ['net', 'uts', 'ipc'] })).close(),
  list: () => opened.links.list(),
  veth: async () => {
    const other = await Namespace.open({ fd: b.fd() })
    try {
      await (await VethPair.create({ namespace: a, name: 'x' }, { namespace: other, name: 'y' })).delete()
    } finally {
      other.close()
    }
  },
  sysctl: () => a.sysctl.set('net.ipv4.ip_forward', 1),
  execFile: () => a.execFile('true'),
  spawn: () =>
    new Promise((resolve, reject) => {
      const child = a.spawn('true', [], { stdio: 'ignore' })
      child.on('error', reject)
      child.on('exit', resolve)
    }),
}

// The pipes that Node has made for a child stay open when it then finds no descriptor for the child itself.
const nodesOwn = what === 'execFile' ? 2 : 0
const count = () => readdirSync('/proc/self/fd').length
const action = actions[what ?? '']
if (action === undefined) throw new Error(`what is '${what}'?`)
let before = count()
for (let free = 0; ; free++) {
  const fill = []
  try {
    for (;;) fill.push(openSync('/dev/null', 'r'))
  } catch {
    for (const fd of fill.splice(0, free)) closeSync(fd)
  }
  let result = 'done'
  await action().catch((error) => {
    result = `${error.code} ${error.syscall}`
  })
  for (const fd of fill) closeSync(fd)
  console.log(`${free} free: ${result}`)
  // A socket that stays with its namespace is not left behind.
  if (result === 'done') break
  if (count() > before + nodesOwn) throw new Error(`${count() - before} descriptors are left`)
  if (free === 40) throw new Error('it never works')
  before = count()
}
const links = (await a.links.list()).map(({ name }) => name)
if (links.join() !== 'lo') throw new Error(`links are left: ${links}`)
