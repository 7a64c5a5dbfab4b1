import fc from 'fast-check'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, test } from 'vitest'
import { drawResamples, estimate, percentileInterval, resampleMeans } from '../../src/evaluation/intervals.ts'
import { Work } from '../../src/kernels/work.ts'
import { numberUsers, sumByUser } from '../../src/evaluation/user-sums.ts'

/** One measure, `x`, a value a case; each case a user of its own unless `users` says otherwise. */
async function bootstrap(
  values: readonly number[],
  users: readonly unknown[] = values.map((_, i) => i),
  count = 2000,
) {
  const of = numberUsers(users)
  const table = { measures: ['x'], values: Float64Array.from(values) }
  return resampleMeans(sumByUser(table, ['x'], of), await drawResamples(of.count, count, 1))
}

describe('resamples', () => {
  test('draw as many users as there are, the same ones for the same seed', () => {
    return fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer(), async (users, seed) => {
        const { times } = await drawResamples(users, 5, seed)
        for (let r = 0; r < 5; r++) {
          const drawn = times.subarray(r * users, (r + 1) * users)
          expect(drawn.reduce((sum, often) => sum + often, 0)).toBe(users)
        }
        expect((await drawResamples(users, 5, seed)).times).toEqual(times)
      }),
    )
  })

  test('another seed draws others', async () => {
    const [one, other] = await Promise.all([drawResamples(20, 2, 1), drawResamples(20, 2, 2)])
    expect(one.times).not.toEqual(other.times)
  })
})

test('resamples are given up in the middle when that is asked for', async () => {
  const abort = new AbortController()
  const work = new Work({ signal: abort.signal })
  setImmediate(() => abort.abort(new Error('enough')))
  await expect(drawResamples(20_000, 1000, 1, work)).rejects.toThrow('enough')
  const users = numberUsers(Array.from({ length: 1000 }, (_, i) => i))
  const sums = sumByUser({ measures: ['x'], values: new Float64Array(1000).fill(1) }, ['x'], users)
  await expect(resampleMeans(sums, await drawResamples(1000, 10, 1), work)).rejects.toThrow('enough')
})

describe('the interval of a mean', () => {
  test('of a share is that of the binomial distribution', async () => {
    // 30 of 100: a resample has Binomial(100, 0.3) of them, whose quantiles are 21 and 39 (R: qbinom(c(.025, .975), 100, .3)).
    const { value, low, high } = estimate(
      await bootstrap(Array.from({ length: 100 }, (_, i) => (i < 30 ? 1 : 0))),
      0,
    )!
    expect(value).toBe(0.3)
    expect(Math.abs(low - 0.21)).toBeLessThanOrEqual(0.01)
    expect(Math.abs(high - 0.39)).toBeLessThanOrEqual(0.01)
  })

  test('of what is the same for everybody is that value', async () => {
    expect(estimate(await bootstrap([0.25, 0.25, 0.25]), 0)).toEqual({ value: 0.25, low: 0.25, high: 0.25 })
  })

  test('a user is drawn with all of their cases', async () => {
    // Ann has two cases of 0, Bob one of 1: both, or one of them twice.
    const { means, resampled } = await bootstrap([0, 1, 0], ['ann', 'bob', 'ann'])
    expect(means[0]).toBe(1 / 3)
    expect([...new Set(resampled)].sort()).toEqual([0, 1 / 3, 1])
  })

  test('is of the cases that a measure is defined for', async () => {
    expect(estimate(await bootstrap([Number.NaN, 3, Number.NaN, 3]), 0)).toEqual({
      value: 3,
      low: 3,
      high: 3,
    })
  })

  test('is null where a measure is defined for nobody', async () => {
    expect(estimate(await bootstrap([Number.NaN, Number.NaN]), 0)).toBeNull()
  })

  test('several measures share the resamples, whether or not one has gaps', async () => {
    const users = numberUsers([0, 1, 2, 3])
    const table = {
      measures: ['x', 'gaps', 'y'],
      values: Float64Array.of(1, Number.NaN, 10, 2, 7, 20, 3, 9, 30, 4, Number.NaN, 40),
    }
    const { means, resampled } = await resampleMeans(
      sumByUser(table, ['x', 'gaps', 'y'], users),
      await drawResamples(4, 50, 1),
    )
    expect(Array.from(means)).toEqual([2.5, 8, 25])
    for (let r = 0; r < 50; r++) expect(resampled[3 * r + 2]).toBeCloseTo(10 * resampled[3 * r], 12)
  })

  test('holds the middle 95 % of the resampled values, between neighbours in proportion', () => {
    // NumPy: percentile(arange(41), [2.5, 97.5]) and of arange(21).
    expect(endsOfFirst(41).low).toBeCloseTo(1, 12)
    expect(endsOfFirst(41).high).toBeCloseTo(39, 12)
    expect(endsOfFirst(21).low).toBeCloseTo(0.5, 12)
    expect(endsOfFirst(21).high).toBeCloseTo(19.5, 12)
  })

  test('covers the truth about as often as it says', async () => {
    // 200 samples of 80 users, each with a chance of 0.4. Exact intervals would cover 190 ± 3; of so few users
    // percentile intervals fall a little short.
    const random = xoroshiro128plus(7)
    const flip = () => (uniformInt(random, 1, 5) <= 2 ? 1 : 0)
    let covered = 0
    for (let sample = 0; sample < 200; sample++) {
      const { low, high } = estimate(await bootstrap(Array.from({ length: 80 }, flip), undefined, 400), 0)!
      if (low <= 0.4 && 0.4 <= high) covered++
    }
    expect(covered).toBeGreaterThanOrEqual(176)
    expect(covered).toBeLessThanOrEqual(199)
  })
})

/** The interval of 0 … length − 1, in falling order. */
function endsOfFirst(length: number): { low: number; high: number } {
  return percentileInterval(Float64Array.from({ length }, (_, i) => length - 1 - i))
}
