import { expect, test } from 'vitest'
import { excesses } from '../fuzz/fuzz-operations.ts'
import { fuzzShop } from '../fuzz/fuzz-shop.ts'
import { patience } from '../patience.ts'

// `npm run fuzz -- operations` sends 10,000 with another seed each time.
const count = 1500

test('random and damaged operations are all answered, never by 500, with a stack or with ever more memory', async () => {
  const report = await fuzzShop({ count, seed: 1 })
  expect(report.requests).toBe(count)
  // Most are to be refused; but some have to reach the resolvers.
  expect(report.withData).toBeGreaterThan(count / 10)
  expect(report.slowestMilliseconds).toBeLessThan(patience(5000))
  expect(report.masked).toBeGreaterThan(0)
  // What is kept for the next requests is bounded, and full by then or not much short of it.
  expect(report.growth).toBeLessThan(20e6)
})

test('slow answers and growing memory are reported', () => {
  const report = {
    requests: 10_000,
    statuses: {},
    withData: 0,
    masked: 0,
    slowestMilliseconds: 2000,
    growth: 5e6,
  }
  expect(excesses(report)).toEqual([])
  expect(excesses({ ...report, slowestMilliseconds: 2001, growth: 6e6 })).toEqual([
    'the slowest took more than 2000 ms',
    'memory grew by 1200 bytes a request, more than 1000',
  ])
  // The cache of documents is still filling up.
  expect(excesses({ ...report, requests: 1000, growth: 6e6 })).toEqual([])
})
