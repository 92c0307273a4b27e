// Tun and tap links against `ip`, both ways; what passes them is in tuntap-packets.test.ts.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Namespace, TunTap, type TunTapOptions, VethPair } from 'linux-namespaces'
import { linkData } from 'linux-namespaces/netlink'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ending } from '../helpers/child.js'
import { ip, ipAddresses, ipLink } from '../helpers/ip.js'
import { tunTest } from '../helpers/tun.js'
import { until } from '../helpers/until.js'
import { isRoot } from '../helpers/user.js'

let ns: Namespace
beforeEach(async () => {
  ns = await Namespace.create()
})
afterEach(() => ns.close())

const linkNames = async () => (await ns.links.list()).map(({ name }) => name)

describe('a device of this process', () => {
  tunTest('is a tun that ip shows as it was asked for', async () => {
    const options = { name: 'tun0', mtu: 1400, group: 7, txQueueLength: 50, alias: 'ours' }
    const tun = await TunTap.create({
      namespace: ns,
      mode: 'tun',
      ...options,
      addresses: ['10.0.0.1/24', 'fd00::1/64'],
    })
    const shown = await ipLink(ns, 'tun0')
    expect(shown).toMatchObject({ mtu: 1400, group: '7', txqlen: 50, ifalias: 'ours', link_type: 'none' })
    expect(shown.flags).toEqual(expect.arrayContaining(['POINTOPOINT', 'UP', 'LOWER_UP']))
    expect(shown.linkinfo).toMatchObject({
      info_kind: 'tun',
      info_data: { type: 'tun', pi: false, vnet_hdr: false, multi_queue: false, persist: false },
    })
    expect((await ipAddresses(ns, 'tun0')).map(({ local }) => local)).toEqual(['10.0.0.1', 'fd00::1'])
    expect(tun).toMatchObject({ mode: 'tun', closed: false })
    expect(tun.link).toMatchObject({ name: 'tun0', kind: 'tun', index: shown.ifindex, isUp: true, mac: undefined })
    await tun.close()
  })

  tunTest('is a tap that is a port of a bridge, with all that can be before its packets', async () => {
    await ns.links.create({ kind: 'bridge', name: 'br0' })
    const mac = '02:00:00:00:00:01'
    const format = {
      packetInfo: true,
      vnetHeader: true,
      vnetHeaderSize: 12,
      offload: ['csum', 'tso4', 'tso6'],
    } as const
    const tap = await TunTap.create({
      namespace: ns,
      mode: 'tap',
      name: 'tap0',
      mac,
      master: 'br0',
      up: false,
      ...format,
    })
    const shown = await ipLink(ns, 'tap0')
    expect(shown).toMatchObject({ address: mac, master: 'br0', link_type: 'ether' })
    expect(shown.flags).not.toContain('UP')
    expect(shown.linkinfo?.info_data).toMatchObject({ type: 'tap', pi: true, vnet_hdr: true, multi_queue: false })
    expect(linkData(tap.link.message, 'tun')).toMatchObject({ type: 'tap', pi: 1, vnetHdr: 1, persist: 0 })
    await tap.close()
  })

  tunTest('has as many queues as are asked for, and a name by the kernel where none is given', async () => {
    const tun = await TunTap.create({ namespace: ns, mode: 'tun', queues: 3 })
    expect(tun.link.name).toBe('tun0')
    expect(linkData(tun.link.message, 'tun')).toMatchObject({ multiQueue: 1, numQueues: 3 })
    expect(tun.queues).toHaveLength(3)
    expect(tun.queue).toBe(tun.queues[0])
    expect(new Set(tun.queues.map(({ fd }) => fd)).size).toBe(3)
    const tap = await TunTap.create({ namespace: ns, mode: 'tap' })
    expect(tap.link.name).toBe('tap0')
    await Promise.all([tun.close(), tap.close()])
  })

  tunTest('is gone once it is closed, however often', async () => {
    const tun = await TunTap.create({ namespace: ns, mode: 'tun', name: 'tun0' })
    await Promise.all([tun.close(), tun.close()])
    expect(await linkNames()).toEqual(['lo'])
    expect(tun.closed).toBe(true)
    expect(() => tun.queue.fd).toThrow(expect.objectContaining({ code: 'ERR_TUNTAP_CLOSED' }))
    const again = await TunTap.create({ namespace: ns, mode: 'tap', name: 'tun0', queues: 2 })
    await again[Symbol.asyncDispose]()
    expect(await linkNames()).toEqual(['lo'])
  })

  tunTest('does not keep a closed namespace alive', async () => {
    const other = await Namespace.create()
    await VethPair.create({ namespace: ns, name: 'a' }, { namespace: other, name: 'b' })
    // Down, it says nothing by itself.
    const tun = await TunTap.create({ namespace: ns, mode: 'tun', up: false })
    const reading = tun.queue.read()
    ns.close()
    expect(tun.closed).toBe(true)
    expect(await reading).toBe(undefined)
    await until('the pair is gone', async () => (await other.links.list()).length === 1)
    other.close()
  })
})

