// Alternative names, aliases, switchable flags, groups, and raw data of kinds without a format.
import { type Link, Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type IpLink, ipLink } from '../helpers/ip.js'
import { kernelAtLeast } from '../helpers/kernel.js'

let ns: Namespace
let link: Link
beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'bridge', name: 'br0' })
})
afterEach(() => ns.close())

const shown = async (name = 'br0') => (await ipLink(ns, name)) as IpLink & { ifalias?: string; altnames?: string[] }
const names = async () => (await ns.links.list()).map(({ name }) => name)

describe('alternative names', () => {
  const long = 'the-bridge-of-the-laboratory-on-the-second-floor'

  test('are added, shown by ip, and taken away', async () => {
    expect(link.altNames).toEqual([])
    expect(await link.addAltName('lab')).toBe(link)
    await link.addAltName(long)
    expect(link.altNames).toEqual(['lab', long])
    expect((await shown()).altnames).toEqual(['lab', long])
    await link.deleteAltName('lab')
    expect(link.altNames).toEqual([long])
    expect((await shown()).altnames).toEqual([long])
  })

  test('that ip gives are ours, too', async () => {
    await ns.execFile('ip', ['link', 'property', 'add', 'dev', 'br0', 'altname', 'one', 'altname', 'two'])
    expect((await link.refresh()).altNames).toEqual(['one', 'two'])
    await ns.execFile('ip', ['link', 'property', 'del', 'dev', 'br0', 'altname', 'one'])
    expect((await link.refresh()).altNames).toEqual(['two'])
  })

  test('find the link wherever a link is named', async () => {
    await link.addAltName('lab')
    await link.addAltName(long)
    for (const name of ['lab', long]) expect((await ns.links.get(name)).index).toBe(link.index)
    await ns.links.create({ kind: 'veth', name: 'a', master: long, peer: { name: 'b', master: 'lab' } })
    expect((await ns.links.list({ master: long })).map(({ name }) => name).sort()).toEqual(['a', 'b'])
    await ns.routes.add({ to: '10.9.0.0/16', link: long })
    expect((await ns.routes.list({ link: 'lab', family: 'inet' })).map(({ to }) => to)).toEqual(['10.9.0.0/16'])
    await ns.links.delete(long)
    expect(await names()).not.toContain('br0')
  })

  test('are refused in the words of what was asked', async () => {
    await link.addAltName('lab')
    const lo = await ns.links.get('lo')
    await expect(lo.addAltName('lab')).rejects.toMatchObject({ code: 'EEXIST', request: 'RTM_NEWLINKPROP' })
    await expect(lo.addAltName('br0')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(lo.deleteAltName('lab')).rejects.toMatchObject({ code: 'EINVAL', request: 'RTM_DELLINKPROP' })
    await expect(lo.deleteAltName('none')).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining("alternative name 'none' of link 'lo'"),
    })
    await expect(ns.links.get('x'.repeat(127))).rejects.toMatchObject({ code: 'ENODEV' })
    for (const name of ['', 'a b', 'a/b', 'x'.repeat(128), 7 as never]) {
      await expect(link.addAltName(name)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
      await expect(link.deleteAltName(name)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    }
    expect((await shown()).altnames).toEqual(['lab'])
  })
})

describe('an alias', () => {
  test('is given when a link is made, at either end of a pair, and changed', async () => {
    await ns.links.create({ kind: 'ifb', name: 'ifb9', alias: 'the first' })
    const text = 'ä'.repeat(127)
    const { a, b } = await VethPair.create(
      { namespace: ns, name: 'a', alias: text },
      { namespace: ns, name: 'b', up: false, alias: 'the other' },
    )
    expect([a.alias, b.alias, b.isUp]).toEqual([text, 'the other', false])
    expect((await shown('ifb9')).ifalias).toBe('the first')
    expect((await shown('a')).ifalias).toBe(text)
    expect((await shown('b')).ifalias).toBe('the other')
    expect((await a.set({ alias: 'shorter' })).alias).toBe('shorter')
    expect((await a.set({ alias: '' })).alias).toBe(undefined)
    expect((await shown('a')).ifalias).toBe(undefined)
    await ns.execFile('ip', ['link', 'set', 'dev', 'a', 'alias', 'from ip'])
    expect((await a.refresh()).alias).toBe('from ip')
  })

  test('of more than 255 bytes, or with a NUL, is refused', async () => {
    for (const alias of ['x'.repeat(256), 'a\0b', 7 as never]) {
      await expect(link.set({ alias })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
      await expect(ns.links.create({ kind: 'ifb', name: 'ifb9', alias })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
        message: expect.stringContaining("'alias'"),
      })
    }
    expect(await names()).toEqual(['lo', 'br0'])
  })
})

describe('flags', () => {
  test('are switched each by itself, as ip does', async () => {
    const before = link.flags
    await link.set({ promisc: true, allmulticast: true, multicast: false, arp: false })
    expect(link.flags).toEqual(expect.arrayContaining(['up', 'promisc', 'allmulti', 'noarp']))
    expect(link.flags).not.toContain('multicast')
    expect((await shown()).flags).toEqual(expect.arrayContaining(['UP', 'PROMISC', 'ALLMULTI', 'NOARP']))
    await ns.execFile('ip', ['link', 'set', 'br0', 'promisc', 'off', 'arp', 'on'])
    expect((await link.refresh()).flags).not.toContain('promisc')
    await link.set({ allmulticast: false, multicast: true })
    expect(link.flags).toEqual(before)
    await expect(link.set({ promisc: 1 as never })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})

describe('a group', () => {
  test('of links is deleted in one request', async () => {
    await Promise.all([1, 2, 3].map((n) => ns.links.create({ kind: 'ifb', name: `i${n}`, group: 7 })))
    await ns.links.create({ kind: 'ifb', name: 'other', group: 8 })
    await ns.links.deleteGroup(7)
    expect(await names()).toEqual(['lo', 'br0', 'other'])
    await expect(ns.links.deleteGroup(7)).rejects.toMatchObject({
      code: 'ENODEV',
      message: expect.stringContaining('the links of group 7'),
    })
    await expect(ns.links.deleteGroup(0)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    await expect(ns.links.deleteGroup('7' as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})

describe('kinds and their options', () => {
  test('a kind without a format takes its attributes as bytes, and nothing else', async () => {
    const options = { kind: 'nothing', name: 'x', data: Uint8Array.of(8, 0, 1, 0, 1, 0, 0, 0) }
    await expect(ns.links.create(options)).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringMatching(/Unknown device type$/),
    })
    for (const wrong of [{ data: [1] }, { id: 5 }]) {
      const given = { kind: 'nothing', name: 'x', ...wrong } as never
      await expect(ns.links.create(given)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    }
  })

  test('a kind without a format is made of the bytes, where the kernel has it', async () => {
    // IFLA_BATADV_ALGO_NAME
    const data = Uint8Array.of(14, 0, 1, 0, ...Buffer.from('BATMAN_IV\0'), 0, 0)
    const made = await ns.links.create({ kind: 'batadv', name: 'bat0', data }).catch((error: Error) => error)
    if (made instanceof Error) {
      expect(made).toMatchObject({ code: 'EOPNOTSUPP', kernelMessage: 'Unknown device type' })
      return
    }
    expect((await shown('bat0')).linkinfo?.info_kind).toBe('batadv')
    // Before Linux 5.12 it takes no notice of the attribute.
    if (!kernelAtLeast('5.12')) return
    const wrong = Uint8Array.of(...data.map((byte) => (byte === 0x42 ? 0x43 : byte)))
    await expect(ns.links.create({ kind: 'batadv', name: 'bat1', data: wrong })).rejects.toMatchObject({
      code: 'EINVAL',
    })
  })

  test('an attribute that is a link is given by name, index or object, and all of one namespace', async () => {
    const other = await Namespace.create()
    try {
      for (const dev of ['br0', link.index, link]) {
        const made = await ns.links.create({ kind: 'vxlan', name: 'vx', id: 1, dev, up: false })
        expect((await shown('vx')).linkinfo?.info_data?.link).toBe('br0')
        await made.delete()
        const upper = await ns.links.create({ kind: 'macvlan', name: 'mv', link: dev })
        expect([upper.parent, (await shown('mv')).link]).toEqual([link.index, 'br0'])
        await upper.delete()
      }
      const stranger = await other.links.get('lo')
      await expect(ns.links.create({ kind: 'bond', primary: stranger, activeSlave: link })).rejects.toThrow("'link'")
      for (const beneath of [{} as never, 'a b', 0]) {
        await expect(ns.links.create({ kind: 'macvlan', name: 'mv', link: beneath })).rejects.toThrow("'link'")
        await expect(ns.links.create({ kind: 'vxlan', id: 1, dev: beneath })).rejects.toThrow("'link'")
      }
      await expect(ns.links.create({ kind: 'macvlan', name: 'mv', link: 'none' })).rejects.toMatchObject({
        code: 'ENODEV',
        message: expect.stringContaining("link 'none'"),
      })
      expect(await names()).toEqual(['lo', 'br0'])
    } finally {
      other.close()
    }
  })

  test('an attribute that the kernel refuses is named, and so is one that does not fit', async () => {
    await expect(ns.links.create({ kind: 'vxlan', name: 'vx', id: 2 ** 24 })).rejects.toMatchObject({
      code: 'ERANGE',
      attribute: 'linkinfo.data.id',
    })
    await expect(ns.links.create({ kind: 'vxlan', name: 'vx', id: 1, remote: 'fd00::1' })).rejects.toThrow(
      "linkinfo.data.remote: must be an IPv4 address, got 'fd00::1'",
    )
    await expect(ns.links.create({ kind: 'macvlan', name: 'mv', link, mode: 'none' as never })).rejects.toThrow(
      'linkinfo.data.mode: must be one of private, vepa',
    )
    await expect(ns.links.create({ kind: 'ifb', name: 'i', id: 5 } as never)).rejects.toThrow('linkinfo.data.id')
    await expect(ns.links.create({ kind: 'veth', name: 'v', link: 'br0' } as never)).rejects.toThrow("'link'")
    expect(await names()).toEqual(['lo', 'br0'])
  })

  test('what ip makes is decoded', async () => {
    await ns.execFile('ip', 'link add mv link br0 type macvlan mode bridge'.split(' '))
    await ns.execFile('ip', 'link add vx type vxlan id 42 dev br0 group 239.1.1.1 dstport 4790 ttl 9'.split(' '))
    const [mv, vx] = await Promise.all(['mv', 'vx'].map((name) => ns.links.get(name)))
    expect(mv?.message.linkinfo).toMatchObject({ kind: 'macvlan', data: { mode: 'bridge', flags: [] } })
    expect(vx?.message.linkinfo).toMatchObject({
      kind: 'vxlan',
      data: { id: 42, dev: link.index, remote: '239.1.1.1', port: 4790, ttl: 9, ttlInherit: false },
    })
  })
})
