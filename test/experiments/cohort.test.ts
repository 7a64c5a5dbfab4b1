import { describe, expect, test } from 'vitest'
import { idTableOf } from '../../src/data/ids.ts'
import { openDistributions } from '../../src/experiments/distributions.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import type { Cohort } from '../../src/experiments/cohort.ts'
import { pastCohort, orderHistory } from '../../src/experiments/cohort.ts'
import { cupedSaving } from '../../src/experiments/cuped.ts'
import { sum } from '../../src/experiments/estimates.ts'
import { guardrailsOf } from '../../src/experiments/guardrails.ts'
import { measurePrimary } from '../../src/experiments/primary-metric.ts'
import { wholeWeeks } from '../../src/experiments/weeks.ts'
import { DAY, MONDAY, regularShop, withoutPrice } from './regular-shop.ts'

await openDistributions()

function cohortOf(dataset: Dataset, window = 4): Cohort {
  const history = orderHistory(dataset.orders, dataset.customers.size)
  return pastCohort(dataset, history, wholeWeeks(history)!, window)
}

const ids = (table: Dataset['customers']) => Array.from({ length: table.size }, (_, i) => table.at(i))

const cohort = cohortOf(regularShop())

describe('The cohort of a window of four weeks', () => {
  test('takes customers in for all whole weeks but the last four', () => {
    expect(cohort.intakeWeeks).toBe(25)
    expect(cohort.intakeStart).toBe((MONDAY + 7) * DAY)
  })

  test('takes everyone in once: 25 weeks of ten, and the two of the week before who come back in the first', () => {
    expect(cohort.customer).toHaveLength(252)
    expect(new Set(cohort.customer).size).toBe(252)
  })

  test('sums what they do from their first order on', () => {
    expect(sum(cohort.orders)).toBe(250 + 50 + 2)
    expect(sum(cohort.items)).toBe(250 + 3 * 52)
    expect(sum(cohort.revenue)).toBe(2500 + 60 * 52)
    expect(sum(cohort.orderedAgain)).toBe(50)
    // They all come back after a week.
    expect(sum(cohort.orderedWithinDay)).toBe(0)
  })

  test('knows what they had bought before', () => {
    expect(sum(cohort.earlierOrders)).toBe(2)
    expect(sum(cohort.earlierRevenue)).toBe(20)
  })

  test('counts nothing that happens a window after the first order, or later', () => {
    // Who comes back comes seven days later to the moment: a window of a week just misses that.
    expect(sum(cohortOf(regularShop(), 1).orderedAgain)).toBe(0)
    expect(sum(cohortOf(regularShop(), 2).orderedAgain)).toBe(52)
  })

  test('excludes customers whose window is cut short by the data', () => {
    // 29 whole weeks: a window of 20 leaves nine.
    expect(cohortOf(regularShop(), 20).intakeWeeks).toBe(9)
    expect(sum(cohortOf(regularShop(), 20).orderedAgain)).toBe(18)
  })

  test('takes in for half a year at most', () => {
    expect(cohortOf(regularShop(), 2).intakeWeeks).toBe(26)
  })

  test('leaves orders of unknown time out', () => {
    const timeless = regularShop((sale) => (sale.customer === 'customer 5-0' ? { ...sale, day: NaN } : sale))
    expect(cohortOf(timeless).customer).toHaveLength(251)
    expect(orderHistory(timeless.orders, timeless.customers.size).untimed).toBe(2)
  })
})

describe('The primary metrics', () => {
  test('the repeat-purchase rate is the share who order again', () => {
    const { value, low, high, variance } = measurePrimary('repeat-purchase-rate', cohort)!
    expect(value).toBe(50 / 252)
    expect(variance).toBeCloseTo((50 * 202) / 252 ** 2, 12)
    expect([low < value, high > value]).toEqual([true, true])
  })

  test('revenue per customer includes the first order', () => {
    expect(measurePrimary('revenue-per-customer', cohort)!.value).toBeCloseTo(5620 / 252, 12)
  })

  test('basket size is items over orders, not the mean of customers’ own', () => {
    expect(measurePrimary('basket-size', cohort)!.value).toBeCloseTo(406 / 302, 12)
  })

  test('revenue needs prices, and conversion visits', () => {
    const free = cohortOf(regularShop(withoutPrice))
    expect(measurePrimary('revenue-per-customer', free)).toBeUndefined()
    expect(measurePrimary('conversion', cohort)).toBeUndefined()
  })
})

