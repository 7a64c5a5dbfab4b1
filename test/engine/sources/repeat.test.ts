import { describe, expect, test } from 'vitest'
import type { HistoryEntry } from '../../../src/engine/history-entry.ts'
import { fitHalfLife, repeatValues, USUAL_HALF_LIFE } from '../../../src/engine/sources/repeat.ts'
import { DAY } from '../small-model.ts'
import { added, bought, threefold } from './asking.ts'

/** In some orders of one day. */
const again = (product: number, orders: number, day: number | null): HistoryEntry => {
  const entry = bought(product, orders, day)
  return { ...entry, orders, firstPurchasedAt: entry.purchasedAt }
}

describe('buying again', () => {
  test('counts the orders of a product, not its units, half for every 180 days since', () => {
    const values = repeatValues([again(4, 3, 400), again(7, 2, 220), bought(8, 80_000, 40)], 400 * DAY)
    expect([4, 7, 8].map((product) => values.value(product))).toEqual([3, 1, 1 / 4])
    expect(values.value(5)).toBeNull()
    expect(values.best(2)).toEqual([4, 7])
  })

  test('fades the slower the longer the time between the orders, and the faster the shorter the half-life', () => {
    // Bought on the days 0, 60 and 120, every 60 days: half after 30 + 60 more.
    const every60 = { ...again(4, 3, 120), firstPurchasedAt: 0 }
    const values = repeatValues([every60, again(5, 3, 120)], 210 * DAY, 30)
    expect([4, 5].map((product) => values.value(product))).toEqual([3 / 2, 3 / 8])
  })

  test('counts purchases of unknown time, and all where no time is known, in full', () => {
    expect(repeatValues([again(4, 3, 400), again(7, 2, null)], 900 * DAY).value(7)).toBe(2)
    expect(repeatValues([again(7, 2, 3)], NaN).value(7)).toBe(2)
    expect(repeatValues([{ ...again(7, 2, 360), firstPurchasedAt: null }], 540 * DAY).value(7)).toBe(1)
  })

  test('adds log₂(1 + v), as calibrated', () => {
    const values = repeatValues([again(1, 3, null), bought(2, 1)], NaN)
    const calibrated = [0, 2, 1]
    expect([0, 1, 2].map((product) => values.calibrated(product))).toEqual(calibrated)
    expect(added(values, 3)).toEqual(threefold(calibrated))
  })
})

describe('the half-life', () => {
  /** Product 0 was bought twice 100 days ago, product 1 once on the day before: after h days 1 is ahead where h < 99. */
  const history = [again(0, 2, 100), bought(1, 1, 199)]
  const asked = (customers: number, wanted: (customer: number) => number) => ({
    histories: Array.from({ length: customers }, () => history),
    orders: Array.from({ length: customers }, (_, customer) => ({
      customer,
      at: 200 * DAY,
      products: [wanted(customer), 9],
    })),
  })
  const found = (customers: number, wanted: (customer: number) => number) => {
    const { histories, orders } = asked(customers, wanted)
    return fitHalfLife(histories, orders)
  }

  test('is the first that ranks what was bought next highest', () => {
    expect(found(60, () => 1)).toBe(14)
    expect(found(60, () => 0)).toBe(USUAL_HALF_LIFE)
  })

  test('stays where nothing shows that another is better: few customers, or as many against it as for it', () => {
    expect(found(49, () => 1)).toBe(USUAL_HALF_LIFE)
    expect(found(100, (customer) => customer % 2)).toBe(USUAL_HALF_LIFE)
  })

  test('stays where no time is known, and where nothing is bought again', () => {
    const { histories, orders } = asked(60, () => 1)
    expect(
      fitHalfLife(
        histories,
        orders.map(({ customer, products }) => ({ customer, products, at: NaN })),
      ),
    ).toBe(USUAL_HALF_LIFE)
    expect(found(60, () => 5)).toBe(USUAL_HALF_LIFE)
  })
})
