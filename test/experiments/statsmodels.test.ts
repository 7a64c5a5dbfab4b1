/**
 * Sample sizes, powers, intervals and distributions beside statsmodels and SciPy. statsmodels_cases.py, with the command
 * in its head, made statsmodels-cases.json; the versions stand there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  chiSquareTail,
  normalCdf,
  normalQuantile,
  openDistributions,
  tQuantile,
} from '../../src/experiments/distributions.ts'
import {
  customersForEffect,
  powerToClear,
  customersNeeded,
  meanDeviations,
  proportionDeviations,
  twoSidedPower,
} from '../../src/experiments/effect-size.ts'
import { correlation, measureMean, measureRatio, wilson } from '../../src/experiments/estimates.ts'
import { sampleRatio } from '../../src/experiments/balance.ts'
import { smallestP } from '../../src/experiments/replays.ts'
import { linearTrend } from '../../src/experiments/traffic.ts'

const cases: Record<string, [any]> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'statsmodels-cases.json'), 'utf8'),
)

await openDistributions()

/** Equal to so many parts of itself. */
function expectNear(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected) + 1e-15)
}

describe('Two proportions', () => {
  test.each(cases.proportions)(
    '$control up by $rise, power $power, alpha $alpha, ratio $ratio',
    ({ control, rise, power, alpha, ratio, customers, fewer, reached }) => {
      const deviations = proportionDeviations(control, control * (1 + rise), ratio)
      expectNear(customersNeeded(control * rise, deviations, { alpha, power }), customers)
      expectNear(twoSidedPower(control * rise, fewer, deviations, alpha), reached)
    },
  )
})

describe('Two means', () => {
  test.each(cases.means)(
    'deviation $deviation, up by $rise, power $power, alpha $alpha, ratio $ratio',
    ({ deviation, rise, power, alpha, ratio, normal, student }) => {
      const customers = customersNeeded(rise, meanDeviations(deviation ** 2, ratio), { alpha, power })
      // statsmodels solves for n numerically, and counts significance the wrong way round: 3e-6 at a power of 0.8.
      expectNear(customers, normal, 1e-5)
      // Student's t asks for z² / 4 customers more, however large the test is; statsmodels' search ends within 1e-6.
      expect(student - customers).toBeGreaterThan(-1e-6 * customers)
      expect(student - customers).toBeLessThan(4)
    },
  )
})

test.each(cases.arms)(
  'Several arms: $split, alpha $alpha, power $power',
  ({ alpha, power, split, rate, mean }) => {
    const made = { alpha, power, split }
    const proportion = { kind: 'proportion', value: 0.1, variance: 0.09 } as const
    expectNear(customersForEffect(proportion, 0.2, made), rate)
    expectNear(customersForEffect({ kind: 'mean', value: 20, variance: 900 }, 0.1, made), mean, 1e-5)
  },
)

test.each(cases.nonInferiority)(
  'Non-inferiority: margin $margin, deviation $deviation, $customers customers, alpha $alpha, ratio $ratio',
  ({ margin, deviation, customers, alpha, ratio, power }) => {
    const split = [ratio / (1 + ratio), 1 / (1 + ratio)]
    const made = { alpha, power: 0.8, split }
    expectNear(powerToClear(margin, deviation ** 2, customers / split[1], made), power)
  },
)

test.each(cases.trends)('The trend of $y', ({ y, slope, low, high }) => {
  const trend = linearTrend(y)!
  expectNear(trend.slope, slope)
  expectNear(trend.low, low, 1e-8)
  expectNear(trend.high, high, 1e-8)
})

test.each(cases.intervals)('The mean of $values', ({ values, mean, variance, low, high }) => {
  const measured = measureMean(Float64Array.from(values))
  expectNear(measured.value, mean)
  expectNear(measured.variance, variance)
  expectNear(measured.low, low)
  expectNear(measured.high, high)
})

test.each(cases.ratios)('The ratio of $y over $x by the delta method', ({ y, x, ratio, variance }) => {
  const measured = measureRatio(Float64Array.from(y), Float64Array.from(x))
  expectNear(measured.value, ratio)
  expectNear(measured.variance, variance)
})

test.each(cases.comparisons)('The comparison of $one with $other', ({ one, other, p, correlation: rho }) => {
  const arms = Uint8Array.from([...one.map(() => 0), ...other.map(() => 1)])
  expectNear(smallestP(Float64Array.from([...one, ...other]), arms, 2), p)
  expectNear(correlation(Float64Array.from(one.slice(0, 4)), Float64Array.from(other.slice(0, 4))), rho)
})

test.each(cases.wilson)('Wilson’s interval of $successes of $of', ({ successes, of, low, high }) => {
  const interval = wilson(successes, of)
  expect(interval.low).toBeCloseTo(low, 12)
  expect(interval.high).toBeCloseTo(high, 12)
})

describe('Distributions', () => {
  test('normal quantiles', () => {
    for (const [p, z] of cases.normalQuantile) expectNear(normalQuantile(p), z, 1e-12)
  })

  test('the normal distribution, far out in its tail, too', () => {
    for (const [z, p] of cases.normalCdf) expectNear(normalCdf(z), p, 1e-12)
  })

  test('quantiles of Student’s t', () => {
    for (const [p, degrees, t] of cases.tQuantile) expectNear(tQuantile(p, degrees), t, 1e-10)
  })

  test('the tail of chi-square', () => {
    for (const [x, degrees, p] of cases.chiSquareTail) expect(chiSquareTail(x, degrees)).toBeCloseTo(p, 13)
  })
})

test.each(cases.chiSquareTest)(
  'The sample ratio of $observed in $split',
  ({ observed, split, chiSquare, p }) => {
    const found = sampleRatio(observed, split)
    expectNear(found.chiSquare, chiSquare)
    expectNear(found.p, p)
  },
)
