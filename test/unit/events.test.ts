// What a reading and the notifications that came with it add up to, in orders that a kernel rarely takes.
import { describe, expect, test } from 'vitest'
import { addressKind } from '../../lib/events/kinds/address.js'
import { routeKind } from '../../lib/events/kinds/route.js'
import { Tracker } from '../../lib/events/tracker.js'
import { type Message, Writer } from '../../lib/netlink/codec/index.js'
import { addressMessage } from '../../lib/netlink/messages/address.js'
import { messageFlags, messageTypes } from '../../lib/netlink/messages/constants.js'
import { type RouteRequest, routeMessage } from '../../lib/netlink/messages/route.js'
import type { Notice } from '../../lib/netlink/subscription.js'

function notice<In>(type: number, format: Message<unknown, In>, value: In, flags = 0): Notice {
  const writer = new Writer()
  writer.beginMessage(type, flags, 0)
  format.encode(writer, value)
  writer.endMessage()
  const bytes = writer.bytes().slice()
  return { type, flags, bytes, start: 16, end: bytes.length }
}

const { RTM_NEWADDR, RTM_DELADDR, RTM_NEWROUTE, RTM_DELROUTE } = messageTypes
const { NLM_F_EXCL, NLM_F_CREATE, NLM_F_REPLACE, NLM_F_APPEND } = messageFlags

const address = (type: number, local: string, label = 'eth0', times = { created: 1, updated: 1 }) => {
  const cacheinfo = { preferred: 0xffffffff, valid: 0xffffffff, ...times }
  return notice(type, addressMessage, {
    family: 'inet',
    prefixlen: 24,
    index: 3,
    local,
    address: local,
    label,
    cacheinfo,
  })
}

const route = (type: number, gateway: string, flags = 0, more: RouteRequest = {}) => {
  const six = gateway.includes(':')
  const to: RouteRequest = six
    ? { family: 'inet6', dst: 'fd01::', dstLen: 64 }
    : { family: 'inet', dst: '10.1.0.0', dstLen: 16 }
  const value: RouteRequest = { ...to, table: 'main', type: 'unicast', gateway, oif: 3, ...more }
  return notice(type, routeMessage, value, flags)
}

const hops = (...gateways: string[]): RouteRequest => ({
  gateway: undefined,
  oif: undefined,
  multipath: gateways.map((gateway) => ({ gateway, ifindex: 3 })),
})

const tracker = () => new Tracker(undefined as never, [addressKind, routeKind])

function told(events: Iterable<ReturnType<Tracker['event']>>): string[] {
  return [...events].map((event) => {
    if (event?.type === 'address') return `${event.event} ${event.address.address} ${event.address.label}`
    if (event?.type !== 'route') return String(event?.event)
    const multipath = event.route.message.multipath?.map(({ gateway }) => gateway)
    return `${event.event} ${event.route.to} ${multipath?.join('+') ?? event.route.via}`
  })
}

const snapshot = (answers: Notice[], notices: Notice[]) => told(tracker().snapshot({ answers, notices, lost: false }))

