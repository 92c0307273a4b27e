// The namespace's own lookup of names, with servers that behave as the test tells them.

import { ADDRCONFIG, ALL, promises as nodeDns, V4MAPPED } from 'node:dns'
import { once } from 'node:events'
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect as netConnect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Answer } from 'dns-packet'
import { type LookupError, Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { type DnsServer, serveDns } from '../helpers/dns.js'
import { cabled, closed } from '../helpers/sockets.js'
import { isRoot } from '../helpers/user.js'

let blue: Namespace
let red: Namespace
const running: DnsServer[] = []
const servers = ['10.0.0.1']

beforeEach(async () => {
  ;({ blue, red } = await cabled())
})

afterEach(async () => {
  for (const { socket } of running.splice(0)) await closed(socket)
  blue.close()
  red.close()
})

async function serve(...[answer, address = '10.0.0.1']: [Parameters<typeof serveDns>[2], string?]): Promise<string[]> {
  const server = await serveDns(blue, address, answer)
  running.push(server)
  return server.asked
}

const a = (name: string, data: string): Answer => ({ type: 'A', name, ttl: 1, data })
const aaaa = (name: string, data: string): Answer => ({ type: 'AAAA', name, ttl: 1, data })
const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, ttl: 1, data })

describe('a lookup', () => {
  test('gives one address or all, of one family or both, as dns.lookup does', async () => {
    await serve(({ type, name }) => ({ answers: type === 'A' ? [a(name, '10.9.0.1')] : [aaaa(name, 'fd00::9')] }))
    const name = 'both.test'
    // Of the two only the IPv6 address has a route here.
    expect(await red.lookup(name, { servers })).toEqual({ address: 'fd00::9', family: 6 })
    expect(await red.lookup(name, { servers, family: 4 })).toEqual({ address: '10.9.0.1', family: 4 })
    expect(await red.lookup(name, { servers, family: 'IPv6' })).toEqual({ address: 'fd00::9', family: 6 })
    const both = [
      { address: '10.9.0.1', family: 4 },
      { address: 'fd00::9', family: 6 },
    ]
    expect(await red.lookup(name, { servers, all: true, order: 'ipv4first' })).toEqual(both)
    expect(await red.lookup(name, { servers, all: true, verbatim: false })).toEqual(both)
    expect(await red.lookup(name, { servers, all: true, order: 'ipv6first' })).toEqual([...both].reverse())
  })

  test('puts what has a route first', async () => {
    await serve(({ type, name }) => ({ answers: type === 'A' ? [a(name, '10.0.0.1')] : [aaaa(name, '2001:db8::1')] }))
    const found = await red.lookup('both.test', { servers, all: true, order: 'verbatim' })
    expect(found.map(({ address }) => address)).toEqual(['10.0.0.1', '2001:db8::1'])
    await red.routes.add({ to: '2001:db8::/32', via: 'fd00::1' })
    const now = await red.lookup('both.test', { servers, all: true, order: 'verbatim' })
    expect(now.map(({ address }) => address)).toEqual(['2001:db8::1', '10.0.0.1'])
  })

  test('with a callback is what Node and others take as their lookup', async () => {
    await serve(({ name }) => ({ answers: [a(name, '127.0.0.1')] }))
    const { lookup } = red
    const given = await new Promise((resolve) =>
      lookup('here.test', { servers, family: 4 }, (error, address, family) => resolve([error, address, family])),
    )
    expect(given).toEqual([null, '127.0.0.1', 4])
    const all = await new Promise((resolve) => lookup('here.test', { servers, all: true }, (...args) => resolve(args)))
    expect(all).toEqual([null, [{ address: '127.0.0.1', family: 4 }]])
    expect(await new Promise((resolve) => lookup('10.1.1.1', (...args) => resolve(args)))).toEqual([
      null,
      '10.1.1.1',
      4,
    ])
    expect(await new Promise((resolve) => lookup('::1', 6, (...args) => resolve(args)))).toEqual([null, '::1', 6])
    const none = await new Promise((resolve) => lookup('a b', (error) => resolve(error)))
    expect(none).toMatchObject({ code: 'ENOTFOUND' })

    const server = createServer((socket) => socket.end('home'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    const own: typeof lookup = ((name: string, options: object, callback: () => void) =>
      lookup(name, { ...options, servers }, callback)) as never
    expect(await text(netConnect({ host: 'here.test', port, lookup: own, autoSelectFamily: true }))).toBe('home')
    await closed(server)
  })

  test('follows aliases, in one answer and over several', async () => {
    const asked = await serve(({ name }) => {
      if (name === 'one.test') return { answers: [cname('one.test', 'TWO.test'), cname('two.test', 'three.test')] }
      return { answers: [a('other.test', '10.9.9.9'), a(name, '10.9.0.3')] }
    })
    expect(await red.lookup('one.test', { servers, family: 4 })).toEqual({ address: '10.9.0.3', family: 4 })
    expect(asked).toEqual(['A one.test+', 'A three.test+'])
  })

  test('gives up on aliases that go round', async () => {
    await serve(({ name }) => ({ answers: [cname(name, `a.${name}`), cname(`a.${name}`, name)] }))
    expect(await failure(red.lookup('round.test', { servers }))).toMatchObject({ code: 'ENOTFOUND' })
    const asked = await serve(
      ({ name }) => ({ answers: [cname(name, `${Number.parseInt(name, 10) + 1}.test`)] }),
      'fd00::1',
    )
    expect(await failure(red.lookup('1.test', { servers: ['fd00::1'], family: 4 }))).toMatchObject({
      code: 'ENOTFOUND',
    })
    expect(asked.length).toBeLessThan(30)
  })

  test('tries the domains of the search list, and a name with enough dots as it is first', async () => {
    const asked = await serve(({ name }) => (name === 'db.two.test' ? { answers: [a(name, '10.9.0.4')] } : { code: 3 }))
    const options = { servers, search: ['one.test', 'two.test'], family: 4 } as const
    expect((await red.lookup('db', options)).address).toBe('10.9.0.4')
    expect(asked.splice(0)).toEqual(['A db.one.test+', 'A db.two.test+'])
    expect(await failure(red.lookup('db.local', options))).toMatchObject({ code: 'ENOTFOUND' })
    expect(asked.splice(0)).toEqual(['A db.local+', 'A db.local.one.test+', 'A db.local.two.test+'])
    expect(await failure(red.lookup('db.', options))).toMatchObject({ code: 'ENOTFOUND' })
    expect(asked.splice(0)).toEqual(['A db+'])
    expect(await failure(red.lookup('bücher.test.', options))).toMatchObject({ code: 'ENOTFOUND' })
    expect(asked.splice(0)).toEqual(['A xn--bcher-kva.test+'])
  })

  test('asks again, and asks the next server, when there is no answer or no good one', async () => {
    let dropped = 0
    const first = await serve(({ name }) => (dropped++ < 1 ? undefined : { answers: [a(name, '10.9.0.5')] }))
    const options = { servers, family: 4, timeout: 100 } as const
    expect((await red.lookup('lost.test', options)).address).toBe('10.9.0.5')
    expect(first).toHaveLength(2)
    const broken = await serve(() => ({ code: 2 }), 'fd00::1')
    const both = { ...options, servers: ['[fd00::1]:53', '10.0.0.7', '10.0.0.1'] }
    await red.neighbors.add({ address: '10.0.0.7', mac: '02:00:00:00:00:09', link: 'eth0' })
    expect((await red.lookup('second.test', both)).address).toBe('10.9.0.5')
    expect(broken).toHaveLength(1)
  })

  test('does not take an answer to something else', async () => {
    await serve(({ name }) => [
      { answers: [a(name, '10.6.6.6')], id: 1 },
      { answers: [a('evil.test', '10.6.6.6')], name: 'evil.test' },
      { answers: [a('evil.test', '10.6.6.6'), a(name, '10.9.0.6')] },
    ])
    for (let i = 0; i < 3; i++) expect((await red.lookup('true.test', { servers, family: 4 })).address).toBe('10.9.0.6')
  })

  test('speaks to servers from before EDNS(0)', async () => {
    const asked = await serve(({ name }, edns) => (edns ? { code: 1 } : { answers: [a(name, '10.9.0.7')] }))
    expect((await red.lookup('old.test', { servers, family: 4 })).address).toBe('10.9.0.7')
    expect(asked).toEqual(['A old.test+', 'A old.test'])
  })

  test('follows hints', async () => {
    await serve(({ type, name }) => ({ answers: type === 'A' ? [a(name, '10.0.0.1')] : [] }))
    const mapped = { servers, family: 6, hints: V4MAPPED } as const
    expect(await red.lookup('four.test', mapped)).toEqual({ address: '::ffff:10.0.0.1', family: 6 })
    expect(await red.lookup('four.test', { ...mapped, hints: V4MAPPED | ALL, all: true })).toHaveLength(1)
    expect(await red.lookup('four.test', { servers, hints: ADDRCONFIG })).toEqual({ address: '10.0.0.1', family: 4 })
    await red.links.delete('eth0')
    expect(await failure(red.lookup('localhost', { hints: ADDRCONFIG }))).toMatchObject({ code: 'ENOTFOUND' })
  })
})

describe('a lookup that fails', () => {
  test('has the fields of the errors of dns.lookup', async () => {
    await serve(() => ({ code: 3 }))
    const own = (await failure(red.lookup('none.invalid', { servers }))) as unknown as LookupError
    const nodes = await failure(nodeDns.lookup('a..invalid'))
    for (const field of ['code', 'errno', 'syscall'] as const) expect(own[field]).toBe(nodes[field])
    expect(own).toMatchObject({ name: 'LookupError', code: 'ENOTFOUND', errno: -3008, hostname: 'none.invalid' })
    expect(own.message).toMatch(/^getaddrinfo ENOTFOUND none\.invalid/)
    for (const name of ['a..b', 'a b', `${'x'.repeat(64)}.test`, '-'.repeat(300)])
      expect(await failure(red.lookup(name, { servers })), name).toMatchObject({ code: 'ENOTFOUND' })
  })

  test('says what each server did when none has answered', async () => {
    await serve(() => ({ code: 5 }), 'fd00::1')
    const options = { servers: ['fd00::1', '10.0.0.1', '192.0.2.1'], attempts: 1, family: 4 } as const
    const error = await failure(red.lookup('name.test', options))
    expect(error).toMatchObject({ code: 'EAI_AGAIN', errno: -3001, cause: expect.any(AggregateError) })
    for (const words of ['fd00::1 answers REFUSED', 'ECONNREFUSED', 'asking 10.0.0.1', 'ENETUNREACH'])
      expect(error.message).toContain(words)
    await serve(() => undefined)
    const silent = await failure(red.lookup('name.test', { servers, attempts: 2, timeout: 30 }))
    expect(silent).toMatchObject({ code: 'EAI_AGAIN', message: expect.stringContaining('ETIMEDOUT') })
  })

  test('ends at once with its signal', async () => {
    await serve(() => undefined)
    const reason = new Error('enough')
    const controller = new AbortController()
    const pending = failure(red.lookup('name.test', { servers, signal: controller.signal }))
    setTimeout(() => controller.abort(reason), 30)
    expect(await pending).toBe(reason)
    expect(await failure(red.lookup('name.test', { signal: controller.signal }))).toBe(reason)
  })

  test('needs sound options, and an open namespace', async () => {
    for (const options of [
      { servers: [] },
      { servers: ['dns.test'] },
      { servers: ['10.0.0.1:0'] },
      { servers: 'x' as never },
      { family: 5 },
      { order: 'any' as never },
      { verbatim: 1 as never },
      { search: [1] as never },
      null as never,
    ])
      expect(await failure(red.lookup('x.test', options as object))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    for (const options of [{ timeout: 0 }, { attempts: 0 }, { hints: 1 << 20 }])
      expect(await failure(red.lookup('x.test', options))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(await failure(red.lookup(''))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    red.close()
    expect(await failure(red.lookup('x.test'))).toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
  })
})

test('the files of /etc/netns go before those of /etc', async () => {
  const name = `lnetc${process.pid}`
  if (!isRoot) {
    expect(await failure(Namespace.create({ name }))).toMatchObject({ code: 'EPERM' })
    expect((await red.lookup('localhost', { family: 4 })).address).toMatch(/^127\./)
    return
  }
  const parent = mkdirSync(`/etc/netns/${name}`, { recursive: true })
  try {
    await using named = await Namespace.create({ name })
    await serveDns(named, '127.0.0.1', ({ name }) =>
      name === 'db.sub.test' ? { answers: [a(name, '10.9.0.8')] } : { code: 3 },
    ).then((server) => running.push(server))
    writeFileSync(`/etc/netns/${name}/hosts`, '# ours\n10.8.8.8 Box box.test\nfd00::8 box\n')
    writeFileSync(`/etc/netns/${name}/resolv.conf`, 'nameserver 127.0.0.1\nsearch sub.test\noptions attempts:1\n')
    expect((await named.lookup('box', { all: true })).map(({ address }) => address)).toEqual(['10.8.8.8', 'fd00::8'])
    expect((await named.lookup('BOX.test.')).address).toBe('10.8.8.8')
    expect((await named.lookup('db')).address).toBe('10.9.0.8')
    expect((await named.lookup('localhost', { family: 6 })).address).toBe('::1')
    await Namespace.delete(name)
  } finally {
    rmSync(`/etc/netns/${name}`, { recursive: true })
    if (parent === '/etc/netns') rmdirSync(parent)
  }
})
