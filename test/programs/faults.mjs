// Does one thing in a process whose system calls fail here and there, and tells how it ended and what it left: see
// test/kernel/injected-faults.test.ts.
import { readdirSync, readlinkSync } from 'node:fs'
import { Bridge, Namespace, TunTap, VethPair } from 'linux-namespaces'

/** @type {Record<string, (a: Namespace, b: Namespace) => Promise<unknown>>} */
const actions = {
  nothing: async () => {},
  types: async () => (await Namespace.create({ types: ['net', 'uts', 'mnt'], hostname: 'x' })).close(),
  user: async () => (await Namespace.create({ types: ['net', 'user'] })).close(),
  open: async () => (await Namespace.open({ pid: process.pid }, { types: ['net', 'uts', 'ipc'] })).close(),
  pair: (a, b) =>
    VethPair.create(
      { namespace: a, name: 'x', addresses: ['10.0.0.1/24', 'fd00::1/64'] },
      { namespace: b, name: 'y', addresses: ['10.0.0.2/24', 'fd00::2/64'] },
    ),
  bridge: (a) => Bridge.create({ namespace: a, name: 'x', addresses: ['10.0.0.1/24'] }),
  tun: async (a) => (await TunTap.create({ namespace: a, mode: 'tun', name: 'x', queues: 2 })).close(),
  connect: async (a) => {
    const opened = await Namespace.open({ fd: a.fd() })
    await opened.links.list().finally(() => opened.close())
  },
  sysctl: (a) => a.sysctl.set('net.ipv4.ip_forward', 1),
  execFile: (a) => a.execFile('true'),
  named: async () => {
    const name = `lnfault${process.pid}`
    const ns = await Namespace.create({ name })
    ns.close()
    await Namespace.delete(name)
  },
}
const action = actions[process.argv[2] ?? '']
if (action === undefined) throw new Error(`what is '${process.argv[2]}'?`)

/** What the library can leave open. */
function descriptors() {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return /^(net|uts|ipc|mnt|user|cgroup|socket):|^\/(proc|run|dev\/net)\//.test(target) ? [`${fd} ${target}`] : []
    } catch {
      return [] // the one with which the directory was read
    }
  })
}

const before = descriptors()
/** @type {Namespace[]} */
const made = []
/** @type {object | undefined} */
let failure
try {
  const a = await Namespace.create()
  made.push(a)
  const b = await Namespace.create()
  made.push(b)
  // The children that make namespaces count their calls anew, each from one: from the third call on, a fault is one of the
  // action's.
  await a.links.list()
  await b.links.list()
  await action(a, b)
} catch (error) {
  const { code, syscall, message, operation } = /** @type {{ [key: string]: unknown }} */ (error)
  failure = { code, syscall, message, operation }
}
const links = []
for (const ns of made) {
  // The fault may have been waiting for this.
  const list = await ns.links.list().catch(() => ns.links.list())
  for (const { name } of list) if (name !== 'lo' && failure !== undefined) links.push(name)
  ns.close()
}
Namespace.current().close()
const left = descriptors().filter((each) => !before.includes(each) && !each.includes(' user:'))
const names = readdirSync('/run').includes('netns')
  ? readdirSync('/run/netns').filter((name) => name === `lnfault${process.pid}`)
  : []
console.log(JSON.stringify({ failure, links, left, names }))
