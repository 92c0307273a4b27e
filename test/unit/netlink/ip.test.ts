import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import {
  explainIp,
  formatIp,
  formatMac,
  parseAddress,
  parseCidr,
  parseHardwareAddress,
  parseIp,
  parseMac,
} from '../../../lib/netlink/codec/index.js'

const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 })
// Runs of zeros are what formatting is about.
const sparseV6 = fc.array(fc.constantFrom(0, 0, 0, 1, 0xab, 0xffff), { minLength: 8, maxLength: 8 }).map((groups) => {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
})
const anyV6 = fc.oneof(v6, sparseV6)
const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 })
// ipaddr.js takes `::1.2.3.4` for `::ffff:1.2.3.4`, which it is not.
const anyText = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !/^::\d+\./.test(text)),
)
// Texts that nearly are addresses.
const nearly = fc.string({ unit: fc.constantFrom(...'0123456789abf:.:.::%/ '), maxLength: 24 })

describe('IP addresses', () => {
  test('text is an address exactly when Node says so', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.string()), (text) => {
        // Node takes a zone, which is not part of an address.
        const family = text.includes('%') ? 0 : isIP(text)
        expect(parseIp(text)?.length).toBe(family === 0 ? undefined : family === 4 ? 4 : 16)
      }),
      { numRuns: 3000 },
    )
  })

  test('one edit away from an address, too', () => {
    const edit = fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(), fc.constantFrom(...'0123456789abcdef:.', ''))
    fc.assert(
      fc.property(edit, fc.boolean(), ([text, at, character], replace) => {
        const index = at % (text.length + 1)
        const edited = text.slice(0, index) + character + text.slice(index + (replace ? 1 : 0))
        expect(parseIp(edited) !== undefined).toBe(isIP(edited) !== 0)
      }),
      { numRuns: 3000 },
    )
  })

  test('bytes are those that ipaddr.js finds', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect([...(parseIp(text) ?? [])]).toEqual(ipaddr.parse(text).toByteArray())
      }),
    )
  })

  test('IPv4 is written as ipaddr.js does', () => {
    fc.assert(
      fc.property(v4, (bytes) => {
        const text = formatIp(bytes)
        expect(text).toBe(ipaddr.fromByteArray([...bytes]).toString())
        expect(isIPv4(text)).toBe(true)
        expect(parseIp(text)).toEqual(bytes)
      }),
    )
  })

  test('IPv6 is written as inet_ntop does', () => {
    fc.assert(
      fc.property(anyV6, (bytes) => {
        const text = formatIp(bytes)
        const long = ipaddr.fromByteArray([...bytes]).toNormalizedString()
        expect(text).toBe(new SocketAddress({ address: long, family: 'ipv6' }).address)
        expect(isIPv6(text)).toBe(true)
        expect(parseIp(text)).toEqual(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:1:0:0:0:1:0', '0:0:1::1:0'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ])('%s is written %s', (text, written) => {
    expect(formatIp(parseIp(text) ?? new Uint8Array(4))).toBe(written)
  })

  test('an address in the middle of a buffer', () => {
    expect(formatIp(Uint8Array.of(9, 10, 0, 0, 1, 9), 1, 4)).toBe('10.0.0.1')
  })
})

describe('addresses with a prefix length', () => {
  test('are those that ipaddr.js takes', () => {
    const cidr = fc.tuple(anyText, fc.nat({ max: 128 })).map(([text, bits]) => {
      return [text, text.includes(':') ? bits : bits % 33] as const
    })
    fc.assert(
      fc.property(cidr, ([text, prefix]) => {
        const [address, prefixLength] = ipaddr.parseCIDR(`${text}/${prefix}`)
        const parsed = parseCidr(`${text}/${prefix}`)
        expect([...(parseIp(parsed.address) ?? [])]).toEqual(address.toByteArray())
        expect(parsed.prefixLength).toBe(prefixLength)
        expect(parsed.family).toBe(address.kind() === 'ipv4' ? 4 : 6)
        new BlockList().addSubnet(parsed.address, parsed.prefixLength, `ipv${parsed.family}`)
      }),
    )
  })

  test('nothing else is', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        if (/^[^/]+\/(0|[1-9]\d*)$/.test(text) && parseIp(text.split('/')[0] ?? '') !== undefined) return
        if (isIP(text) !== 0 && !text.includes('%')) return
        expect(() => parseCidr(text)).toThrow(TypeError)
      }),
    )
  })

  test('are a single address without one', () => {
    expect(parseCidr('10.0.0.1')).toEqual({ family: 4, address: '10.0.0.1', prefixLength: 32 })
    expect(parseCidr('FD00::1')).toEqual({ family: 6, address: 'fd00::1', prefixLength: 128 })
    expect(parseAddress('FD00::1')).toEqual({ family: 6, address: 'fd00::1' })
  })

  test.each([
    ['10.0.0.1/33', 'prefix length 33 is more than 32, the bits of an IPv4 address'],
    ['fd00::1/129', 'prefix length 129 is more than 128, the bits of an IPv6 address'],
    ['10.0.0.1/', "the prefix length after '/' is missing"],
    ['10.0.0.1/-1', "prefix length '-1' is not a decimal number"],
    ['10.0.0.1/24 ', "prefix length '24 ' is not a decimal number"],
    ['10.0.0.1/024', "prefix length '024' has a leading zero"],
    ['10.0.0.1/255.255.255.0', "prefix length '255.255.255.0' is not a decimal number (a netmask is not accepted)"],
    ['300.1.1.1', 'octet 300 is more than 255'],
    ['10.0.0', 'an IPv4 address has four octets, not 3'],
    ['10.0..1', 'an octet is missing'],
    ['010.0.0.1', "octet '010' has a leading zero"],
    [' 10.0.0.1', 'an address has no blanks'],
    ['localhost', 'not an IP address (host names are not looked up here)'],
    ['', 'the address is empty'],
    ['/24', 'the address is empty'],
    ['fe80::1%eth0', 'a zone is not part of an address, name the link instead'],
    ['fe80::1%eth0/64', 'a zone is not part of an address, name the link instead'],
    ['1::2::3', "'::' may stand only once in an IPv6 address"],
    ['1:2:3:4:5:6:7', "an IPv6 address has eight groups, or fewer and '::', not 7"],
    ['12345::', "group '12345' has more than four digits"],
    ['fg::', "'g' has no place in an IPv6 address"],
    ['::ffff:10.0.0.256', 'in its IPv4 part, octet 256 is more than 255'],
  ])('%j is refused: %s', (text, reason) => {
    const message = `'${text}': ${reason}`
    expect(() => parseCidr(text)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message }),
    )
  })

  test('what is not a string is refused', () => {
    const calls: ((value: never) => unknown)[] = [parseCidr, parseAddress]
    for (const call of calls) {
      expect(() => call(7 as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }))
    }
  })

  test('an address alone has no prefix length', () => {
    expect(() => parseAddress('10.0.0.1/24')).toThrow('a prefix length is not expected here')
  })

  test('every refusal has a reason', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        if (parseIp(text) === undefined) expect(explainIp(text)).toMatch(/\w/)
      }),
    )
  })
})

describe('link-layer addresses', () => {
  test('are read as they are written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        const text = formatMac(bytes)
        expect(text).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)
        expect(parseMac(text)).toEqual(bytes)
        expect(parseMac(text.toUpperCase())).toEqual(bytes)
      }),
    )
  })

  test.each([
    '',
    'aa',
    'aa:bb:cc:dd:ee',
    'aa:bb:cc:dd:ee:ff:00',
    'aa-bb-cc-dd-ee-ff',
    'a:b:c:d:e:f',
    'aa:bb:cc:dd:ee:fg',
    'aabb.ccdd.eeff',
  ])('%j is none of Ethernet', (text) => expect(parseMac(text)).toBeUndefined())

  test('may have another length elsewhere', () => {
    expect(parseHardwareAddress('0a:00:00:01')).toEqual(Uint8Array.of(10, 0, 0, 1))
    expect(formatMac(Uint8Array.of(9, 10, 0, 0, 1), 1, 4)).toBe('0a:00:00:01')
  })
})
