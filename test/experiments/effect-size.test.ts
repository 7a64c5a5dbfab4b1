import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openDistributions } from '../../src/experiments/distributions.ts'
import type { Baseline, Test } from '../../src/experiments/effect-size.ts'
import {
  customersForEffect,
  customersToClear,
  powerToClear,
  smallestEffect,
} from '../../src/experiments/effect-size.ts'
import { alphaPerComparison, customersByArm } from '../../src/experiments/split.ts'

await openDistributions()

const usual: Test = { alpha: 0.05, power: 0.8, split: [0.5, 0.5] }
const mean = (value: number, variance: number): Baseline => ({ kind: 'mean', value, variance })
const proportion = (value: number): Baseline => ({ kind: 'proportion', value, variance: value * (1 - value) })

describe('The sample size', () => {
  test('of two means is 2 (1.95996 + 0.84162)² σ² / δ² an arm', () => {
    // (1.95996 + 0.84162)² = 7.84888; σ² / δ² = 225 / 1
    expect(customersForEffect(mean(10, 225), 0.1, usual)).toBeCloseTo(4 * 7.84888 * 225, 1)
  })

  test('is four times as large for half the effect', () => {
    const one = customersForEffect(mean(10, 225), 0.1, usual)
    expect(customersForEffect(mean(10, 225), 0.05, usual)).toBeCloseTo(4 * one, 6)
  })

  test('of 80/20 is 1 / (4 × 0.8 × 0.2) times that of 50/50, for means', () => {
    const even = customersForEffect(mean(10, 225), 0.1, usual)
    const uneven = customersForEffect(mean(10, 225), 0.1, { ...usual, split: [0.8, 0.2] })
    expect(uneven / even).toBeCloseTo(1 / 0.64, 9)
  })

  test('of several arms holds for the one with the fewest customers, at a part of alpha', () => {
    const made = { ...usual, split: [0.5, 0.3, 0.2] }
    expect(alphaPerComparison(0.05, made.split)).toBe(0.025)
    const smallest = { ...usual, alpha: 0.025, split: [0.5 / 0.7, 0.2 / 0.7] }
    expect(customersForEffect(mean(10, 225), 0.1, made)).toBeCloseTo(
      customersForEffect(mean(10, 225), 0.1, smallest) / 0.7,
      6,
    )
  })

  test('is rounded up by arm', () => {
    expect(customersByArm(100.2, [0.5, 0.5])).toEqual([51, 51])
    expect(customersByArm(100, [0.34, 0.33, 0.33])).toEqual([34, 33, 33])
  })

  test('falls as the effect grows, and grows with the power', () => {
    const rate = fc.double({ min: 0.001, max: 0.4, noNaN: true })
    const effect = fc.double({ min: 0.001, max: 1, noNaN: true })
    fc.assert(
      fc.property(rate, effect, effect, (value, one, other) => {
        const [less, more] = [one, other].sort((a, b) => a - b)
        const customers = (size: number, made: Test) => customersForEffect(proportion(value), size, made)
        expect(customers(more, usual)).toBeLessThanOrEqual(customers(less, usual))
        expect(customers(more, { ...usual, power: 0.9 })).toBeGreaterThan(customers(more, usual))
      }),
    )
  })
})

describe('The smallest effect', () => {
  test('is the one that takes just as many customers', () => {
    const metrics = fc.oneof(
      fc.double({ min: 0.001, max: 0.9, noNaN: true }).map(proportion),
      fc
        .tuple(fc.double({ min: 1, max: 100, noNaN: true }), fc.double({ min: 1, max: 1e4, noNaN: true }))
        .map(([value, variance]) => mean(value, variance)),
    )
    const splits = fc.constantFrom([0.5, 0.5], [0.9, 0.1], [0.34, 0.33, 0.33])
    fc.assert(
      fc.property(metrics, splits, fc.integer({ min: 500, max: 1e7 }), (metric, split, customers) => {
        const made = { ...usual, split }
        const effect = smallestEffect(metric, customers, made)
        if (effect === null) {
          expect(customersForEffect(metric, (1 - metric.value) / metric.value, made)).toBeGreaterThan(
            customers,
          )
        } else {
          expect(customersForEffect(metric, effect, made) / customers).toBeCloseTo(1, 6)
        }
      }),
    )
  })

  test('does not exist if not even all customers of the treatment are enough', () => {
    expect(smallestEffect(proportion(0.5), 10, usual)).toBeNull()
  })
})

describe('A guardrail', () => {
  test('is shown with the power asked for by the customers computed for it', () => {
    const made = { ...usual, split: [0.34, 0.33, 0.33] }
    const customers = customersToClear(0.05, 1.69, made)
    expect(powerToClear(0.05, 1.69, customers, made)).toBeCloseTo(0.8, 9)
    expect(powerToClear(0.05, 1.69, customers / 2, made)).toBeLessThan(0.8)
  })
})
