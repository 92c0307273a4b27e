// What of a request is newer than a kernel, by the formats.
import { expect, test } from 'vitest'
import { NetlinkError } from '../../lib/netlink/error.js'
import { linkMessage, nexthopMessage } from '../../lib/netlink/messages/index.js'
import { isAfter, newerHint, newerParts } from '../../lib/netlink/newer.js'

const bridge = { mtu: 1400, linkinfo: { kind: 'bridge', data: { fdbMaxLearned: 5, forwardDelay: 1n } } }

test.each([
  ['6.7', '6.1.0-56-amd64', true],
  ['6.7', '6.7.0', false],
  ['6.7', '6.18.44', false],
  ['7.0', '6.18.44', true],
  ['6.18', '7.3.4', false],
])('%s after %s: %s', (since, kernel, after) => {
  expect(isAfter(since, kernel)).toBe(after)
})

test('attributes are found inside of others, and so are names of values', () => {
  expect(newerParts(linkMessage.shape, bridge, '6.1.0')).toEqual([
    { path: 'linkinfo.data.fdbMaxLearned', since: '6.7' },
  ])
  expect(newerParts(linkMessage.shape, bridge, '6.7.0')).toEqual([])
  const vxlan = { linkinfo: { kind: 'vxlan', data: { labelPolicy: 'inherit', id: 5 } } }
  expect(newerParts(linkMessage.shape, vxlan, '6.6.0')).toEqual([{ path: 'linkinfo.data.labelPolicy', since: '6.7' }])
  expect(newerParts(nexthopMessage.shape, { opFlags: ['dumpStats'] }, '6.1.0')).toEqual([
    { path: 'opFlags', since: '6.9' },
  ])
})

test('values of kinds and attributes without a format are passed over', () => {
  const raw = { linkinfo: { kind: 'other', data: new Uint8Array(8) }, unknown: [{ type: 999, data: new Uint8Array() }] }
  expect(newerParts(linkMessage.shape, raw, '5.10.0')).toEqual([])
})

test('a refusal is explained by them only where they may be its cause', () => {
  const about = { request: 'RTM_NEWLINK', operation: 'br0' }
  const future = { linkinfo: { kind: 'bridge', data: { fdbMaxLearned: 5 } } }
  const hint = (errno: number, attribute?: string) =>
    newerHint(linkMessage.shape, () => future, new NetlinkError(errno, { ...about, attribute }), '6.1.0')
  const said = "'linkinfo.data.fdbMaxLearned' needs Linux 6.7 or newer, and this is 6.1.0"
  expect(hint(22)).toBe(said)
  expect(hint(22, 'linkinfo.data')).toBe(said)
  expect(hint(22, 'mtu')).toBe(undefined)
  expect(hint(1)).toBe(undefined)
})
