// @ts-check
// Where the headers of the running Node are, when they came with it.

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The prefix to give node-gyp as `--nodedir`, so that it has nothing to download; undefined where Node came without
 * headers or those beside it belong to another major version.
 *
 * @returns {string | undefined}
 */
export function nodeHeadersPrefix() {
  const configured = process.env.npm_config_nodedir
  if (configured) return configured
  const prefix = dirname(dirname(realpathSync(process.execPath)))
  const include = join(prefix, 'include', 'node')
  if (!existsSync(join(include, 'node_api.h'))) return undefined
  const version = readFileSync(join(include, 'node_version.h'), 'utf8')
  const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(version)?.[1]
  return major === process.versions.node.split('.')[0] ? prefix : undefined
}
