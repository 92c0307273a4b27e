import { describe, expect, test } from 'vitest'
import {
  attr,
  field,
  flag,
  flagsOf,
  type Infer,
  message,
  NetlinkDecodeError,
  NetlinkEncodeError,
  names,
  nested,
  padding,
  struct,
  u8,
  u16,
  u32,
  u64,
  uint,
  Writer,
} from '../../../lib/netlink/codec/index.js'
import {
  type LinkMessage,
  linkData,
  linkMessage,
  neighborMessage,
  routeMessage,
  slaveData,
} from '../../../lib/netlink/messages/index.js'

const thing = message({
  header: struct('thing', 4, { kind: field('t_kind', 0, u8), size: field('t_size', 2, u16) }),
  attributes: {
    weight: attr('T_WEIGHT', 1, u32),
    serial: attr('T_SERIAL', 2, u64),
    fragile: attr('T_FRAGILE', 3, flag),
    pad: attr('T_PAD', 4, padding),
    box: attr('T_BOX', 5, nested({ width: attr('T_BOX_WIDTH', 1, u16) })),
    counts: attr(
      'T_COUNTS',
      6,
      struct('counts', 8, { first: field('first', 0, u32), second: field('second', 4, u32, { since: '6.9' }) }),
    ),
    length: attr('T_LENGTH', 7, uint),
    marks: attr('T_MARKS', 8, flagsOf(u32, names('T_MARK', { red: 1, blue: 0x8000_0000 }))),
  },
})

type Thing = Infer<typeof thing>

function encode<In>(format: { encode(writer: Writer, value: In): void }, value: In): Uint8Array {
  const writer = new Writer()
  format.encode(writer, value)
  return writer.bytes().slice()
}

function decode(...bytes: number[]): Thing {
  return thing.decode(Uint8Array.from(bytes), 0, bytes.length)
}

describe('bytes', () => {
  test('are laid out as the kernel wants them', () => {
    expect([...encode(thing, { size: 0x0102, weight: 7, box: { width: 3 }, fragile: true })]).toEqual(
      [0, 0, 2, 1, 8, 0, 1, 0, 7, 0, 0, 0, 12, 0, 5, 0x80, 6, 0, 1, 0, 3, 0, 0, 0, 4, 0, 3, 0], // 5 is NLA_F_NESTED
    )
  })

  test('a flag that is false is not written', () => {
    expect(encode(thing, { fragile: false })).toHaveLength(4)
  })

  test('padding is dropped', () => {
    expect(decode(1, 0, 2, 0, 4, 0, 4, 0, 8, 0, 1, 0, 9, 0, 0, 0)).toEqual({ kind: 1, size: 2, weight: 9 })
  })

  test('the last of two equal attributes counts', () => {
    expect(decode(0, 0, 0, 0, 8, 0, 1, 0, 1, 0, 0, 0, 8, 0, 1, 0, 2, 0, 0, 0).weight).toBe(2)
  })

  test('counters have 64 bits, and lengths 32 or 64', () => {
    expect(encode(thing, { length: 5 })).toHaveLength(12)
    const long = encode(thing, { length: 2 ** 40, serial: 2n ** 64n - 1n })
    expect(thing.decode(long, 0, long.length)).toMatchObject({ length: 2 ** 40, serial: 2n ** 64n - 1n })
  })

  test('bits without a name are a number, and equal bits the same array', () => {
    const bytes = encode(thing, { marks: ['blue', 6] })
    const [one, two] = [thing.decode(bytes, 0, bytes.length), thing.decode(bytes, 0, bytes.length)]
    expect(one.marks).toEqual(['blue', 6])
    expect(one.marks).toBe(two.marks)
    expect(Object.isFrozen(one.marks)).toBe(true)
  })
})

