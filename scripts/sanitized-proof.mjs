// @ts-check
// What /proc/self/maps says about the addon that a process has loaded.

/**
 * The files in a process's memory map.
 *
 * @param {string} maps the text of /proc/<pid>/maps
 * @returns {string[]}
 */
export function mappedFiles(maps) {
  return [...new Set(maps.match(/\/.*$/gm) ?? [])]
}

/**
 * Throws unless the process has mapped the sanitized addon, no other build of it, and the runtime of AddressSanitizer.
 *
 * @param {string} maps the text of /proc/<pid>/maps
 */
export function proveSanitized(maps) {
  const files = mappedFiles(maps)
  const addons = files.filter((file) => /\/linux[_-]namespaces[^/]*\.node$/.test(file))
  const expected = process.env.LINUX_NAMESPACES_ADDON
  if (addons.length !== 1 || addons[0] !== expected) {
    throw new Error(`loaded addon: ${addons.join(', ') || 'none'}; expected only ${expected}`)
  }
  if (!files.some((file) => /\/libasan\.so/.test(file)))
    throw new Error('the runtime of AddressSanitizer is not loaded')
}
