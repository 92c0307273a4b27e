// @ts-check

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile, once } from '../build.mjs'
import { unshared } from '../privilege.mjs'

const sources = fileURLToPath(new URL('raw/', import.meta.url))

const build = once(async (folder) => {
  const program = join(folder, 'raw')
  const files = readdirSync(sources).flatMap((name) => (name.endsWith('.c') ? [join(sources, name)] : []))
  const compiler = process.env.CC ?? 'cc'
  await compile('gcc libc6-dev', compiler, ['-O2', '-Wall', '-Wextra', '-o', program, ...files])
  return program
})

/** @type {Record<string, string>} */
const differs = {
  pair: 'the floor: anonymous namespaces, two batches, no option to give, no input to check, nothing read back',
  star: 'the floor: 64 leaves at a time, their pairs in one batch, the rest in one for each; nothing read back',
  'routes-add': 'the floor: batches of 256, encoded as they are sent',
  'routes-dump': 'the floor: into an array of structs, numbers and not text',
  'links-dump': 'the floor: into an array of structs, of which it fills the five fields and no other',
  exec: 'the floor: its thread is in the namespace already, and a small process is quick to copy',
  socket: 'the floor: setns there, socket, setns back, one after the other; its own thread moves',
}

/** @type {Record<string, string>} */
const titles = { exec: 'C program, posix_spawn', socket: 'C program, setns and socket' }

/**
 * Its thread moves from namespace to namespace and back. An ordinary user may do that among their own only.
 *
 * @type {import('../types.js').MakePeer}
 */
export const raw = (workload, size) => ({
  name: 'c',
  title: titles[workload] ?? 'C program, raw netlink',
  differs: differs[workload] ?? '',
  prepare: async (folder) => unshared(['net'], { file: await build(folder), args: [workload, `${size}`] }),
})
