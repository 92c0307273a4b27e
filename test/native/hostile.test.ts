// Nothing that JavaScript can pass makes the addon crash: what is wrong throws, or is an errno.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { packageRoot } from '../../dist/native/addon.js'
import { ending } from '../helpers/child.js'
import { addon } from '../helpers/native.js'

const program = fileURLToPath(new URL('../programs/hostile.mjs', import.meta.url))
// The one that the library loads.
const require = createRequire(import.meta.url)
const file: string = process.env.LINUX_NAMESPACES_ADDON ?? require('node-gyp-build').resolve(packageRoot)

test.each(['started', 'before start()'])('arguments of every kind, %s', async (state) => {
  const child = spawn(process.execPath, [program, file, state])
  expect(await ending(child)).toMatchObject({ code: 0, signal: null, stdout: 'alive\n', stderr: '' })
})

test('a second start() throws, and the first goes on', () => {
  expect(() => addon.start(() => {})).toThrow('started already')
  expect(addon.cancel(0)).toBe(false)
})

test('a direct system call takes numbers, texts and bytes, and refuses the rest', () => {
  const { fcntl } = addon.numbers
  expect(addon.syscall(fcntl, 1n, 1)).toBe(addon.syscall(fcntl, 1, 1))
  expect(addon.syscall(fcntl, -1, 1)).toBe(-9)
  for (const wrong of [null, {}, [], true, () => {}]) {
    expect(() => addon.syscall(fcntl, wrong as never)).toThrow(TypeError)
    expect(() => addon.open(fcntl, wrong as never)).toThrow(TypeError)
  }
})

test('a message is received into what there is room in, and never beyond', () => {
  const none = new Uint8Array(0)
  expect(addon.receive(-1, 0, none, none, none)).toEqual([-9, 0, 0])
  const detached = new Uint8Array(8)
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  expect(addon.receive(-1, 0, detached, detached, detached)[0]).toBe(-9)
  for (const wrong of [undefined, 1, 'text', new Int32Array(1)])
    expect(() => addon.receive(0, 0, none, none, wrong as never)).toThrow(TypeError)
  const { socket, bind, connect, getsockname, sendto } = addon.numbers
  const fd = addon.open(socket, 2, 2 | 0o2000000, 0)
  const address = Uint8Array.of(2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
  const call = (number: number, bytes: Uint8Array, ...rest: (number | Uint8Array)[]) =>
    expect(addon.syscall(number, fd, bytes, ...rest)).toBeGreaterThanOrEqual(0)
  call(bind, address, address.length)
  call(getsockname, address, Uint8Array.of(16, 0, 0, 0))
  call(connect, address, address.length)
  call(sendto, Uint8Array.of(1, 2, 3), 3, 0)
  const data = new Uint8Array(8).fill(9)
  const name = new Uint8Array(20)
  expect(addon.receive(fd, 0, data.subarray(2, 4), name.subarray(2), none)).toEqual([2, 16, 0])
  expect([...data]).toEqual([9, 9, 1, 2, 9, 9, 9, 9])
  expect([...name.subarray(2, 18)]).toEqual([...address])
  addon.close(fd)
})
