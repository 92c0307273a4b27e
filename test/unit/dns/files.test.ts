import { describe, expect, test } from 'vitest'
import { addressesInHosts, localAddresses } from '../../../lib/dns/hosts.js'
import { candidates, parseResolvConf, parseServer } from '../../../lib/dns/resolv-conf.js'

describe('resolv.conf', () => {
  test('gives servers, domains and options', () => {
    const text = `# a comment
      nameserver 10.0.0.1   ; and one more
      nameserver fe80::1%eth0
      nameserver none
      domain first.test
      search one.test two.test # three.test
      options ndots:3 timeout:2 attempts:4 rotate use-vc no-aaaa unknown edns0
      sortlist 10.0.0.0`
    expect(parseResolvConf(text)).toEqual({
      servers: [
        { address: '10.0.0.1', port: 53 },
        { address: 'fe80::1%eth0', port: 53 },
      ],
      search: ['one.test', 'two.test'],
      ndots: 3,
      timeout: 2000,
      attempts: 4,
      rotate: true,
      useTcp: true,
      noAaaa: true,
    })
  })

  test('that says nothing means what libc takes it to mean', () => {
    expect(parseResolvConf('')).toEqual({
      servers: [{ address: '127.0.0.1', port: 53 }],
      search: [],
      ndots: 1,
      timeout: 5000,
      attempts: 2,
      rotate: false,
      useTcp: false,
      noAaaa: false,
    })
  })

  test('has bounds, and nonsense in it is passed over', () => {
    const most = parseResolvConf('options ndots:99 timeout:99 attempts:99')
    expect(most).toMatchObject({ ndots: 15, timeout: 30_000, attempts: 5 })
    const nonsense = parseResolvConf('options ndots:x timeout: attempts:-1 timeout:0 attempts:0\noptions\nnameserver')
    expect(nonsense).toMatchObject({ ndots: 1, timeout: 1000, attempts: 1 })
    expect(parseResolvConf('search a.test\ndomain b.test c.test').search).toEqual(['b.test'])
    expect(parseResolvConf('search a.test\nsearch').search).toEqual([])
    expect(parseResolvConf('options toString:1 __proto__:2')).toEqual(parseResolvConf(''))
  })
})

describe('a server', () => {
  test('may have a port and a zone', () => {
    expect(parseServer('10.0.0.1')).toEqual({ address: '10.0.0.1', port: 53 })
    expect(parseServer('10.0.0.1:5353')).toEqual({ address: '10.0.0.1', port: 5353 })
    expect(parseServer('fd00::1')).toEqual({ address: 'fd00::1', port: 53 })
    expect(parseServer('[fd00::1]')).toEqual({ address: 'fd00::1', port: 53 })
    expect(parseServer('[fe80::1%eth0]:5353')).toEqual({ address: 'fe80::1%eth0', port: 5353 })
  })

  test('is an address and nothing else', () => {
    for (const text of [
      '',
      'dns.test',
      '10.0.0.1:0',
      '10.0.0.1:65536',
      '10.0.0.1:',
      '10.0.0.1%eth0',
      'fe80::1%',
      '[::1',
    ])
      expect(parseServer(text), text).toBe(undefined)
  })
})

describe('a name', () => {
  test('is tried in the domains before or after itself, by its dots', () => {
    const settings = { search: ['a.test', '.', 'b.test.'], ndots: 2 }
    expect(candidates('db', settings)).toEqual(['db.a.test', 'db', 'db.b.test'])
    expect(candidates('db.x', settings)).toEqual(['db.x.a.test', 'db.x', 'db.x.b.test'])
    expect(candidates('db.x.y', settings)).toEqual(['db.x.y', 'db.x.y.a.test', 'db.x.y.b.test'])
    expect(candidates('db.', settings)).toEqual(['db'])
    expect(candidates('db', { search: [], ndots: 1 })).toEqual(['db'])
  })
})

describe('hosts', () => {
  const text = '127.0.0.1 localhost\n# 10.0.0.9 no\n10.0.0.1\tBox  box.test # other\nfd00::1 box\nnone box\n\n10.0.0.2'

  test('give a name all its addresses, without regard to case and to a dot at the end', () => {
    const both = [
      { address: '10.0.0.1', family: 4 },
      { address: 'fd00::1', family: 6 },
    ]
    expect(addressesInHosts(text, 'bOX.')).toEqual(both)
    expect(addressesInHosts(text, 'box.test')).toEqual(both.slice(0, 1))
    for (const name of ['no', 'other', '10.0.0.2', '']) expect(addressesInHosts(text, name), name).toEqual([])
  })

  test('need not have localhost', () => {
    for (const name of ['localhost', 'LOCALHOST.', 'a.localhost'])
      expect(localAddresses(name).map(({ address }) => address)).toEqual(['::1', '127.0.0.1'])
    for (const name of ['localhost.test', 'mylocalhost']) expect(localAddresses(name)).toEqual([])
  })
})
