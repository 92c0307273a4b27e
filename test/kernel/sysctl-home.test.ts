// What a namespace does not have of its own is not changed through it: the kernel would change it outside.
import { readFileSync, writeFileSync } from 'node:fs'
import { Namespace, type NamespaceType } from 'linux-namespaces'
import { describe, expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

const host = (name: string) => readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim()

/** Whether an attempt left the host's value alone; whatever it did is undone. */
async function keeps(name: string, attempt: () => Promise<void>): Promise<boolean> {
  const before = host(name)
  try {
    await attempt()
    return host(name) === before
  } finally {
    if (host(name) !== before) writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, before)
  }
}

const refusal = (name: string, words: string) => ({
  code: 'ERR_NAMESPACE_TYPE',
  message: expect.stringMatching(new RegExp(`^The setting '${name}' ${words}.*Namespace\\.current\\(\\)\\.sysctl$`)),
})

// Each with a value that the host could have.
const shared: [name: string, types: NamespaceType[], words: string][] = [
  ['net.ipv4.ip_default_ttl', ['uts'], 'belongs to a namespace of the type net'],
  ['net/ipv4/ip_default_ttl', ['ipc', 'uts'], 'belongs to a namespace of the type net'],
  ['kernel.hostname', ['net'], 'belongs to a namespace of the type uts'],
  ['kernel.domainname', ['net', 'ipc'], 'belongs to a namespace of the type uts'],
  ['kernel.shmmni', ['net', 'uts'], 'belongs to a namespace of the type ipc'],
  ['kernel.msgmax', ['uts'], 'belongs to a namespace of the type ipc'],
  ['kernel.sem', ['net'], 'belongs to a namespace of the type ipc'],
  ['fs.mqueue.msg_max', ['net'], 'belongs to a namespace of the type ipc'],
  ['user.max_net_namespaces', ['net', 'uts'], 'belongs to a namespace of the type user'],
  ['vm.swappiness', ['net', 'uts', 'ipc', 'user'], 'is one of the whole machine'],
  ['kernel.panic', ['uts', 'ipc'], 'is one of the whole machine'],
]

describe.each(shared)('%s, in a namespace of %j', (name, types, words) => {
  test('is not changed by set, and not outside', async () => {
    using ns = await Namespace.create({ types })
    const attempt = () => expect(ns.sysctl.set(name, '63')).rejects.toMatchObject(refusal(name, words))
    expect(await keeps(name, attempt)).toBe(true)
  })

  test('is not changed by create, and not outside', async () => {
    const create = () => Namespace.create({ types, sysctl: { [name]: '63' } })
    const attempt = () => expect(create()).rejects.toMatchObject(refusal(name, words))
    expect(await keeps(name, attempt)).toBe(true)
  })
})

test('what create implies counts as its own', async () => {
  using ns = await Namespace.create({ hostname: 'blue', sysctl: { 'net.ipv4.ip_default_ttl': 63 } })
  expect(await ns.sysctl.get('net.ipv4.ip_default_ttl')).toBe('63')
  expect(await ns.sysctl.get('kernel.hostname')).toBe('blue')
})

test('settings of its own user namespace are set and read there', async () => {
  const before = host('user.max_net_namespaces')
  using other = await Namespace.create()
  const outside = await other.sysctl.get('user.max_net_namespaces')
  using ns = await Namespace.create({ types: ['user', 'net'], sysctl: { 'user.max_net_namespaces': 7 } })
  expect(await ns.sysctl.get('user.max_net_namespaces')).toBe('7')
  await ns.sysctl.set('user.max_net_namespaces', 5)
  expect(await ns.sysctl.get('user.max_net_namespaces')).toBe('5')
  expect((await ns.execFile('cat', ['/proc/sys/user/max_net_namespaces'])).stdout).toBe('5\n')
  expect(host('user.max_net_namespaces')).toBe(before)
  expect(await other.sysctl.get('user.max_net_namespaces')).toBe(outside)
})

if (isRoot) {
  test('settings of its own ipc namespace are set and read there', async () => {
    const before = host('kernel.msgmax')
    using ns = await Namespace.create({ types: ['ipc'], sysctl: { 'kernel.shmmni': 77, 'fs.mqueue.msg_max': 9 } })
    await ns.sysctl.set('kernel.msgmax', 4711)
    for (const [name, value] of [
      ['kernel.shmmni', '77'],
      ['fs.mqueue.msg_max', '9'],
      ['kernel.msgmax', '4711'],
    ] as const) {
      expect(await ns.sysctl.get(name)).toBe(value)
    }
    expect(host('kernel.msgmax')).toBe(before)
  })

  test('those of the whole machine are changed through the current namespace', async () => {
    const before = host('kernel.panic')
    await Namespace.current().sysctl.set('kernel.panic', before)
    expect(host('kernel.panic')).toBe(before)
  })
} else {
  test('those of the whole machine are not an ordinary user’s to change', async () => {
    await expect(Namespace.current().sysctl.set('kernel.panic', 1)).rejects.toMatchObject({ code: 'EACCES' })
  })
}

test('a list of many ports is read whole', async () => {
  using ns = await Namespace.create()
  const ports = Array.from({ length: 32_000 }, (_, i) => 2 * i + 1)
  // The kernel takes a page at a time, and adds what comes after the first.
  const script = `
    import { openSync, writeSync } from 'node:fs'
    const fd = openSync('/proc/sys/net/ipv4/ip_local_reserved_ports', 'w')
    let at = 0
    for (let from = 1; from < 64_000; from += 1000) {
      const list = Array.from({ length: 500 }, (_, i) => from + 2 * i).join() + '\\n'
      writeSync(fd, list, at)
      at += list.length
    }`
  await ns.execFile(process.execPath, ['--input-type=module', '-e', script])
  expect(await ns.sysctl.get('net.ipv4.ip_local_reserved_ports')).toBe(ports.join())
})
