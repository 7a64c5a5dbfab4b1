import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareAll, holm, twoSidedP } from '../../src/evaluation/comparison.ts'
import { drawResamples, resampleMeans } from '../../src/evaluation/intervals.ts'
import { numberUsers, sumByUser } from '../../src/evaluation/user-sums.ts'

/** Systems by what each of their users measured, all with the same resamples. */
async function bootstrap(...systems: readonly (readonly number[])[]) {
  const users = numberUsers(systems[0].map((_, i) => i))
  const drawn = await drawResamples(users.count, 1000, 1)
  return Promise.all(
    systems.map((values) =>
      resampleMeans(sumByUser({ measures: ['x'], values: Float64Array.from(values) }, ['x'], users), drawn),
    ),
  )
}

describe('a comparison', () => {
  // Users differ a lot from one another, 0 to 9.9, and the second system is worth 0.01 or 0.02 more to each.
  const users = Array.from({ length: 100 }, (_, i) => i / 10)
  const slightlyMore = users.map((value, i) => value + (i % 2 === 0 ? 0.01 : 0.02))

  test('is paired: what differs a little for every user is shown, however much users differ', async () => {
    const [base, other] = await bootstrap(users, slightlyMore)
    const [better] = compareAll([other], base, 0)
    expect(better.difference).toBeCloseTo(0.015, 12)
    // The standard error of a mean of 100 such differences is 0.0005; 1.96 of them make the interval.
    expect(better.low).toBeCloseTo(0.014, 3)
    expect(better.high).toBeCloseTo(0.016, 3)
    expect(better).toMatchObject({ verdict: 'better', p: 2 / 1001, uncorrectedP: 2 / 1001 })
    expect(compareAll([base], other, 0)[0].verdict).toBe('worse')
  })

  test('of a system with itself shows no difference', async () => {
    const [base] = await bootstrap(users)
    expect(compareAll([base], base, 0)).toEqual([
      { difference: 0, low: 0, high: 0, p: 1, uncorrectedP: 1, verdict: 'no difference shown' },
    ])
  })

  test('shows no difference where the interval includes 0', async () => {
    const [base, other] = await bootstrap(
      users.map(() => 0),
      users.map((_, i) => (i < 52 ? 1 : -1)),
    )
    const [comparison] = compareAll([other], base, 0)
    expect(comparison.difference).toBeCloseTo(0.04, 12)
    expect(comparison.low).toBeLessThan(0)
    expect(comparison.high).toBeGreaterThan(0)
    expect(comparison.verdict).toBe('no difference shown')
  })

  test('shows no difference either where the correction for many comparisons leaves none', async () => {
    // 61 of 100 better, 39 worse: alone its interval leaves 0 out (the binomial’s p is 0.035), among six it is no news.
    const coin = users.map((_, i) => (i < 61 ? 1 : -1))
    const [base, other] = await bootstrap(
      users.map(() => 0),
      coin,
    )
    const [alone] = compareAll([other], base, 0)
    expect(alone.low).toBeGreaterThan(0)
    expect(alone.verdict).toBe('better')
    const [among] = compareAll([other, base, base, base, base, base], base, 0)
    expect(among).toMatchObject({ low: alone.low, high: alone.high, uncorrectedP: alone.uncorrectedP })
    expect(among.p).toBeCloseTo(6 * alone.p, 12)
    expect(among.verdict).toBe('no difference shown')
  })
})

describe('the two-sided p', () => {
  test('is twice the rarer side of 0, each with one resample more', () => {
    expect(twoSidedP(Float64Array.of(-1, 1, 1, 1, 1, 1, 1, 1, 1))).toBeCloseTo(0.4, 12)
    expect(twoSidedP(new Float64Array(999).fill(-2))).toBeCloseTo(0.002, 12)
  })

  test('is 1 where all resamples lie at 0', () => {
    expect(twoSidedP(new Float64Array(99))).toBe(1)
  })
})

describe('Holm’s correction', () => {
  test('is R’s', () => {
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    const corrected = holm([0.01, 0.04, 0.03, 0.005])
    ;[0.03, 0.06, 0.06, 0.02].forEach((value, i) => expect(corrected[i]).toBeCloseTo(value, 12))
  })

  test('leaves a single p as it is, and none above 1', () => {
    expect(holm([0.04])).toEqual([0.04])
    expect(holm([0.9, 0.8])).toEqual([1, 1])
    expect(holm([])).toEqual([])
  })

  test('never lowers a p, keeps their order, and is no stricter than Bonferroni’s', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 15 })
    fc.assert(
      fc.property(values, (ps) => {
        const corrected = holm(ps)
        ps.forEach((p, i) => {
          expect(corrected[i]).toBeGreaterThanOrEqual(p)
          expect(corrected[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length))
          ps.forEach((q, j) => {
            if (p < q) expect(corrected[i]).toBeLessThanOrEqual(corrected[j])
          })
        })
      }),
    )
  })
})
