// @ts-check

import { fileURLToPath } from 'node:url'
import { compile } from '../build.mjs'
import { inOwnRun } from './ip.mjs'

const program = fileURLToPath(new URL('python/program.py', import.meta.url))
// Debian's own, which finds the packages of Debian.
const interpreter = '/usr/bin/python3'

/** @type {Record<string, string>} */
const differs = {
  pair: 'a request at a time; pins names, for each of which it forks; looks links up by name',
  star: 'a request at a time; pins names, for each of which it forks; looks links up by name',
  'routes-add': 'a request at a time',
  'routes-dump': 'into objects with all fields; `ip -batch` adds the routes for it',
  'links-dump': 'into objects with all fields',
}

/** @type {import('../types.js').MakePeer} */
export const python = (workload, size) => ({
  name: 'python',
  title: 'Python, pyroute2',
  differs: differs[workload] ?? '',
  slow: size >= 500,
  async prepare() {
    await compile('python3-pyroute2', interpreter, ['-c', 'import pyroute2'])
    return inOwnRun({ file: interpreter, args: [program, workload, `${size}`] })
  },
})
