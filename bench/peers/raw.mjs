// @ts-check

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { unshared } from '../privilege.mjs'

const source = fileURLToPath(new URL('raw.c', import.meta.url))

/**
 * @param {string} workload
 * @returns {import('../types.js').Peer['prepare']}
 */
const compiled = (workload) => async (folder) => {
  const program = join(folder, `raw-${workload}`)
  const compiler = process.env.CC ?? 'cc'
  await promisify(execFile)(compiler, ['-O2', '-Wall', '-Wextra', '-o', program, source])
  // Its thread moves from namespace to namespace and back. An ordinary user may do that among their own only.
  return unshared(['net'], { file: program, args: [workload] })
}

/** @type {import('../types.js').Peer} */
export const pair = {
  name: 'c',
  title: 'C program, raw netlink',
  differs: 'the floor: anonymous namespaces, two batches, no option to give, no input to check, nothing read back',
  prepare: compiled('pair'),
}

/** @type {import('../types.js').Peer} */
export const exec = {
  name: 'c',
  title: 'C program, posix_spawn',
  differs: 'the floor: its thread is in the namespace already, and a small process is quick to copy',
  prepare: compiled('exec'),
}
