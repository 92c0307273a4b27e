// Does the same thing over and over and tells what the process holds after a warm-up and at the end. Run with --expose-gc.
import { readdirSync } from 'node:fs'
import { Bridge, Namespace, VethPair } from 'linux-namespaces'

const [what = '', count = '1000'] = process.argv.slice(2)

const a = await Namespace.create()
const b = await Namespace.create()

/** @type {Record<string, () => Promise<unknown>>} */
const actions = {
  namespace: async () => (await Namespace.create()).close(),
  types: async () => (await Namespace.create({ types: ['net', 'uts', 'ipc', 'mnt', 'user'], hostname: 'x' })).close(),
  open: async () => {
    const ns = await Namespace.open({ fd: a.fd() })
    await ns.links.list()
    ns.close()
  },
  pair: async () => {
    const [one, two] = await Promise.all([Namespace.create(), Namespace.create()])
    await VethPair.create(
      { namespace: one, addresses: ['10.0.0.1/24'] },
      { namespace: two, addresses: ['10.0.0.2/24'] },
    )
    await one.routes.list()
    one.close()
    two.close()
  },
  failure: async () => {
    await Bridge.create({ namespace: a, name: 'x', addresses: ['10.0.0.1/24', '10.0.0.1/24'] }).catch(() => {})
    await Namespace.open('/dev/null').catch(() => {})
  },
  abort: async () => {
    const controller = new AbortController()
    const making = Namespace.create({ signal: controller.signal })
    setImmediate(() => controller.abort())
    await making.then(
      (ns) => ns.close(),
      () => {},
    )
  },
  execFile: () => a.execFile('true'),
  sysctl: async () => {
    await b.sysctl.set('net.ipv4.ip_forward', 1)
    await b.sysctl.get('net.ipv4.ip_forward')
  },
}
const action = actions[what]
if (action === undefined) throw new Error(`what is '${what}'?`)

async function state() {
  // Collected twice, with time for finalizers in between.
  for (let i = 0; i < 2; i++) {
    await new Promise(setImmediate)
    globalThis.gc?.()
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    rss,
    heapUsed,
    external,
  }
}

for (let i = 0; i < Number(count) / 2; i++) await action()
const before = await state()
for (let i = 0; i < Number(count); i++) await action()
const after = await state()
console.log(JSON.stringify({ before, after }))
