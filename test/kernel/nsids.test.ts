// The numbers by which namespaces know each other, with `ip netns list-id` as the oracle.
import { Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ip } from '../helpers/ip.js'

let blue: Namespace
let red: Namespace
let green: Namespace
beforeEach(async () => {
  ;[blue, red, green] = await Promise.all([Namespace.create(), Namespace.create(), Namespace.create()])
})
afterEach(() => {
  for (const each of [blue, red, green]) each.close()
})

const shown = async (ns: Namespace, ...args: string[]) =>
  (await ip<{ nsid: number; 'current-nsid'?: number }>(ns, ['netns', 'list-id', ...args]))
    .map((each) => ({
      nsid: each.nsid,
      ...(each['current-nsid'] !== undefined && { currentNsid: each['current-nsid'] }),
    }))
    .sort((a, b) => a.nsid - b.nsid)
const ours = async (ns: Namespace, target?: number) =>
  (await ns.nsids.list(target === undefined ? {} : { target })).sort((a, b) => a.nsid - b.nsid)

test('a number that is chosen, or left to the kernel, is the one that ip shows', async () => {
  expect(await blue.nsids.list()).toEqual([])
  expect(await blue.nsids.get(red)).toBe(undefined)
  expect(await blue.nsids.set(red, 7)).toBe(7)
  const auto = await blue.nsids.set(green)
  expect(auto).not.toBe(7)
  expect(await blue.nsids.get(red)).toBe(7)
  expect(await blue.nsids.get(green)).toBe(auto)
  expect(await ours(blue)).toEqual([auto, 7].sort((a, b) => a - b).map((nsid) => ({ nsid })))
  expect(await shown(blue)).toEqual(await ours(blue))
  // The other side has its own.
  expect(await red.nsids.get(blue)).toBe(undefined)
  expect(await red.nsids.list()).toEqual([])
})

test('a namespace that a link leads to gets one', async () => {
  const { a, b } = await VethPair.create({ namespace: blue, name: 'a' }, { namespace: red, name: 'b' })
  expect(await blue.nsids.get(red)).toBe(a.linkNsid)
  expect(await red.nsids.get(blue)).toBe(b.linkNsid)
  expect(await shown(blue)).toEqual(await ours(blue))
})

test('it keeps the one it has, and no two have the same', async () => {
  await blue.nsids.set(red, 7)
  await expect(blue.nsids.set(red, 8)).rejects.toMatchObject({ code: 'EEXIST', request: 'RTM_NEWNSID' })
  await expect(blue.nsids.set(red)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(blue.nsids.set(green, 7)).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await blue.nsids.get(green)).toBe(undefined)
  expect(await ours(blue)).toEqual([{ nsid: 7 }])
})

test('those that another namespace has are told with the own ones beside', async () => {
  await blue.nsids.set(red, 7)
  await red.nsids.set(green, 3)
  await red.nsids.set(blue, 4)
  await blue.nsids.set(green, 9)
  expect(await ours(blue, 7)).toEqual(await shown(blue, 'target-nsid', '7'))
  expect(await ours(blue, 7)).toContainEqual({ nsid: 3, currentNsid: 9 })
  await expect(blue.nsids.list({ target: 55 })).rejects.toMatchObject({
    code: 'EINVAL',
    message: expect.stringContaining('namespace 55'),
  })
})

test('what is no namespace and no number is refused', async () => {
  const invalid = { code: 'ERR_INVALID_ARG_VALUE' }
  await expect(blue.nsids.set({} as never)).rejects.toMatchObject(invalid)
  await expect(blue.nsids.get(null as never)).rejects.toMatchObject(invalid)
  await expect(blue.nsids.set(red, '7' as never)).rejects.toMatchObject(invalid)
  await expect(blue.nsids.set(red, -1)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
  await expect(blue.nsids.list({ target: -1 })).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
  await expect(blue.nsids.list({ nsid: 1 } as never)).rejects.toMatchObject(invalid)
  using uts = await Namespace.create({ types: ['uts'] })
  await expect(blue.nsids.set(uts)).rejects.toMatchObject({ code: 'ERR_NAMESPACE_TYPE' })
  red.close()
  await expect(blue.nsids.set(red)).rejects.toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
  expect(await ours(blue)).toEqual([])
})
