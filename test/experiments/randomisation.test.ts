import { describe, expect, test } from 'vitest'
import { openDistributions } from '../../src/experiments/distributions.ts'
import {
  balanceOf,
  sampleRatio,
  standardisedDifference,
  segmentsAt,
  segmentsNow,
} from '../../src/experiments/balance.ts'
import { smallestP, replay } from '../../src/experiments/replays.ts'
import { DAY, MONDAY, regularShop, withoutPrice } from './regular-shop.ts'

await openDistributions()

const halves = [0.5, 0.5]

describe('The balance of a salt', () => {
  const shop = regularShop()
  const balance = balanceOf(shop, segmentsNow(shop), 'spring', halves)

  test('counts every customer who bought once, with all of their orders and revenue', () => {
    const totals = (['customers', 'orders', 'revenue'] as const).map((of) =>
      balance.arms.reduce((sum, arm) => sum + (arm[of] ?? 0), 0),
    )
    expect(totals).toEqual([300, 360, 3000 + 60 * 60])
  })

  test('is even in each segment, to the customer', () => {
    for (const { customers } of balance.segments) {
      expect(Math.abs(customers[0] - customers[1])).toBeLessThanOrEqual(1)
    }
    const inSegments = balance.segments.flatMap(({ customers }) => customers)
    expect(inSegments.reduce((sum, count) => sum + count)).toBe(300)
  })

  test('states the difference of each arm from the control, and no revenue if no price is known', () => {
    const names = balance.differences.map(({ of }) => of)
    expect(names).toEqual(['orders a customer', 'revenue a customer', 'days since the latest order'])
    const free = regularShop(withoutPrice)
    const unpriced = balanceOf(free, segmentsNow(free), 'spring', halves)
    expect(unpriced.arms.map(({ revenue }) => revenue)).toEqual([null, null])
    expect(unpriced.differences[1].byArm).toEqual([null])
  })
})

test('A standardised difference is one of means over the root of the mean variance', () => {
  // Means 4 and 3, variances 4 and 2: 1 / √3. The unknown value does not count.
  const values = Float64Array.of(2, 4, 6, 2, 2, 4.5, 3.5, NaN)
  const treatment = Uint32Array.of(0, 1, 2, 7)
  const control = Uint32Array.of(3, 4, 5, 6)
  // The control: mean 3, deviations −1, −1, 1.5, 0.5: variance 4.5 / 3.
  expect(standardisedDifference(values, treatment, control)).toBeCloseTo(1 / Math.sqrt((4 + 1.5) / 2), 12)
})

test('A sample ratio as planned has a chi-square of 0', () => {
  expect(sampleRatio([800, 200], [0.8, 0.2])).toEqual({ customers: [800, 200], chiSquare: 0, p: 1 })
})

describe('Segments at a moment', () => {
  test('contain only customers who had bought before it', () => {
    const shop = regularShop()
    const { codes } = segmentsAt(shop, (MONDAY + 7) * DAY)
    expect(codes.filter((code) => code >= 0)).toHaveLength(10)
    expect(segmentsNow(shop).codes.every((code) => code >= 0)).toBe(true)
  })

  test('are none before the first order', () => {
    const { labels, codes } = segmentsAt(regularShop(), 0)
    expect([labels, [...new Set(codes)]]).toEqual([[], [-1]])
  })
})

describe('A/A replays', () => {
  const customers = 2000
  const input = {
    ids: Array.from({ length: customers }, (_, i) => `customer-${i}`),
    contributions: Float64Array.from({ length: customers }, (_, i) => (i % 9) ** 2),
    segments: new Int32Array(customers).fill(-1),
    salt: 'spring',
    split: halves,
    alpha: 0.05,
  }

  test('find a difference as often as alpha says', async () => {
    const { replays, share, low, high } = await replay(input)
    expect(replays).toBe(1000)
    // 0.05, give or take four standard deviations of 0.0069.
    expect(Math.abs(share - 0.05)).toBeLessThan(0.028)
    expect([low < share, share < high]).toEqual([true, true])
  })

  test('find it as often with several arms, alpha being shared', async () => {
    const { share } = await replay({ ...input, split: [0.34, 0.33, 0.33] })
    expect(Math.abs(share - 0.05)).toBeLessThan(0.028)
  })

  test('are the same for the same salt, and others for another', async () => {
    const few = {
      ...input,
      ids: input.ids.slice(0, 300),
      contributions: input.contributions.subarray(0, 300),
    }
    const [one, same, other] = await Promise.all([
      replay(few),
      replay(few),
      replay({ ...few, salt: 'autumn', segments: input.segments }),
    ])
    expect(same).toEqual(one)
    expect(other.significant).not.toBe(one.significant)
  })

  test('find nothing if nothing varies', async () => {
    const { significant } = await replay({ ...input, contributions: new Float64Array(customers).fill(1) })
    expect(significant).toBe(0)
  })

  test('end when they are told to', async () => {
    const reason = new Error('enough')
    await expect(replay({ ...input, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('a difference far beyond chance has a p near 0', () => {
    const arms = Uint8Array.from({ length: 100 }, (_, i) => i % 2)
    const values = Float64Array.from({ length: 100 }, (_, i) => (i % 2) * 10 + (i % 7))
    expect(smallestP(values, arms, 2)).toBeLessThan(1e-12)
  })
})