describe('a snapshot', () => {
  test('is what was read, by kinds, when nothing happened', () => {
    expect(snapshot([route(RTM_NEWROUTE, '10.0.0.2'), address(RTM_NEWADDR, '10.0.0.1')], [])).toEqual([
      'add 10.0.0.1 eth0',
      'add 10.1.0.0/16 10.0.0.2',
    ])
  })

  test('has each object once, as the last notification shows it, whether it was read before or after that', () => {
    const read = [address(RTM_NEWADDR, '10.0.0.1', 'old'), address(RTM_NEWADDR, '10.0.0.2', 'new')]
    const notices = [
      address(RTM_NEWADDR, '10.0.0.1', 'new'),
      address(RTM_NEWADDR, '10.0.0.2', 'old'),
      address(RTM_NEWADDR, '10.0.0.2', 'new'),
      address(RTM_NEWADDR, '10.0.0.3', 'new'),
    ]
    expect(snapshot(read, notices)).toEqual(['add 10.0.0.1 new', 'add 10.0.0.2 new', 'add 10.0.0.3 new'])
  })

  test('has nothing that is gone, and all that came back', () => {
    const read = [address(RTM_NEWADDR, '10.0.0.1'), address(RTM_NEWADDR, '10.0.0.2')]
    const notices = [
      address(RTM_DELADDR, '10.0.0.1'),
      address(RTM_DELADDR, '10.0.0.2'),
      address(RTM_NEWADDR, '10.0.0.2', 'again'),
      address(RTM_DELADDR, '10.0.0.9'),
    ]
    expect(snapshot(read, notices)).toEqual(['add 10.0.0.2 again'])
  })

  test('has the route that replaced another, and not that one', () => {
    const added = route(RTM_NEWROUTE, '10.0.0.2', NLM_F_CREATE | NLM_F_EXCL)
    const replaced = route(RTM_NEWROUTE, '10.0.0.3', NLM_F_REPLACE)
    const only = ['add 10.1.0.0/16 10.0.0.3']
    // Read before both, between them, and after both.
    expect(snapshot([], [added, replaced])).toEqual(only)
    expect(snapshot([route(RTM_NEWROUTE, '10.0.0.2')], [added, replaced])).toEqual(only)
    expect(snapshot([route(RTM_NEWROUTE, '10.0.0.3')], [added, replaced])).toEqual(only)
  })

  test('has both of two IPv4 routes of which one was appended, and one IPv6 route with all its hops', () => {
    const four = [route(RTM_NEWROUTE, '10.0.0.3', NLM_F_CREATE | NLM_F_APPEND)]
    expect(snapshot([route(RTM_NEWROUTE, '10.0.0.2')], four)).toEqual([
      'add 10.1.0.0/16 10.0.0.2',
      'add 10.1.0.0/16 10.0.0.3',
    ])
    const six = [route(RTM_NEWROUTE, 'fd00::2', NLM_F_CREATE | NLM_F_APPEND, hops('fd00::3', 'fd00::2'))]
    expect(snapshot([route(RTM_NEWROUTE, 'fd00::2')], six)).toEqual(['add fd01::/64 fd00::3+fd00::2'])
  })

  test('tells after itself of a hop that may have been part of a route when it was read', () => {
    const read = [route(RTM_NEWROUTE, 'fd00::2', 0, hops('fd00::2', 'fd00::3'))]
    expect(snapshot(read, [route(RTM_DELROUTE, 'fd00::3')])).toEqual([
      'add fd01::/64 fd00::2+fd00::3',
      'delete fd01::/64 fd00::3',
    ])
  })

  test('is what later notifications are compared with', () => {
    const each = tracker()
    Array.from(each.snapshot({ answers: [address(RTM_NEWADDR, '10.0.0.1')], notices: [], lost: false }))
    const later = [
      address(RTM_NEWADDR, '10.0.0.1'),
      address(RTM_NEWADDR, '10.0.0.2'),
      address(RTM_DELADDR, '10.0.0.2'),
      address(RTM_DELADDR, '10.0.0.2'),
      notice(1234, addressMessage, {}),
    ].map((one) => each.event(one))
    expect(told(later.filter((event) => event !== undefined))).toEqual([
      'change 10.0.0.1 eth0',
      'add 10.0.0.2 eth0',
      'delete 10.0.0.2 eth0',
    ])
  })
})

test('without a snapshot, what happened during the reading is told, of what was there as a change', () => {
  const each = tracker()
  const events = each.begin({
    answers: [address(RTM_NEWADDR, '10.0.0.1'), address(RTM_NEWADDR, '10.0.0.3'), address(RTM_NEWADDR, '10.0.0.4')],
    notices: [
      address(RTM_NEWADDR, '10.0.0.1', 'eth0', { created: 1, updated: 2 }),
      address(RTM_NEWADDR, '10.0.0.2'),
      address(RTM_DELADDR, '10.0.0.3'),
      route(RTM_NEWROUTE, '10.0.0.2'),
    ],
    lost: false,
  })
  expect(told(events)).toEqual([
    'change 10.0.0.1 eth0',
    'add 10.0.0.2 eth0',
    'delete 10.0.0.3 eth0',
    'add 10.1.0.0/16 10.0.0.2',
  ])
  const later = [address(RTM_NEWADDR, '10.0.0.3'), address(RTM_NEWADDR, '10.0.0.4')].map((one) => each.event(one))
  expect(told(later)).toEqual(['add 10.0.0.3 eth0', 'change 10.0.0.4 eth0'])
})
