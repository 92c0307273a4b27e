// @ts-check
// Fills prebuilds/linux-<arch>/ with the stripped addon, tagged with its libc, and the launcher: what goes into the
// npm tarball. npm runs a script named `prebuild` before one named `build`: so `npm run build` makes all that is
// published, and the build of every day is `npm run compile`.

import { chmodSync, copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { nodeHeadersPrefix } from './node-headers.mjs'
import { bin, root, run } from './tools.mjs'

const folder = join(root, `prebuilds/linux-${process.arch}`)
const prefix = nodeHeadersPrefix()
const env = prefix === undefined ? process.env : { ...process.env, npm_config_nodedir: prefix }

// Nothing under an older name may stay: node-gyp-build would choose among them.
rmSync(folder, { recursive: true, force: true })
const cache = join(root, 'node_modules/.cache/prebuildify')
run(bin('prebuildify'), ['--napi', '--strip', '--tag-libc', '--cache', cache, '-t', process.versions.node], env)

const launcher = join(folder, 'ns-launcher')
copyFileSync(join(root, 'build/Release/ns-launcher'), launcher)
chmodSync(launcher, 0o755)
