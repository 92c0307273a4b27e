import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { Namespace, type NamespaceType, VethPair } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { ipLink } from '../helpers/ip.js'
import { isRoot } from '../helpers/user.js'

const all: NamespaceType[] = ['user', 'net', 'uts', 'ipc', 'cgroup', 'mnt']
const subsets = Array.from({ length: 63 }, (_, i) => all.filter((_type, bit) => ((i + 1) >> bit) & 1))

/** The namespaces that a process started in there is in: `net:[4026531840]`, … */
async function seenInside(ns: Namespace): Promise<Map<NamespaceType, string>> {
  const { stdout } = await ns.execFile(
    'readlink',
    all.map((type) => `/proc/self/ns/${type}`),
  )
  const lines = stdout.trim().split('\n')
  return new Map(all.map((type, i) => [type, lines[i] as string]))
}

const own = (type: NamespaceType) => readlinkSync(`/proc/self/ns/${type}`)
const mapLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))

test('every combination of types is new where it should be, and shared with the host where not', async () => {
  using plain = await Namespace.create()
  // As an ordinary user all live in one user namespace.
  const user = (await seenInside(plain)).get('user')
  expect(user === own('user')).toBe(isRoot)
  for (const types of subsets) {
    using ns = await Namespace.create({ types })
    expect(ns.types).toEqual(types)
    expect(ns.rootless).toBe(!isRoot)
    const seen = await seenInside(ns)
    for (const type of all) {
      const where = `${type} of ${types.join(' ')}`
      if (types.includes(type)) {
        expect(seen.get(type), where).toBe(`${type}:[${ns.inode(type)}]`)
        expect(seen.get(type), where).not.toBe(own(type))
      } else {
        expect(seen.get(type), where).toBe(type === 'user' ? user : own(type))
        // An ordinary user's can be entered by others through the user namespace that all share.
        if (type === 'user' && !isRoot) expect(`user:[${ns.inode(type)}]`, where).toBe(user)
        else expect(() => ns.fd(type), where).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_TYPE' }))
      }
    }
  }
}, 60_000)

test('types are taken in any order and once each', async () => {
  using ns = await Namespace.create({ types: ['mnt', 'net', 'uts', 'net'] })
  expect(ns.types).toEqual(['net', 'uts', 'mnt'])
})

test("a host name is the namespace's own", async () => {
  const before = hostname()
  using ns = await Namespace.create({ hostname: 'blue' })
  expect(ns.types).toEqual(['net', 'uts'])
  expect((await ns.execFile('uname', ['-n'])).stdout).toBe('blue\n')
  expect(await ns.sysctl.get('kernel.hostname')).toBe('blue')
  const longest = 'x'.repeat(64)
  using other = await Namespace.create({ types: ['uts'], hostname: longest })
  expect(other.types).toEqual(['uts'])
  expect((await other.execFile('uname', ['-n'])).stdout).toBe(`${longest}\n`)
  expect(hostname()).toBe(before)
  for (const bad of ['', `${longest}x`, 'a\0b']) {
    await expect(Namespace.create({ hostname: bad })).rejects.toThrow(/hostname/)
  }
})

test('mounts made in a mount namespace stay in it, and last while it is open', async () => {
  const before = readFileSync('/proc/self/mountinfo', 'utf8')
  using ns = await Namespace.create({ types: ['mnt'] })
  await ns.execFile('mount', ['-t', 'tmpfs', 'ours', '/mnt'])
  await ns.execFile('sh', ['-c', 'echo inside > /mnt/file'])
  expect((await ns.execFile('cat', ['/mnt/file'])).stdout).toBe('inside\n')
  expect((await ns.execFile('cat', ['/proc/self/mountinfo'])).stdout).toContain(' /mnt rw')
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before)
})

test('a cgroup namespace hides where the process is, an ipc namespace has queues of its own', async () => {
  using ns = await Namespace.create({ types: ['cgroup', 'ipc'] })
  expect((await ns.execFile('cat', ['/proc/self/cgroup'])).stdout.trim().split('\n').at(-1)).toMatch(/:\/$/)
  const before = readFileSync('/proc/sysvipc/msg', 'utf8')
  await ns.execFile('ipcmk', ['-Q'])
  expect((await ns.execFile('cat', ['/proc/sysvipc/msg'])).stdout.trim().split('\n')).toHaveLength(2)
  expect(readFileSync('/proc/sysvipc/msg', 'utf8')).toBe(before)
})

test('the loopback device is up unless it is not to be', async () => {
  const types: NamespaceType[][] = [['net'], ['user', 'net'], ['net', 'mnt']]
  for (const each of types) {
    using up = await Namespace.create({ types: each })
    expect((await ipLink(up, 'lo')).flags).toContain('UP')
    using down = await Namespace.create({ types: each, loopback: false })
    expect((await ipLink(down, 'lo')).flags).not.toContain('UP')
    expect((await down.links.get('lo')).isUp).toBe(false)
  }
})

