// @ts-check

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheOr, compile, once } from '../build.mjs'
import { unshared } from '../privilege.mjs'

const sources = fileURLToPath(new URL('go/', import.meta.url))
const packages = 'golang-go golang-github-vishvananda-netlink-dev golang-github-vishvananda-netns-dev'

const build = once(async (folder) => {
  const program = join(folder, 'go-peer')
  const env = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(cacheOr(folder), 'go') }
  await compile(packages, 'go', ['build', '-o', program], { cwd: sources, env })
  return program
})

/** @type {Record<string, string>} */
const differs = {
  pair: 'a request at a time, each acknowledged; looks links up by name',
  star: 'a request at a time, each acknowledged; looks links up by name',
  'routes-add': 'a request at a time, each acknowledged',
  'routes-dump': 'into objects with all fields',
  'links-dump': 'into objects with all fields',
}

/** @type {import('../types.js').MakePeer} */
export const go = (workload, size) => ({
  name: 'go',
  title: 'Go, vishvananda/netlink',
  differs: differs[workload] ?? '',
  prepare: async (folder) => unshared(['net'], { file: await build(folder), args: [workload, `${size}`] }),
})
