import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite's own list adds `development`, by which our modules would load another copy of graphql than Pothos does.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Worker threads of our own and SharedArrayBuffers are under test: one process a file keeps them apart.
    pool: 'forks',
  },
})
