// @ts-check

import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheOr, compile, once } from '../build.mjs'
import { unshared } from '../privilege.mjs'

const sources = fileURLToPath(new URL('rust/', import.meta.url))
const packages = 'cargo librust-rtnetlink-dev librust-tokio-dev librust-futures-dev'

// Debian's packages are a registry of crates in a folder: nothing is fetched.
const registry = [
  'source.crates-io.replace-with="debian"',
  'source.debian.directory="/usr/share/cargo/registry"',
].flatMap((setting) => ['--config', setting])

const build = once(async (folder) => {
  // In a copy, because it writes its Cargo.lock beside the manifest.
  const copy = join(cacheOr(folder), 'rust')
  cpSync(sources, copy, { recursive: true })
  rmSync(join(copy, 'Cargo.lock'), { force: true }) // an older cargo cannot read a newer one's
  const args = ['build', '--release', '--offline', '--quiet', '--target-dir', join(copy, 'target'), ...registry]
  await compile(packages, 'cargo', args, { cwd: copy })
  return join(copy, 'target/release/rust-peer')
})

/** @type {Record<string, string>} */
const differs = {
  pair: 'a request at a time, each acknowledged; looks links up by name; the pair is filled in by hand, for lack of a builder',
  star: 'a request at a time, each acknowledged; looks links up by name; the pairs are filled in by hand, for lack of a builder',
  'routes-add': 'a request at a time, each acknowledged',
  'routes-dump': 'into lists of attributes',
  'links-dump': 'into lists of attributes',
}

/** @type {import('../types.js').MakePeer} */
export const rust = (workload, size) => ({
  name: 'rust',
  title: 'Rust, rtnetlink',
  differs: differs[workload] ?? '',
  prepare: async (folder) => unshared(['net'], { file: await build(folder), args: [workload, `${size}`] }),
})
