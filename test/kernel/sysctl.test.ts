import { readFileSync } from 'node:fs'
import { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

const seen = async (ns: Namespace, path: string) => (await ns.execFile('cat', [`/proc/sys/${path}`])).stdout.trim()
const host = (path: string) => readFileSync(`/proc/sys/${path}`, 'utf8').trim()

test('a setting is read and changed in the namespace alone', async () => {
  using ns = await Namespace.create()
  using other = await Namespace.create()
  const before = host('net/ipv4/ip_forward')
  expect(await ns.sysctl.get('net.ipv4.ip_forward')).toBe('0')
  await ns.sysctl.set('net.ipv4.ip_forward', 1)
  expect(await ns.sysctl.get('net/ipv4/ip_forward')).toBe('1')
  expect(await seen(ns, 'net/ipv4/ip_forward')).toBe('1')
  expect(await seen(other, 'net/ipv4/ip_forward')).toBe('0')
  expect(host('net/ipv4/ip_forward')).toBe(before)
  await ns.execFile('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward'])
  expect(await ns.sysctl.get('net.ipv4.ip_forward')).toBe('0')
})

test('a value may be several numbers', async () => {
  using ns = await Namespace.create()
  await ns.sysctl.set('net.ipv4.ip_local_port_range', '1024 2047')
  expect(await ns.sysctl.get('net.ipv4.ip_local_port_range')).toBe('1024\t2047')
})

test('settings of a link have its name in theirs, also one with a dot', async () => {
  using ns = await Namespace.create()
  await ns.links.create({ kind: 'bridge', name: 'br0.7' })
  await ns.sysctl.set('net.ipv4.conf.br0/7.forwarding', 1)
  expect(await ns.sysctl.get('net/ipv4/conf/br0.7/forwarding')).toBe('1')
  expect(await seen(ns, 'net/ipv4/conf/br0.7/forwarding')).toBe('1')
})

test('what does not exist and what the kernel does not take is refused with the file named', async () => {
  using ns = await Namespace.create()
  for (const refused of [ns.sysctl.get('net.ipv4.none'), ns.sysctl.set('net.ipv4.none', 1)]) {
    await expect(refused).rejects.toMatchObject({ code: 'ENOENT', syscall: 'openat', path: '/proc/sys/net/ipv4/none' })
  }
  await expect(ns.sysctl.set('net.ipv4.ip_forward', 'x')).rejects.toMatchObject({
    code: 'EINVAL',
    syscall: 'write',
    path: '/proc/sys/net/ipv4/ip_forward',
    message: expect.stringContaining('setting net.ipv4.ip_forward to x'),
  })
  await expect(ns.sysctl.get('net.ipv4')).rejects.toMatchObject({ code: 'EISDIR' })
  for (const bad of ['', '.', 'net..ipv4', 'net/../kernel/ostype', 'net.ipv4.ip_forward ', 'a\0b']) {
    await expect(ns.sysctl.get(bad)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  }
})

test('nothing of a value is lost silently', async () => {
  using ns = await Namespace.create()
  // A list longer than a page takes several writes.
  const ports = Array.from({ length: 4000 }, (_, i) => 2 * i + 1).join(',')
  await ns.sysctl.set('net.ipv4.ip_local_reserved_ports', ports)
  expect(await ns.sysctl.get('net.ipv4.ip_local_reserved_ports')).toBe(ports)
  await ns.sysctl.set('net.ipv4.ip_local_reserved_ports', '5-7,9')
  expect(await seen(ns, 'net/ipv4/ip_local_reserved_ports')).toBe('5-7,9')
  const long = `1${' '.repeat(4095)}`
  for (const set of [
    (value: string) => ns.sysctl.set('net.ipv4.ip_forward', value),
    (value: string) => Namespace.create({ sysctl: { 'net.ipv4.ip_forward': value } }),
  ]) {
    await expect(set(long)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringContaining('at most 4095 bytes of it, not 4096'),
    })
    await expect(set(ports)).rejects.toMatchObject({ code: 'EINVAL', syscall: 'write' })
  }
  expect(await ns.sysctl.get('net.ipv4.ip_forward')).toBe('0')
  await ns.sysctl.set('net.ipv4.ip_forward', long.slice(0, 4095))
  expect(await ns.sysctl.get('net.ipv4.ip_forward')).toBe('1')
  for (const name of ['kernel.hostname', 'kernel/domainname'])
    await expect(ns.sysctl.set(name, 'x'.repeat(65))).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
})

test('more numbers than there are settings are refused', async () => {
  using ns = await Namespace.create()
  const more = {
    code: 'EINVAL',
    syscall: 'write',
    message: expect.stringMatching(/taken only the first \d+ bytes/),
  }
  await expect(ns.sysctl.set('net.ipv4.ip_local_port_range', '1024 2047 3000')).rejects.toMatchObject(more)
  const created = Namespace.create({ sysctl: { 'net.ipv4.tcp_rmem': '4096 5000 6000 70' } })
  await expect(created).rejects.toMatchObject(more)
})

test('what the host alone has is read from the host', async () => {
  using ns = await Namespace.create()
  expect(await ns.sysctl.get('kernel.ostype')).toBe('Linux')
  expect(await Namespace.current().sysctl.get('net.ipv4.ip_forward')).toBe(host('net/ipv4/ip_forward'))
  expect(await ns.sysctl.get('kernel.pid_max')).toBe(host('kernel/pid_max'))
})

if (isRoot) {
  test('names that the namespace has of its own are set in it', async () => {
    const before = [host('kernel/hostname'), host('kernel/domainname')]
    using ns = await Namespace.create({ types: ['uts'] })
    await ns.sysctl.set('kernel.hostname', 'blue')
    await ns.sysctl.set('kernel.domainname', 'example.org')
    expect((await ns.execFile('uname', ['-n'])).stdout).toBe('blue\n')
    expect(await ns.sysctl.get('kernel.domainname')).toBe('example.org')
    expect(await seen(ns, 'kernel/domainname')).toBe('example.org')
    expect([host('kernel/hostname'), host('kernel/domainname')]).toEqual(before)
  })
} else {
  test('an ordinary user is told which settings are theirs to change', async () => {
    using ns = await Namespace.create({ types: ['net', 'uts'] })
    const refusal = {
      code: 'EACCES',
      message: expect.stringContaining('An ordinary user can change the settings under net'),
    }
    await expect(ns.sysctl.set('kernel.domainname', 'example.org')).rejects.toMatchObject(refusal)
    await expect(
      Namespace.create({ types: ['uts'], sysctl: { 'kernel.domainname': 'example.org' } }),
    ).rejects.toMatchObject(refusal)
    const host = Namespace.current()
    await expect(host.sysctl.set('kernel.pid_max', 1000)).rejects.toMatchObject({
      ...refusal,
      path: '/proc/sys/kernel/pid_max',
    })
    await expect(host.sysctl.set('net.ipv4.ip_forward', 0)).rejects.toMatchObject(refusal)
  })
}
