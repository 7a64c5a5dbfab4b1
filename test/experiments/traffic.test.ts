import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openDistributions } from '../../src/experiments/distributions.ts'
import { orderHistory } from '../../src/experiments/cohort.ts'
import type { Traffic } from '../../src/experiments/traffic.ts'
import {
  customersWithin,
  linearTrend,
  measureTraffic,
  scaleTraffic,
  weeksUntil,
} from '../../src/experiments/traffic.ts'
import { weekOf, wholeWeeks } from '../../src/experiments/weeks.ts'
import { type Sale, smallShop } from '../model/small-shop.ts'
import { DAY, MONDAY, regularShop } from './regular-shop.ts'

await openDistributions()

/** A history of so many new customers each week. */
function weekly(newcomers: readonly number[], extra: readonly Sale[] = []) {
  const sales = newcomers.flatMap((count, week) =>
    Array.from({ length: count }, (_, i) => ({
      customer: `${week}-${i}`,
      product: 'p',
      day: MONDAY + 7 * week + 1,
    })),
  )
  const { orders, customers } = smallShop([...sales, ...extra])
  return orderHistory(orders, customers.size)
}

const traffic = (newcomers: number, returningAfter: number[] = []): Traffic => ({
  recentWeeks: 12,
  newcomers,
  returning: returningAfter.reduce((sum, count) => sum + count, 0),
  trend: null,
  returningAfter,
})

test('Weeks begin on Mondays, 00:00 UTC', () => {
  const sunday = Date.UTC(2018, 7, 26, 23, 59, 59)
  expect(weekOf(sunday + 1000)).toBe(weekOf(sunday) + 1)
  expect(weekOf(Date.UTC(2018, 7, 20))).toBe(weekOf(sunday))
})

describe('The whole weeks', () => {
  test('leave out the first and the last week of the data, which may be incomplete', () => {
    const whole = wholeWeeks(weekly([10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10]))!
    expect(whole.weeks).toHaveLength(10)
    expect([whole.start, whole.end]).toEqual([(MONDAY + 7) * DAY, (MONDAY + 77) * DAY])
    expect([whole.ordersBefore, whole.ordersAfter]).toEqual([10, 10])
  })

  test('leave out a beginning and an end that are a trickle, and a gap before the beginning', () => {
    const whole = wholeWeeks(weekly([3, 40, 0, 0, 1, 10, 12, 11, 10, 9, 10, 2, 1, 1]))!
    expect(whole.weeks.map(({ newcomers }) => newcomers)).toEqual([10, 12, 11, 10, 9, 10])
    // 3 + 40 + 1 before, 2 + 1 + 1 after.
    expect([whole.ordersBefore, whole.ordersAfter]).toEqual([44, 4])
  })

  test('do not exist in two weeks of data', () => {
    expect(wholeWeeks(weekly([5, 5]))).toBeUndefined()
  })

  test('distinguish new from returning customers, each once a week', () => {
    const { weeks } = wholeWeeks(
      weekly(
        [2, 2, 2, 2],
        [
          { customer: '0-0', product: 'p', day: MONDAY + 8 },
          { customer: '0-0', product: 'p', day: MONDAY + 9 },
        ],
      ),
    )!
    expect(weeks).toEqual([
      { newcomers: 2, returning: 1 },
      { newcomers: 2, returning: 0 },
    ])
  })
})

describe('The traffic', () => {
  test('is that of the last twelve whole weeks', () => {
    const { orders, customers } = regularShop()
    const history = orderHistory(orders, customers.size)
    const measured = measureTraffic(history, wholeWeeks(history)!)
    expect(measured).toMatchObject({ recentWeeks: 12, newcomers: 10, returning: 2 })
    // The two return after one week.
    expect(measured.returningAfter).toEqual([0, 2])
    expect(measured.trend?.slope).toBeCloseTo(0, 12)
  })

  test('brings a customer who returns only once: ten a week, and the two whose week before was not in the test', () => {
    expect([1, 2, 10].map((weeks) => customersWithin(weeks, traffic(10, [0, 2])))).toEqual([12, 22, 102])
  })

  test('brings one who returns every fourth week within four weeks, and no more afterwards', () => {
    // A quarter of such a customer comes each week, always four weeks after the last time.
    const regulars = traffic(0, [0, 0, 0, 0, 1])
    expect([1, 3, 4, 8].map((weeks) => customersWithin(weeks, regulars))).toEqual([1, 3, 4, 4])
    expect(weeksUntil(4, regulars)).toBe(4)
    expect(weeksUntil(5, regulars)).toBeNull()
  })

  test('brings as many as are needed in the fewest weeks that do', () => {
    const counts = fc.double({ min: 0, max: 500, noNaN: true })
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 500, noNaN: true }),
        fc.array(counts, { maxLength: 30 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (newcomers, returning, customers) => {
          const shop = traffic(newcomers, [0, ...returning])
          const weeks = weeksUntil(customers, shop)!
          expect(customersWithin(weeks, shop)).toBeGreaterThanOrEqual(customers * (1 - 1e-12))
          if (weeks > 1) expect(customersWithin(weeks - 1, shop)).toBeLessThan(customers * (1 + 1e-12))
        },
      ),
    )
  })

  test('of visitors is that of customers as many times as one of them orders', () => {
    expect(customersWithin(3, scaleTraffic(traffic(10, [0, 2]), 50))).toBe(50 * 32)
  })
})

test('A trend needs three weeks', () => {
  expect(linearTrend([1, 2])).toBeNull()
  expect(linearTrend([1, 2, 3])).toEqual({ slope: 1, low: 1, high: 1 })
})
