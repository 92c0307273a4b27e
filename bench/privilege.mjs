// @ts-check

export const isRoot = process.geteuid?.() === 0

/**
 * A command in new namespaces of its own, made by unshare(1): an ordinary user's are in a new user namespace, with all
 * capabilities in there.
 *
 * @param {('net' | 'mount')[]} types
 * @param {import('./types.js').Command} command
 * @returns {import('./types.js').Command}
 */
export function unshared(types, { file, args }) {
  const options = types.map((type) => `--${type}`)
  if (!isRoot) options.push('--user', '--map-root-user')
  return { file: 'unshare', args: [...options, '--', file, ...args] }
}