describe('CUPED', () => {
  test('saves the square of the correlation between earlier spending and the metric', () => {
    const { covariate, withHistory, correlation, saving } = cupedSaving(cohort, cohort.orderedAgain)
    expect([covariate, withHistory]).toEqual(['spending', 2 / 252])
    // 2 of 252 have history and none of them ordered again: φ = −√((2 · 50) / (250 · 202)).
    expect(correlation).toBeCloseTo(-Math.sqrt((2 * 50) / (250 * 202)), 12)
    expect(saving).toBeCloseTo(100 / 50_500, 12)
  })

  test('uses orders if no price is known', () => {
    const free = cohortOf(regularShop(withoutPrice))
    expect(cupedSaving(free, free.orderedAgain).covariate).toBe('orders')
  })
})

describe('The guardrails', () => {
  const made = { alpha: 0.05, power: 0.8, split: [0.5, 0.5] }
  const reviewed = regularShop((sale) => ({
    ...sale,
    reviewScore: sale.price === 20 ? 2 : 5,
    deliveryDelayDays: sale.price === 20 ? 1.5 : 0.5,
  }))
  /** Orders of the shop's customers, on the day they ordered first, that were cancelled. */
  const cancelledBy = (...customers: number[]) => ({
    count: customers.length,
    customer: Uint32Array.from(customers),
    timestamp: Float64Array.from(
      customers,
      (customer) => reviewed.orders.timestamp[reviewed.orders.customer.indexOf(customer)],
    ),
  })
  // Of the tenth customer of each week, who keeps one order.
  const dataset = {
    ...reviewed,
    cancelled: cancelledBy(...Array.from({ length: 30 }, (_, week) => 10 * week + 9)),
  }
  const byName = (data: Dataset, customers = 10_000) =>
    Object.fromEntries(guardrailsOf(cohortOf(data), data, customers, made).map((rail) => [rail.name, rail]))

  test('have baselines from orders of the cohort', () => {
    const rails = byName(dataset)
    // 250 orders scored 5 and delivered on the promised day, 52 scored 2 and a day later.
    expect(rails['review score'].baseline?.value).toBeCloseTo((5 * 250 + 2 * 52) / 302, 9)
    expect(rails['late deliveries'].baseline?.value).toBeCloseTo(52 / 302, 9)
    expect(rails['revenue per customer'].baseline).toMatchObject({
      margin: expect.closeTo((0.02 * 5620) / 252, 9),
    })
    // The tenth customer of each of 25 weeks: one order cancelled beside 302 that were kept.
    const { placed } = cohortOf(dataset)
    expect([sum(placed!.cancelled), placed!.orders.length]).toEqual([25, 252])
    expect(rails['cancellation rate'].baseline?.value).toBeCloseTo(25 / (302 + 25), 9)
  })

  test('include customers whose orders were all cancelled, unlike all other measures', () => {
    const stranger = { ...dataset, customers: idTableOf([...ids(dataset.customers), 'stranger']) }
    const time = dataset.orders.timestamp[100]
    const more = {
      ...stranger,
      cancelled: {
        count: 1,
        customer: Uint32Array.of(dataset.customers.size),
        timestamp: Float64Array.of(time),
      },
    }
    const [without, seen] = [cohortOf(dataset), cohortOf(more)]
    expect(seen.customer).toEqual(without.customer)
    expect(seen.revenue).toEqual(without.revenue)
    expect(seen.placed?.orders.length).toBe(253)
    expect(byName(more)['cancellation rate'].baseline?.value).toBeCloseTo(1 / 303, 9)
  })

  test('are measured from the data or left out', () => {
    const rails = byName(regularShop())
    for (const name of [
      'cancellation rate',
      'review score',
      'late deliveries',
      'p95 latency',
      'empty lists',
    ]) {
      expect(rails[name].baseline).toBeNull()
    }
  })

  test('are seen by many customers and not by few', () => {
    const [few, many] = [500, 100_000].map((customers) => byName(dataset, customers)['review score'].baseline)
    expect(few?.power).toBeLessThan(0.2)
    expect(many?.power).toBeGreaterThan(0.8)
  })

  test('have no power if the data has no case', () => {
    const none = { ...dataset, cancelled: cancelledBy() }
    expect(byName(none)['cancellation rate'].baseline).toMatchObject({
      value: 0,
      power: null,
      customersNeeded: null,
    })
  })
})
