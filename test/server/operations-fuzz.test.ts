import { expect, test } from 'vitest'
import { fuzzShop } from '../fuzz/fuzz-shop.ts'

// `npm run fuzz -- operations` sends 10,000 with another seed each time.
const count = 1500

test('random and damaged operations are all answered, never by 500, with a stack or with ever more memory', async () => {
  const report = await fuzzShop({ count, seed: 1 })
  expect(report.requests).toBe(count)
  // Most are to be refused; but some have to reach the resolvers.
  expect(report.withData).toBeGreaterThan(count / 10)
  expect(report.slowestMilliseconds).toBeLessThan(5000)
  // What is kept for the next requests is bounded, and full by then or not much short of it.
  expect(report.growth).toBeLessThan(20e6)
})
