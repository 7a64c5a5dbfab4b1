import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OBSERVATIONS, observed } from '../../src/data/confidence.ts'

const quantity = fc.double({ min: 1e-300, max: 1e12, noNaN: true })
const orders = fc.integer({ min: 1, max: 1e6 })

test('one unit in one order is 1, whatever is counted', () => {
  for (const observation of OBSERVATIONS) expect(observed(observation, 1, 1)).toBe(1)
})

test('more is never less, and above 0', () => {
  fc.assert(
    fc.property(fc.constantFrom(...OBSERVATIONS), quantity, quantity, orders, orders, (kind, q, p, n, m) => {
      const least = observed(kind, Math.min(q, p), Math.min(n, m))
      expect(least).toBeGreaterThan(0)
      expect(observed(kind, Math.max(q, p), Math.max(n, m))).toBeGreaterThanOrEqual(least)
    }),
  )
})

test('80,000 units of petrol in three orders', () => {
  expect(OBSERVATIONS.map((kind) => observed(kind, 80_000, 3))).toEqual([
    80_000,
    3,
    expect.closeTo(Math.log2(80_001), 12),
    1,
  ])
})

test('the logarithm is bounded: a double of the units adds at most 1', () => {
  fc.assert(
    fc.property(quantity, (q) => {
      const step = observed('log-quantity', 2 * q, 1) - observed('log-quantity', q, 1)
      expect(step).toBeGreaterThan(0)
      expect(step).toBeLessThanOrEqual(1 + 1e-12)
    }),
  )
})
