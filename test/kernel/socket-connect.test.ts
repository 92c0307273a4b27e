import { createServer, type LookupFunction, type Server, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as tlsConnect } from 'node:tls'
import type { Namespace } from 'linux-namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { cabled, closed, connectionsBegun, fdOf, homeOf } from '../helpers/sockets.js'

let blue: Namespace
let red: Namespace
let server: Server
let port: number

beforeEach(async () => {
  ;({ blue, red } = await cabled())
  server = createServer((socket) => socket.resume().end(`${socket.localAddress}`))
  ;({ port } = await blue.listen(server))
})

afterEach(async () => {
  await closed(server)
  blue.close()
  red.close()
})

const says =
  (...addresses: string[]): LookupFunction =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

// Nobody answers for these neighbours: a connection to them hangs.
async function silent(...addresses: string[]): Promise<void> {
  for (const address of addresses) await red.neighbors.add({ address, mac: '02:00:00:00:00:09', link: 'eth0' })
}

async function sockets(): Promise<string[]> {
  const { stdout } = await red.execFile('ss', ['-Htan'])
  return stdout.split('\n').filter((line) => line.includes('SYN-SENT'))
}

describe('a connection to a name', () => {
  test('goes to the address that the hosts file has for it', async () => {
    const own = createServer((socket) => socket.end('here'))
    const { port } = await red.listen(own)
    expect(await text(await red.connect({ port }))).toBe('here')
    expect(await text(await red.connect({ host: 'localhost', port, family: 4 }))).toBe('here')
    await closed(own)
  })

  test('goes on to the next address at once when one is refused, and closes the losers', async () => {
    const lookup = says('10.0.0.3', 'fd00::7', '192.0.2.1', 'fd00::1', '10.0.0.1')
    await silent('10.0.0.3', 'fd00::7')
    const socket = await red.connect({ host: 'blue.test', port, lookup, autoSelectFamilyAttemptTimeout: 30 })
    expect(await text(socket)).toBe('fd00::1')
    expect(await sockets()).toEqual([])
  })

  test('takes families by turns, and does not wait for one that is silent', async () => {
    await silent('fd00::7', 'fd00::8', 'fd00::9')
    const lookup = says('fd00::7', 'fd00::8', 'fd00::9', '10.0.0.1')
    const before = await connectionsBegun(red)
    const socket = await red.connect({ host: 'blue.test', port, lookup, autoSelectFamilyAttemptTimeout: 1000 })
    // One to the first address, and then not to the other two of its family.
    expect(await connectionsBegun(red)).toBe(before + 2)
    expect(await text(socket)).toMatch(/10\.0\.0\.1$/)
    expect(await sockets()).toEqual([])
  })

  test('fails with the errors of all addresses, or with that of the only one', async () => {
    const refused = createServer()
    const { port } = await blue.listen(refused)
    await closed(refused)
    const error = await failure(
      red.connect({ host: 'blue.test', port, lookup: says('10.0.0.1', 'fd00::1', '192.0.2.1') }),
    )
    expect(error).toBeInstanceOf(AggregateError)
    expect(error.code).toBe('ECONNREFUSED')
    expect(error.errors).toMatchObject([
      { code: 'ECONNREFUSED', address: '10.0.0.1', port },
      { code: 'ECONNREFUSED', address: 'fd00::1', port },
      { code: 'ENETUNREACH', address: '192.0.2.1', port },
    ])
    expect(await failure(red.connect({ host: 'blue.test', port, lookup: says('10.0.0.1') }))).toMatchObject({
      name: 'SystemError',
      code: 'ECONNREFUSED',
      syscall: 'connect',
    })
    const broken: LookupFunction = (_hostname, _options, callback) => callback(new Error('no idea'), '')
    expect(await failure(red.connect({ host: 'blue.test', port, lookup: broken }))).toMatchObject({
      message: 'no idea',
    })
    expect(await failure(red.connect({ host: 'blue.test', port, lookup: says() }))).toMatchObject({
      name: 'LookupError',
      code: 'ENOTFOUND',
    })
  })

  test('ends with its signal and its limit while several are under way', async () => {
    await silent('10.0.0.8', '10.0.0.9')
    const options = {
      host: 'blue.test',
      port,
      lookup: says('10.0.0.8', '10.0.0.9'),
      autoSelectFamilyAttemptTimeout: 10,
    }
    expect(await failure(red.connect({ ...options, timeout: 60 }))).toMatchObject({ code: 'ETIMEDOUT' })
    const reason = new Error('enough')
    const controller = new AbortController()
    const pending = failure(red.connect({ ...options, signal: controller.signal }))
    setTimeout(() => controller.abort(reason), 40)
    expect(await pending).toBe(reason)
    expect(await sockets()).toEqual([])
    const never: LookupFunction = () => {}
    expect(await failure(red.connect({ ...options, lookup: never, timeout: 20 }))).toMatchObject({ code: 'ETIMEDOUT' })
  })

  test('comes from the local address of its family', async () => {
    const options = { host: 'blue.test', port, lookup: says('10.0.0.1', 'fd00::1') }
    const socket = await red.connect({ ...options, localAddress: 'fd00::2' })
    expect([socket.localAddress, await text(socket)]).toEqual(['fd00::2', 'fd00::1'])
    const wrong = { ...options, lookup: says('10.0.0.1'), localAddress: 'fd00::2' }
    expect(await failure(red.connect(wrong))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})

describe('a socket of a namespace', () => {
  test('is asked for life signs, and sends at once, where that is wanted', async () => {
    const options = { keepAlive: true, keepAliveInitialDelay: 7_000, noDelay: true }
    const socket = await red.connect({ host: '10.0.0.1', port, ...options })
    const { stdout } = await red.execFile('ss', ['-Htno', 'dport', `= :${port}`])
    expect(stdout).toMatch(/timer:\(keepalive,[567]/)
    await text(socket)
  })

  test('refuses to connect again, connected or closed', async () => {
    const socket = await red.connect({ host: '10.0.0.1', port })
    expect(socket).toBeInstanceOf(Socket)
    expect(await homeOf(red, fdOf(socket))).toBe(red.inode())
    const again = expect.objectContaining({ code: 'ERR_NAMESPACE_SOCKET' })
    expect(() => socket.connect(port, '10.0.0.1')).toThrow(again)
    await text(socket)
    await closed({ close: (done) => (socket.closed ? done() : socket.once('close', done)) })
    expect(() => socket.connect({ port, host: '10.0.0.1', autoSelectFamily: true })).toThrow(again)
    expect(Reflect.get(socket, '_handle')).toBe(null)
  })

  test('below TLS refuses to connect again, too', async () => {
    const socket = await red.connect({ host: '10.0.0.1', port })
    const tls = tlsConnect({ socket })
    tls.on('error', () => {})
    await new Promise((resolve) => tls.once('close', resolve))
    expect(() => socket.connect(port)).toThrow(expect.objectContaining({ code: 'ERR_NAMESPACE_SOCKET' }))
  })

  test('needs sound options', async () => {
    const to = { host: '10.0.0.1', port }
    for (const options of [
      { ...to, family: 5 },
      { ...to, keepAlive: 1 as never },
      { ...to, localAddress: 'here' },
      { ...to, host: '' },
      { host: 'blue.test', port, lookup: 'dns' as never },
      { path: '' },
    ])
      expect(await failure(red.connect(options))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    expect(await failure(red.connect({ ...to, keepAliveInitialDelay: -1 }))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(await failure(red.connect({ ...to, host: '10.0.0.1%eth0' }))).toMatchObject({ code: 'ENOTFOUND' })
    expect(await failure(red.connect({ ...to, host: 'fe80::1%none' }))).toMatchObject({ code: 'ENODEV' })
  })
})
