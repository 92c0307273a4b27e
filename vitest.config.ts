import { defineConfig } from 'vitest/config'

// In a sanitized run each test process proves that the addon it loaded is the sanitized one.
const proof = process.env.LINUX_NAMESPACES_SANITIZED === '1' ? ['scripts/sanitized-setup.mjs'] : []

// Tests of these projects count the descriptors, threads and namespaces of their process: one file at a time, each in
// a process of its own.
const alone = {
  pool: 'forks' as const,
  fileParallelism: false,
  setupFiles: ['test/helpers/setup.ts', ...proof],
  // The package under test is loaded by Node itself, as its users load it, and not through vite.
  server: { deps: { external: [/\/dist\//] } },
  testTimeout: 30_000,
  hookTimeout: 30_000,
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...alone,
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts', 'test/native/**/*.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...alone,
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
