// A Route is a value: it can be compared, copied and given back.
import { deepStrictEqual, notDeepEqual, notDeepStrictEqual } from 'node:assert'
import { inspect } from 'node:util'
import { type Link, Namespace, Route } from 'linux-namespaces'
import { routeMessage, Writer } from 'linux-namespaces/netlink'
import { afterEach, beforeEach, expect, test } from 'vitest'

let ns: Namespace
let link: Link
let route: Route

beforeEach(async () => {
  ns = await Namespace.create()
  link = await ns.links.create({ kind: 'veth', name: 'eth0', addresses: ['10.0.0.1/24'], peer: { name: 'eth1' } })
  await ns.routes.add({ to: '10.1.0.0/16', via: '10.0.0.2', metric: 7, mtu: 1300, table: 100 })
  route = (await ns.routes.list({ table: 100 }))[0] as Route
})
afterEach(() => ns.close())

const data = () => ({
  to: '10.1.0.0/16',
  family: 'inet',
  via: '10.0.0.2',
  link: link.index,
  table: 100,
  metric: 7,
  scope: 'global',
  type: 'unicast',
  protocol: 'boot',
  flags: [],
  mtu: 1300,
})

test('its own properties are what the kernel said, and nothing else', () => {
  expect(route).toBeInstanceOf(Route)
  expect(Object.keys(route)).toEqual(Object.keys(data()))
  expect(Object.getOwnPropertySymbols(route)).toEqual([])
  expect({ ...route }).toStrictEqual(data())
  expect(structuredClone(route)).toStrictEqual(data())
  expect(JSON.parse(JSON.stringify([route]))).toStrictEqual([data()])
  expect(inspect(route)).toBe(`Route ${inspect(data())}`)
})

test('it equals one that says the same, and no other', async () => {
  const [again] = await ns.routes.list({ table: 100 })
  const [other] = await ns.routes.list({ to: '10.0.0.0/24' })
  expect(again).not.toBe(route)
  expect(again).toStrictEqual(route)
  deepStrictEqual(again, route)
  expect(route).toEqual(data())
  expect(other).toBeInstanceOf(Route)
  expect(other).not.toEqual(route)
  notDeepStrictEqual(other, route)
  notDeepEqual(other, route)
  expect(route).not.toEqual({ ...data(), metric: 8 })
})

test('what there is not is not there', async () => {
  const [connected] = await ns.routes.list({ to: '10.0.0.0/24' })
  expect({ ...connected }).toStrictEqual({
    to: '10.0.0.0/24',
    family: 'inet',
    link: link.index,
    table: 'main',
    metric: 0,
    source: '10.0.0.1',
    scope: 'link',
    type: 'unicast',
    protocol: 'kernel',
    flags: [],
  })
})

test('what the kernel said is in its message, with what has no name here', async () => {
  expect(route.message).toMatchObject({ dst: '10.1.0.0', dstLen: 16, gateway: '10.0.0.2', table: 100, priority: 7 })
  const writer = new Writer()
  const unknown = [{ type: 1000, data: Uint8Array.of(1, 2, 3) }]
  routeMessage.encode(writer, { ...route.message, unknown })
  const bytes = writer.bytes()
  const told = new Route({ type: 24, bytes, start: 0, end: bytes.length })
  expect(told).toEqual(data())
  expect(told.message.unknown).toEqual(unknown)
})

test('it can be given back: deleted, added again, and changed in a copy', async () => {
  await ns.routes.delete(route)
  expect(await ns.routes.list({ table: 100 })).toEqual([])
  await ns.routes.add([route])
  expect(await ns.routes.list({ table: 100 })).toEqual([data()])
  await ns.routes.delete(structuredClone(route))
  await ns.routes.add(JSON.parse(JSON.stringify(route)))
  await ns.routes.replace({ ...route, metric: 8 })
  expect(await ns.routes.list({ table: 100 })).toEqual([data(), { ...data(), metric: 8 }])
})

test('those of a stream, and the one of a packet, are such values, too', async () => {
  const streamed: Route[] = []
  for await (const each of ns.routes.stream({ table: 100 })) streamed.push(each)
  expect(streamed).toStrictEqual([route])
  expect({ ...(await ns.routes.get('10.0.0.2')) }).toMatchObject({ to: '10.0.0.2', link: link.index })
})

test('it stays as it was when it was read', async () => {
  const { message } = route
  await ns.routes.flush({ table: 100 })
  await ns.routes.list({ table: 'all' })
  expect(route).toEqual(data())
  expect(route.message).toEqual(message)
})
