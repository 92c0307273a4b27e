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