describe('what the schema does not know', () => {
  const bytes = [0, 0, 0, 0, 6, 0, 99, 0x40, 1, 2, 0, 0, 12, 0, 5, 0x80, 8, 0, 9, 0, 5, 6, 7, 8]

  test('is kept at every level, and written back', () => {
    const value = decode(...bytes)
    expect(value.unknown).toEqual([{ type: 99, data: Uint8Array.of(1, 2), flags: 0x4000 }])
    expect(value.box?.unknown).toEqual([{ type: 9, data: Uint8Array.of(5, 6, 7, 8) }])
    expect([...encode(thing, value)]).toEqual(bytes)
  })

  test('is a copy', () => {
    const buffer = Buffer.from(bytes)
    const value = thing.decode(buffer, 0, buffer.length)
    buffer.fill(0)
    expect(value.unknown?.[0]?.data).toEqual(Uint8Array.of(1, 2))
  })

  test('a number of another length is kept as bytes', () => {
    const odd = [0, 0, 0, 0, 6, 0, 1, 0, 1, 2, 0, 0]
    for (let times = 0; times < 3; times++) {
      const value = decode(...odd)
      expect(value).toEqual({ kind: 0, size: 0, unknown: [{ type: 1, data: Uint8Array.of(1, 2) }] })
      expect('weight' in value).toBe(false)
      expect([...encode(thing, value)]).toEqual(odd)
    }
  })

  test('nested attributes that contradict themselves are kept as bytes', () => {
    expect(decode(0, 0, 0, 0, 8, 0, 5, 0x80, 99, 0, 1, 0).unknown).toEqual([
      { type: 5, data: Uint8Array.of(99, 0, 1, 0), flags: 0x8000 },
    ])
  })

  test('the end of a longer struct is passed over', () => {
    expect(decode(0, 0, 0, 0, 16, 0, 6, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0).counts).toEqual({ first: 1, second: 2 })
  })

  test('a struct of an older kernel lacks the members added since', () => {
    expect(decode(0, 0, 0, 0, 8, 0, 6, 0, 1, 0, 0, 0).counts).toEqual({ first: 1 })
  })

  test('a struct that is too short for any kernel is kept as bytes', () => {
    expect(decode(0, 0, 0, 0, 6, 0, 6, 0, 1, 0, 0, 0)).toMatchObject({
      unknown: [{ type: 6, data: Uint8Array.of(1, 0) }],
    })
  })

  test('data of an unknown kind of link is kept as bytes', () => {
    const linkinfo = { kind: 'mystery', data: Uint8Array.of(1, 2, 3) }
    const encoded = encode(linkMessage, { linkinfo })
    expect(linkMessage.decode(encoded, 0, encoded.length).linkinfo).toEqual(linkinfo)
  })
})

