// @ts-check
import { namespacePool } from 'linux-namespaces/vitest/pool'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*.case.mjs'],
    pool: namespacePool({ ...JSON.parse(process.env.POOL_OPTIONS ?? '{}'), sysctl: { 'net.ipv4.ip_default_ttl': 42 } }),
    maxWorkers: 2,
    testTimeout: 20_000,
  },
})