describe('what is refused', () => {
  tunTest('a name that is taken leaves what has it', async () => {
    const tun = await TunTap.create({ namespace: ns, mode: 'tun', name: 'taken' })
    for (const mode of ['tun', 'tap'] as const) {
      await expect(TunTap.create({ namespace: ns, mode, name: 'taken' })).rejects.toMatchObject({
        code: 'EEXIST',
        syscall: 'ioctl',
        message: expect.stringContaining("making tun 'taken' in namespace"),
      })
    }
    expect(await linkNames()).toEqual(['lo', 'taken'])
    await tun.close()
  })

  tunTest('an index that somebody else has is passed over', async () => {
    // In a namespace of ours the next indexes are known.
    const first = await TunTap.create({ namespace: ns, mode: 'tun' })
    const next = first.link.index + 1
    await ns.execFile('ip', ['link', 'add', 'x', 'index', `${next}`, 'type', 'bridge'])
    const second = await TunTap.create({ namespace: ns, mode: 'tun', name: 'second' })
    expect(second.link.index).toBe(next + 1)
    await Promise.all([first.close(), second.close()])
  })

  tunTest('halfway leaves nothing', async () => {
    const bad: [Partial<TunTapOptions>, string][] = [
      [{ addresses: ['10.0.0.1/24', '10.0.0.1/24'] }, 'EEXIST'],
      [{ mtu: 65_536 }, 'EINVAL'],
      [{ master: 'lo' }, 'EOPNOTSUPP'],
      [{ master: 'nobody' }, 'ENODEV'],
    ]
    for (const [options, code] of bad) {
      const made = TunTap.create({ namespace: ns, mode: 'tun', name: 'half', ...options })
      await expect(made, `${JSON.stringify(options)}`).rejects.toMatchObject({ code })
      expect(await linkNames()).toEqual(['lo'])
    }
    const kept = ns.links.create({ kind: 'tun', mode: 'tun', name: 'half', mtu: 65_536 })
    await expect(kept).rejects.toMatchObject({ code: 'EINVAL' })
    const aborted = TunTap.create({ namespace: ns, mode: 'tun' }, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(aborted).rejects.toThrow('enough')
    expect(await linkNames()).toEqual(['lo'])
  })

  test.each<[string, object]>([
    ['mode', { mode: 'tub' }],
    ['mode', {}],
    ['mac', { mode: 'tun', mac: '02:00:00:00:00:01' }],
    ['name', { mode: 'tun', name: 'tun%d' }],
    ['queues', { mode: 'tun', queues: 0 }],
    ['queues', { mode: 'tun', queues: 2, multiQueue: false }],
    ['packetInfo', { mode: 'tun', packetInfo: 1 }],
    ['vnetHeaderSize', { mode: 'tun', vnetHeaderSize: 12 }],
    ['vnetHeaderSize', { mode: 'tun', vnetHeader: true, vnetHeaderSize: 9 }],
    ['offload', { mode: 'tun', offload: ['csum'] }],
    ['offload', { mode: 'tun', vnetHeader: true, offload: ['ufo'] }],
    ['offload', { mode: 'tun', vnetHeader: true, offload: 'csum' }],
    ['options.persist', { mode: 'tun', persist: true }],
    ['options.txQueues', { mode: 'tun', txQueues: 2 }],
  ])('a bad %s: %o', async (name, options) => {
    const made = TunTap.create({ namespace: ns, ...options } as TunTapOptions)
    await expect(made).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_/),
      message: expect.stringContaining(`'${name}'`),
    })
  })
})

test('a machine without /dev/net/tun is told what to do', async () => {
  const program = fileURLToPath(new URL('../programs/no-tun.mjs', import.meta.url))
  const script = 'if [ -d /dev/net ]; then mount -t tmpfs none /dev/net; fi && exec "$@"'
  const privileges = isRoot ? [] : ['--map-root-user']
  const command = ['--mount', ...privileges, 'sh', '-c', script, 'sh', process.execPath, program]
  const { stdout, stderr } = await ending(spawn('unshare', command))
  expect(stderr).toBe('')
  const failure = { code: 'ENOENT', path: '/dev/net/tun', message: expect.stringMatching(/modprobe tun.*CONFIG_TUN/) }
  expect(JSON.parse(stdout)).toEqual({ failures: [failure, failure], links: 1 })
})

