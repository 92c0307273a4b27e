// A Route reads its properties out of what the kernel said; what else can be done with it.
import { inspect } from 'node:util'
import { type Link, Namespace, Route } from 'linux-namespaces'
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

test('it is shown as its data: by JSON, by console.log, and on request', () => {
  expect(route).toBeInstanceOf(Route)
  expect(route.toJSON()).toEqual(data())
  expect(JSON.parse(JSON.stringify([route]))).toEqual([data()])
  expect(inspect(route)).toBe(inspect(data()))
})

test('what the kernel said is in its message', () => {
  expect(route.message).toMatchObject({ dst: '10.1.0.0', dstLen: 16, gateway: '10.0.0.2', table: 100, priority: 7 })
})

test('it can be given back: deleted, added again, and changed by way of its data', async () => {
  await ns.routes.delete(route)
  expect(await ns.routes.list({ table: 100 })).toEqual([])
  await ns.routes.add([route])
  expect((await ns.routes.list({ table: 100 })).map((each) => each.toJSON())).toEqual([data()])
  await ns.routes.replace({ ...route.toJSON(), metric: 8 })
  expect((await ns.routes.list({ table: 100 })).map(({ metric }) => metric)).toEqual([7, 8])
})

test('it stays as it was when it was read', async () => {
  await ns.routes.flush({ table: 100 })
  await ns.routes.list({ table: 'all' })
  expect(route.toJSON()).toEqual(data())
})