test('settings are made before anybody sees the namespace, and in it alone', async () => {
  const ours = readFileSync('/proc/sys/net/ipv4/conf/all/forwarding', 'utf8')
  using ns = await Namespace.create({
    sysctl: { 'net.ipv4.conf.all.forwarding': 1, 'net/ipv6/conf/default/disable_ipv6': '1' },
  })
  expect((await ns.execFile('cat', ['/proc/sys/net/ipv4/conf/all/forwarding'])).stdout).toBe('1\n')
  await ns.links.create({ kind: 'bridge', name: 'br0' })
  expect((await ns.execFile('cat', ['/proc/sys/net/ipv6/conf/br0/disable_ipv6'])).stdout).toBe('1\n')
  expect(readFileSync('/proc/sys/net/ipv4/conf/all/forwarding', 'utf8')).toBe(ours)
  await expect(Namespace.create({ sysctl: { 'net.ipv4.no_such_thing': 1 } })).rejects.toMatchObject({
    code: 'ENOENT',
    path: '/proc/sys/net/ipv4/no_such_thing',
  })
  await expect(Namespace.create({ sysctl: { 'net.ipv4.conf.all.forwarding': 'lots' } })).rejects.toMatchObject({
    code: 'EINVAL',
  })
})

test('in its own user namespace the caller is root, with the ids that it was given', async () => {
  using ns = await Namespace.create({ types: ['user'] })
  expect((await ns.execFile('id', ['-u'])).stdout).toBe('0\n')
  const uid = process.geteuid?.() ?? 0
  const outside = isRoot ? uid : 0
  expect(mapLines((await ns.execFile('cat', ['/proc/self/uid_map'])).stdout)).toEqual([[0, outside, 1]])
  using mapped = await Namespace.create({
    user: { uidMap: [{ inside: 7, outside: uid }], gidMap: [{ inside: 8, outside: process.getegid?.() ?? 0 }] },
  })
  expect(mapped.types).toEqual(['user', 'net'])
  expect((await mapped.execFile('id', ['-u'])).stdout).toBe('7\n')
  expect((await mapped.execFile('id', ['-g'])).stdout).toBe('8\n')
})

if (isRoot) {
  test('root can map ranges of ids', async () => {
    const uidMap = [
      { inside: 0, outside: 100_000, count: 1000 },
      { inside: 5000, outside: 200_000 },
    ]
    using ns = await Namespace.create({ user: { uidMap, gidMap: [{ inside: 0, outside: 300_000, count: 65_536 }] } })
    expect(mapLines((await ns.execFile('cat', ['/proc/self/uid_map'])).stdout)).toEqual([
      [0, 100_000, 1000],
      [5000, 200_000, 1],
    ])
    expect(mapLines((await ns.execFile('cat', ['/proc/self/gid_map'])).stdout)).toEqual([[0, 300_000, 65_536]])
    expect((await ns.execFile('id', ['-u'])).stdout).toBe('0\n')
    // The mapped root has its way inside.
    await ns.execFile('ip', ['link', 'add', 'br0', 'type', 'bridge'])
    expect((await ns.links.get('br0')).kind).toBe('bridge')
    expect((await ns.execFile('id', ['-u'], { uid: 5000 })).stdout).toBe('5000\n')
  })
} else {
  test('an ordinary user can map no id but their own', async () => {
    for (const mapping of [
      { inside: 0, outside: 0 },
      { inside: 0, outside: process.geteuid?.() ?? 0, count: 2 },
    ]) {
      await expect(Namespace.create({ user: { uidMap: [mapping] } })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
        message: expect.stringMatching(/user\.uidMap.*their own id only/),
      })
    }
  })
}

test('a namespace in a user namespace of its own can be linked to one that is not', async () => {
  using nested = await Namespace.create({ types: ['user', 'net', 'mnt'] })
  using other = await Namespace.create({ types: ['user', 'net'] })
  using plain = await Namespace.create()
  await VethPair.create(
    { namespace: plain, name: 'one', addresses: ['10.0.1.1/24'] },
    { namespace: nested, name: 'eth0', addresses: ['10.0.1.2/24'] },
  )
  await VethPair.create(
    { namespace: nested, name: 'eth1', addresses: ['10.0.2.1/24'] },
    { namespace: other, name: 'eth0', addresses: ['10.0.2.2/24'] },
  )
  expect((await nested.execFile('ping', ['-c1', '-W5', '10.0.1.1'])).stdout).toContain('1 received')
  expect((await other.execFile('ping', ['-c1', '-W5', '10.0.2.1'])).stdout).toContain('1 received')
})

test('closing ends it: links to it vanish, and what is asked of it afterwards is refused', async () => {
  using other = await Namespace.create()
  const ns = await Namespace.create()
  await VethPair.create({ namespace: ns, name: 'eth0' }, { namespace: other, name: 'eth0' })
  const path = ns.path()
  const pending = ns.links.list()
  ns.close()
  ns.close()
  // What was under way ends first.
  expect(await pending).toHaveLength(2)
  expect(ns.closed).toBe(true)
  await expect.poll(async () => (await other.links.list()).map(({ name }) => name)).toEqual(['lo'])
  await expect(Namespace.open(path)).rejects.toThrow(/ENOENT|EINVAL/)
  await expect(ns.links.list()).rejects.toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
  expect(() => ns.fd()).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_CLOSED' }))
})

test('it is disposed of at the end of a block, also asynchronously', async () => {
  const made: Namespace[] = []
  {
    using ns = await Namespace.create()
    await using other = await Namespace.create()
    made.push(ns, other)
    expect(made.map(({ closed }) => closed)).toEqual([false, false])
  }
  expect(made.map(({ closed }) => closed)).toEqual([true, true])
})

test('a descriptor that it was opened by stays with the caller', async () => {
  using ns = await Namespace.create()
  const fd = openSync(ns.path(), 'r')
  try {
    using again = await Namespace.open({ fd })
    expect(again.fd()).not.toBe(fd)
    expect(again.equals(ns)).toBe(true)
    again.close()
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe(`net:[${ns.inode()}]`)
  } finally {
    closeSync(fd)
  }
})