describe('a persistent device', () => {
  tunTest('stays with nobody attached to it, as ip shows it', async () => {
    const options = { kind: 'tun', mode: 'tap', name: 'tap0', addresses: ['10.0.0.1/24'], multiQueue: true } as const
    const link = await ns.links.create({ ...options, uid: 0, gid: 0 })
    expect(link).toMatchObject({ name: 'tap0', kind: 'tun', isUp: true, operState: 'down' })
    // Told in this process's own ids.
    const ids = { owner: process.getuid?.(), group: process.getgid?.() }
    const data = { type: 'tap', persist: 1, multiQueue: 1, numQueues: 0, ...ids }
    expect(linkData(link.message, 'tun')).toMatchObject(data)
    const shown = (await ipLink(ns, 'tap0')).linkinfo
    expect(shown?.info_data).toMatchObject({
      type: 'tap',
      persist: true,
      multi_queue: true,
      user: 'root',
      group: 'root',
    })
    expect((await ipAddresses(ns, 'tap0')).map(({ local }) => local)).toEqual(['10.0.0.1'])
    await ns.execFile('ip', ['tuntap', 'del', 'dev', 'tap0', 'mode', 'tap', 'multi_queue'])
    expect(await linkNames()).toEqual(['lo'])
  })

  tunTest('is deleted as any other link', async () => {
    const link = await ns.links.create({ kind: 'tun', mode: 'tun', name: 'tun0' })
    await link.delete()
    expect(await linkNames()).toEqual(['lo'])
  })

  tunTest('is owned by users that its namespace knows', async () => {
    const made = ns.links.create({ kind: 'tun', mode: 'tun', name: 'tun0', uid: 12_345 })
    if (isRoot) {
      expect(linkData((await made).message, 'tun')?.owner).toBe(12_345)
    } else {
      await expect(made).rejects.toMatchObject({ code: 'EINVAL', message: expect.stringContaining('setting its uid') })
      expect(await linkNames()).toEqual(['lo'])
    }
  })

  tunTest('made by ip can be opened, by one at a time', async () => {
    await ns.execFile('ip', ['tuntap', 'add', 'dev', 'theirs', 'mode', 'tap'])
    const tap = await TunTap.open({ namespace: ns, link: 'theirs' })
    expect(tap).toMatchObject({ mode: 'tap', link: { name: 'theirs' } })
    await expect(TunTap.open({ namespace: ns, link: tap.link })).rejects.toMatchObject({
      code: 'EBUSY',
      message: expect.stringContaining('another program is attached'),
    })
    await tap.close()
    const again = await TunTap.open({ namespace: ns, link: tap.link.index, vnetHeader: true })
    expect((await ipLink(ns, 'theirs')).linkinfo?.info_data).toMatchObject({
      type: 'tap',
      persist: true,
      vnet_hdr: true,
    })
    await again.close()
    expect(await linkNames()).toEqual(['lo', 'theirs'])
  })

  tunTest('of several queues can be opened by several', async () => {
    await ns.execFile('ip', ['tuntap', 'add', 'dev', 'many', 'mode', 'tun', 'multi_queue'])
    const one = await TunTap.open({ namespace: ns, link: 'many', queues: 2 })
    const two = await TunTap.open({ namespace: ns, link: 'many' })
    expect(linkData(two.link.message, 'tun')).toMatchObject({ numQueues: 3 })
    await Promise.all([one.close(), two.close()])
    expect(linkData((await one.link.refresh()).message, 'tun')).toMatchObject({ numQueues: 0 })
  })

  test('that is none cannot be opened', async () => {
    await ns.links.create({ kind: 'veth', name: 'a', peer: { name: 'b' } })
    await expect(TunTap.open({ namespace: ns, link: 'a' })).rejects.toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining("kind 'veth', not a tun or tap"),
    })
    await expect(TunTap.open({ namespace: ns, link: 'c' })).rejects.toMatchObject({ code: 'ENODEV' })
    const wrong = TunTap.open({ namespace: ns, link: 'a', name: 'a' } as never)
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})

tunTest('ip tuntap lists what we make', async () => {
  const tun = await TunTap.create({ namespace: ns, mode: 'tun', name: 'tun0' })
  await ns.links.create({ kind: 'tun', mode: 'tap', name: 'tap0' })
  // It looks into /sys, which is that of the namespace only once it is mounted anew.
  const script = 'mount -t sysfs none /sys && exec ip -j tuntap'
  const { stdout } = await ns.execFile('unshare', ['--mount', 'sh', '-c', script])
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      { ifname: 'tun0', flags: ['tun'] },
      { ifname: 'tap0', flags: ['tap', 'persist'] },
    ]),
  )
  expect(await ip(ns, ['-d', 'link', 'show', 'type', 'tun'])).toHaveLength(2)
  await tun.close()
})
