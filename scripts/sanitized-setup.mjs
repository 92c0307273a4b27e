// @ts-check
// Loaded by vitest into every test process of a sanitized run: after the tests of a file, whatever addon this process
// has mapped must be the sanitized one, with the sanitizer's runtime beside it.

import { readFileSync } from 'node:fs'
import { afterAll } from 'vitest'
import { mappedFiles, proveSanitized } from './sanitized-proof.mjs'

afterAll(() => {
  const maps = readFileSync('/proc/self/maps', 'utf8')
  if (mappedFiles(maps).some((file) => file.endsWith('.node') && /linux[_-]namespaces/.test(file))) proveSanitized(maps)
})