describe('bytes that are no message', () => {
  test.each([
    ['a header cut short', [0, 0]],
    ['an attribute that claims too much', [0, 0, 0, 0, 9, 0, 1, 0, 1, 0, 0, 0]],
    ['an attribute shorter than its header', [0, 0, 0, 0, 3, 0, 1, 0]],
    ['an attribute of length zero', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s', (_what, bytes) => {
    expect(() => decode(...bytes)).toThrow(NetlinkDecodeError)
  })
})

describe('values that do not fit', () => {
  test.each<[string, object, string, string]>([
    ['too large', { mtu: 2 ** 32 }, 'ERR_OUT_OF_RANGE', 'mtu: must be an integer from 0 to 4294967295, got 4294967296'],
    ['negative', { mtu: -1 }, 'ERR_OUT_OF_RANGE', 'mtu: must be an integer from 0 to 4294967295, got -1'],
    ['a fraction', { mtu: 1.5 }, 'ERR_OUT_OF_RANGE', 'mtu: must be an integer from 0 to 4294967295, got 1.5'],
    ['a string', { mtu: '1500' }, 'ERR_INVALID_ARG_VALUE', "mtu: must be an integer from 0 to 4294967295, got '1500'"],
    ['null', { mtu: null }, 'ERR_INVALID_ARG_VALUE', 'mtu: must be an integer from 0 to 4294967295, got null'],
    ['a NUL inside', { ifname: 'a\0b' }, 'ERR_INVALID_ARG_VALUE', "ifname: must be a string without NUL, got 'a\0b'"],
    [
      'half a character',
      { ifname: 'a\ud800' },
      'ERR_INVALID_ARG_VALUE',
      "ifname: must be well-formed Unicode, got 'a\ud800'",
    ],
    ['an unknown name', { colour: 'red' }, 'ERR_INVALID_ARG_VALUE', 'colour: is not an attribute here'],
    ['an inherited name', { toString: 1 }, 'ERR_INVALID_ARG_VALUE', 'toString: is not an attribute here'],
    [
      'a flag without a bit',
      { flags: ['upp'] },
      'ERR_INVALID_ARG_VALUE',
      "flags: must be made of up, broadcast, debug, loopback, pointopoint, notrailers, running, noarp, promisc, allmulti, master, slave, multicast, portsel, automedia, dynamic, lowerUp, dormant, echo, or numbers, got 'upp'",
    ],
    [
      'deep inside',
      { linkinfo: { kind: 'veth', data: { peer: { address: 'zz' } } } },
      'ERR_INVALID_ARG_VALUE',
      "linkinfo.data.peer.address: must be a link-layer address such as '02:00:00:00:00:01', got 'zz'",
    ],
    [
      'data of an unknown kind',
      { linkinfo: { kind: 'mystery', data: {} } },
      'ERR_INVALID_ARG_VALUE',
      "linkinfo.data: must be a Uint8Array, for kind 'mystery' has no format here, got an object",
    ],
    [
      'a struct member',
      { map: { irq: 99999 } },
      'ERR_OUT_OF_RANGE',
      'map.irq: must be an integer from 0 to 65535, got 99999',
    ],
    [
      'too long',
      { ifalias: 'x'.repeat(70000) },
      'ERR_OUT_OF_RANGE',
      'ifalias: must be at most 65531 bytes long, got 70001',
    ],
  ])('%s', (_what, value, code, text) => {
    const attempt = () => linkMessage.encode(new Writer(), value)
    expect(attempt).toThrow(NetlinkEncodeError)
    expect(attempt).toThrow(expect.objectContaining({ code, message: text, path: text.split(':')[0] }))
  })

  test('an address says why it is none', () => {
    expect(() => routeMessage.encode(new Writer(), { gateway: 'fe80::1%eth0' })).toThrow(
      "gateway: must be an IP address, got 'fe80::1%eth0': a zone is not part of an address, name the link instead",
    )
    expect(() => routeMessage.encode(new Writer(), { multipath: [{ ifindex: 1 }, { gateway: '300.1.1.1' }] })).toThrow(
      "multipath.1.gateway: must be an IP address, got '300.1.1.1': octet 300 is more than 255",
    )
  })

  test('leave the rest of a batch whole when the message is cancelled', () => {
    const writer = new Writer(16)
    writer.beginMessage(16, 1, 1)
    linkMessage.encode(writer, { mtu: 1 })
    writer.endMessage()
    const before = writer.bytes().slice()
    writer.beginMessage(16, 1, 2)
    expect(() => linkMessage.encode(writer, { ifname: 'eth0', mtu: -1 })).toThrow()
    writer.cancelMessage()
    expect(writer.bytes()).toEqual(before)
  })
})

describe('names must differ', () => {
  test('between a header and its attributes', () => {
    const header = struct('thing', 4, { kind: field('t_kind', 0, u8) })
    expect(() =>
      // @ts-expect-error the compiler tells as well
      message({ header, attributes: { kind: attr('T_KIND', 1, u8) } }),
    ).toThrow("the name 'kind' is taken")
  })

  test('and numbers, too', () => {
    expect(() => nested({ one: attr('T_ONE', 1, u8), two: attr('T_TWO', 1, u8) })).toThrow("'two' and 'one' are both 1")
  })
})

describe('where an offset points to', () => {
  const value = {
    ifname: 'eth0',
    linkinfo: { kind: 'veth', data: { peer: { index: 7, ifname: 'eth1', mtu: 1400 } } },
    propList: { altIfname: ['first', 'second'] },
    unknown: [{ type: 999, data: new Uint8Array(4) }],
  }
  const writer = new Writer()
  writer.beginMessage(16, 1, 1)
  linkMessage.encode(writer, value)
  writer.endMessage()
  const bytes = writer.bytes()

  function pathTo(part: string | Uint8Array, back: number): string | undefined {
    const at = Buffer.from(bytes).indexOf(part)
    expect(at).toBeGreaterThan(0)
    return linkMessage.pathAt(bytes, 16, bytes.length, at - back)
  }

  test('the attribute header that the kernel names', () => {
    expect(pathTo('eth0', 4)).toBe('ifname')
    expect(pathTo('veth\0', 4)).toBe('linkinfo.kind')
    expect(pathTo('veth\0', 8)).toBe('linkinfo')
    expect(pathTo('eth1', 4)).toBe('linkinfo.data.peer.ifname')
    expect(pathTo('first', 8)).toBe('propList')
    expect(pathTo('second', 4)).toBe('propList.altIfname.1')
  })

  test('a payload, padding, a header', () => {
    expect(pathTo('eth1', 0)).toBe('linkinfo.data.peer.ifname')
    expect(pathTo('eth1', 4 + 16 + 4)).toBe('linkinfo.data.peer')
    expect(pathTo('eth1', 4 + 16)).toBe('linkinfo.data.peer.family')
    expect(pathTo('eth1', 4 + 12)).toBe('linkinfo.data.peer.index')
    expect(linkMessage.pathAt(bytes, 16, bytes.length, 16 + 4)).toBe('index')
    expect(linkMessage.pathAt(bytes, 16, bytes.length, bytes.length - 8)).toBe('999')
  })

  test('nothing', () => {
    expect(linkMessage.pathAt(bytes, 16, bytes.length, 4)).toBeUndefined()
    expect(linkMessage.pathAt(bytes, 16, bytes.length, bytes.length)).toBeUndefined()
  })

  test('the message may stand anywhere in a batch', () => {
    const batch = Buffer.concat([Buffer.alloc(52), bytes])
    const offset = Buffer.from(bytes).indexOf('eth1') - 4
    expect(linkMessage.pathAt(batch, 52 + 16, batch.length, offset)).toBe('linkinfo.data.peer.ifname')
  })

  test('a next hop of several', () => {
    const route = encode(routeMessage, { multipath: [{ ifindex: 1 }, { ifindex: 2, gateway: '10.1.2.3' }] })
    const at = Buffer.from(route).indexOf(Uint8Array.of(10, 1, 2, 3))
    expect(routeMessage.pathAt(route, 0, route.length, at - 4 + 16)).toBe('multipath.1.gateway')
    expect(routeMessage.pathAt(route, 0, route.length, at - 8 + 16)).toBe('multipath.1.ifindex')
  })

  test('what is missing', () => {
    const nest = Buffer.from(bytes).indexOf('veth\0') - 8
    expect(linkMessage.missingAt(bytes, 16, bytes.length, 1, nest)).toBe('linkinfo.kind')
    expect(linkMessage.missingAt(bytes, 16, bytes.length, 4, undefined)).toBe('mtu')
    expect(linkMessage.missingAt(bytes, 16, bytes.length, 4000, undefined)).toBe('4000')
    expect(linkMessage.nameOf(3)).toBe('ifname')
    expect(linkMessage.nameOf(3 | 0x8000)).toBe('ifname')
    expect(linkMessage.nameOf(4000)).toBeUndefined()
  })
})

describe('typed data of links', () => {
  const encoded = encode(linkMessage, {
    linkinfo: { kind: 'bridge', data: { stpState: 1 }, slaveKind: 'bridge', slaveData: { state: 'forwarding' } },
  })
  const link: LinkMessage = linkMessage.decode(encoded, 0, encoded.length)

  test('by kind', () => {
    expect(linkData(link, 'bridge')?.stpState).toBe(1)
    expect(linkData(link, 'veth')).toBeUndefined()
    expect(slaveData(link, 'bridge')?.state).toBe('forwarding')
  })
})

test('a neighbour names its link twice, for different ends', () => {
  const encoded = encode(neighborMessage, { index: 3, ifindex: 4, state: ['permanent'] })
  expect(neighborMessage.decode(encoded, 0, encoded.length)).toMatchObject({
    index: 3,
    ifindex: 4,
    state: ['permanent'],
  })
})
