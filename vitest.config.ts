import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { patience } from './test/patience.ts'

export default defineConfig({
  // Vite's own list adds `development`, by which our modules would load another copy of graphql than Pothos does.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // They need Spark: `npm run test:spark`.
    exclude: ['test/spark/**', '**/node_modules/**'],
    // Tests wait for conditions: a limit is met only where something never happens, and it grows with the load.
    testTimeout: patience(120_000),
    hookTimeout: patience(240_000),
    expect: { poll: { timeout: patience(20_000) } },
    // Worker threads of our own and SharedArrayBuffers are under test: one process a file keeps them apart.
    pool: 'forks',
    // One more than Vitest's own default: many tests wait for children rather than compute.
    maxWorkers: availableParallelism(),
  },
})
