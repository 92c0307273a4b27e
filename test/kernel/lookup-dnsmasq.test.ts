// Names as a real server gives them: dnsmasq, in a namespace.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Namespace } from 'linux-namespaces'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { cabled, closed, connectionsBegun } from '../helpers/sockets.js'
import { until } from '../helpers/until.js'

let blue: Namespace
let red: Namespace
let dnsmasq: ChildProcess
const servers = ['10.0.0.1', 'fd00::1']
const many = Array.from({ length: 200 }, (_, i) => `10.7.0.${i}`)

async function start(): Promise<void> {
  dnsmasq = blue.spawn(
    '/usr/sbin/dnsmasq',
    [
      // An ordinary user is root in there, and nobody else: only so does it stay what it is.
      ['--no-daemon', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--no-ping', '--pid-file='],
      ['--bind-interfaces', '--listen-address=10.0.0.1', '--listen-address=fd00::1'],
      ['--local=/test/', '--host-record=blue.test,10.0.0.1,fd00::1', '--host-record=four.test,10.0.0.1'],
      ['--cname=alias.test,blue.test', '--cname=far.test,alias.test', '--log-facility=-'],
      many.map((address) => `--host-record=many.test,${address}`),
    ].flat(),
    { stdio: 'ignore' },
  )
  await until('dnsmasq answers', async () => {
    const found = await red.lookup('four.test', { servers, attempts: 1, timeout: 500 }).catch(() => undefined)
    return found !== undefined
  })
}

beforeAll(async () => {
  ;({ blue, red } = await cabled())
  await start()
})

afterAll(async () => {
  dnsmasq.kill()
  if (dnsmasq.exitCode === null && dnsmasq.signalCode === null) await once(dnsmasq, 'exit')
  blue.close()
  red.close()
})

describe('names of dnsmasq', () => {
  test('have addresses of both families, also by way of aliases', async () => {
    const both = [
      { address: 'fd00::1', family: 6 },
      { address: '10.0.0.1', family: 4 },
    ]
    for (const name of ['blue.test', 'alias.test', 'far.test', 'BLUE.test.'])
      expect(await red.lookup(name, { servers, all: true }), name).toEqual(both)
    expect(await red.lookup('four.test', { servers })).toEqual(both[1])
  })

  test('that are unknown, or have no such address, are not found', async () => {
    expect(await failure(red.lookup('none.test', { servers }))).toMatchObject({ code: 'ENOTFOUND' })
    expect(await failure(red.lookup('four.test', { servers, family: 6 }))).toMatchObject({ code: 'ENOTFOUND' })
    // It knows nobody to ask.
    expect(await failure(red.lookup('example.org', { servers }))).toMatchObject({
      code: 'EAI_AGAIN',
      message: expect.stringContaining('10.0.0.1 answers REFUSED'),
    })
  })

  test('with more addresses than fit into a datagram have all of them, over TCP', async () => {
    const before = await connectionsBegun(red)
    const found = await red.lookup('many.test', { servers, all: true, family: 4 })
    expect(found.map(({ address }) => address).sort()).toEqual([...many].sort())
    expect(await connectionsBegun(red)).toBe(before + 1)
  })

  test('are asked for from many sides at once', async () => {
    const lookups = Array.from({ length: 100 }, (_, i) => red.lookup(i % 2 ? 'blue.test' : 'alias.test', { servers }))
    expect(new Set((await Promise.all(lookups)).map(({ address }) => address))).toEqual(new Set(['fd00::1']))
  })

  test('lead a connection to where they point, of whichever family answers there', async () => {
    const server = createServer((socket) => socket.end(`${socket.localAddress}`))
    const { port } = await blue.listen(server, { host: '10.0.0.1' })
    const lookup: typeof red.lookup = ((name: string, options: object, callback: () => void) =>
      red.lookup(name, { ...options, servers }, callback)) as never
    expect(await text(await red.connect({ host: 'far.test', port, lookup }))).toBe('10.0.0.1')
    await closed(server)
  })
})
