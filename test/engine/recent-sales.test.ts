import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recentSales } from '../../src/engine/recent-sales.ts'
import { DAY, smallModel, soldAt } from './small-model.ts'

describe('what sells lately', () => {
  /** ana bought 0 on day 100, bo 0 on day 70 and 1 in three orders of day 40, cy 2 at an unknown time. */
  const model = soldAt(
    smallModel({
      factors: [[1], [1], [1], [1]],
      features: [[1], [1], [1], [1]],
      purchases: [{ 0: 1 }, { 0: 1, 1: 3 }, { 2: 1 }],
    }),
    Float64Array.of(100 * DAY, 70 * DAY, 40 * DAY, NaN),
  )
  const salesAt = recentSales(model)

  test('counts each order half for every 30 days since, those of unknown time half', () => {
    const { orders, total } = salesAt(100 * DAY)
    expect([...orders]).toEqual([1.5, 0.75, 0.5, 0])
    expect(total).toBe(2.75)
  })

  test('knows nothing of what came after the moment', () => {
    expect([...salesAt(70 * DAY).orders]).toEqual([1, 1.5, 0.5, 0])
    expect([...salesAt(0).orders]).toEqual([0, 0, 0.5, 0])
  })

  test('is told people as the units of 30 days, those of the first moment left out', () => {
    expect([0, 1, 2].map((product) => salesAt(100 * DAY).sales(product).units)).toEqual([1, 0, 0])
    expect([0, 1, 2].map((product) => salesAt(99 * DAY).sales(product).units)).toEqual([1, 0, 0])
    expect(salesAt(69 * DAY).sales(1)).toMatchObject({ units: 3, days: 30 })
    expect(salesAt(70 * DAY).sales(1)).toMatchObject({ units: 0, days: 30 })
  })

  test('with the dates of the count, which ends where the data does', () => {
    const dates = [69, 100, 110, 1000].map((at) => {
      const { since, until } = salesAt(at * DAY).sales(0)
      return [since! / DAY, until! / DAY]
    })
    expect(dates).toEqual([
      [39, 69],
      [70, 100],
      [80, 100],
      [970, 970],
    ])
  })

  test('goes on fading after the last sale', () => {
    expect([...salesAt(130 * DAY).orders]).toEqual([0.75, 0.375, 0.5, 0])
  })

  test('puts first what sold most, of equals the lower index, and leaves out what never did', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 40 }),
        (units, limit) => {
          const some = smallModel({
            factors: units.map(() => [1]),
            features: units.map(() => [1]),
            purchases: [
              Object.fromEntries(units.flatMap((sold, product) => (sold ? [[product, sold]] : []))),
            ],
          })
          const expected = [...units.keys()]
            .filter((product) => units[product] > 0)
            .sort((a, b) => units[b] - units[a] || a - b)
          expect(recentSales(some)(NaN).best(limit)).toEqual(expected.slice(0, limit))
        },
      ),
    )
  })

  test('is the same whatever moments were asked about before, and to its definition', () => {
    const times = [100, 70, 40]
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 39, 40, 41, 69, 70, 99, 100, 130), { minLength: 2 }),
        (days) => {
          const asked = recentSales(model)
          for (const day of days) {
            const { orders } = asked(day * DAY)
            expect(orders).toEqual(recentSales(model)(day * DAY).orders)
            const part = (sold: number) => (sold <= day ? 2 ** ((sold - day) / 30) : 0)
            const plain = [part(times[0]) + part(times[1]), 3 * part(times[2]), 0.5, 0]
            for (const [product, value] of plain.entries()) expect(orders[product]).toBeCloseTo(value, 12)
          }
        },
      ),
    )
  })

  test('counts every sale alike where no time is known', () => {
    const undated = soldAt(model, new Float64Array(4).fill(NaN))
    const sales = recentSales(undated)(NaN)
    expect([...sales.orders]).toEqual([1, 1.5, 0.5, 0])
    expect(sales.sales(1)).toEqual({ units: 3, days: null, since: null, until: null })
  })
})
