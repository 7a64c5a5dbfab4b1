/** `npm run test:spark`: tests that need Java, and Spark from PyPI (spark/install). One after the other: each has a cluster. */
import { defineConfig } from 'vitest/config'
import { patience } from '../patience.ts'

export default defineConfig({
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    dir: import.meta.dirname,
    include: ['**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: patience(300_000),
    hookTimeout: patience(300_000),
    expect: { poll: { timeout: patience(60_000), interval: 200 } },
  },
})
