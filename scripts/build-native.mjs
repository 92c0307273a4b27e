// @ts-check
// Builds the addon and the launcher with node-gyp into build/Release, unless what would be loaded is newer than every
// source. `--force` builds in any case.

import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { nodeHeadersPrefix } from './node-headers.mjs'
import { bin, root, run } from './tools.mjs'

const require = createRequire(import.meta.url)
const addon = join(root, 'build/Release/linux_namespaces.node')
const launcher = join(root, 'build/Release/ns-launcher')
const prebuiltLauncher = join(root, `prebuilds/linux-${process.arch}/ns-launcher`)

/**
 * The addon and the launcher that the library would use now, or undefined where one of them is missing.
 *
 * @returns {string[] | undefined}
 */
function present() {
  try {
    const found = require('node-gyp-build').resolve(root)
    const helper = existsSync(launcher) ? launcher : prebuiltLauncher
    return existsSync(helper) ? [found, helper] : undefined
  } catch {
    return undefined
  }
}

/** When a source was last changed, in milliseconds. */
function sourcesChanged() {
  const files = readdirSync(join(root, 'native'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return Math.max(...[...files, join(root, 'binding.gyp')].map((file) => statSync(file).mtimeMs))
}

const binaries = process.argv.includes('--force') ? undefined : present()
const fresh = binaries !== undefined && Math.min(...binaries.map((file) => statSync(file).mtimeMs)) > sourcesChanged()
if (!fresh) {
  const started = new Date()
  const headers = nodeHeadersPrefix()
  const nodedir = headers === undefined ? [] : [`--nodedir=${headers}`]
  run(bin('node-gyp'), ['configure', 'build', '--release', '--loglevel=warn', ...nodedir])
  // make leaves a target alone whose own sources did not change; to the check above it is new all the same.
  for (const file of [addon, launcher]) utimesSync(file, started, started)
}
