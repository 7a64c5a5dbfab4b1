/** For the files that `test/child-process.test.ts` runs: they fail on purpose. */
import { defineConfig } from 'vitest/config'
import { patience } from '../patience.ts'

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.fixture.ts'],
    pool: 'forks',
    testTimeout: patience(3000),
    hookTimeout: patience(20_000),
  },
})
