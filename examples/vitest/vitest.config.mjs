// @ts-check
import { namespacePool } from 'linux-namespaces/vitest/pool'
import { defineConfig } from 'vitest/config'

// Each test file runs in a network namespace of its own. The fixtures of web.test.mjs need none of this.
export default defineConfig({ test: { include: ['*.test.mjs'], pool: namespacePool() } })
