import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coPurchaseSource } from '../../src/engine/co-purchase.ts'
import { coverageOf } from '../../src/engine/coverage.ts'
import type { HistoryEntry } from '../../src/engine/recommendation.ts'
import type { Addend } from '../../src/engine/heard.ts'
import { nearestSource } from '../../src/engine/nearest.ts'
import { recentSales } from '../../src/engine/recent-sales.ts'
import { repeatSource } from '../../src/engine/repeat.ts'
import { shelfSource } from '../../src/engine/shelf.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import { smallModel } from './small-model.ts'

/** What a source adds to the sums of `size` products, by three times the value. */
function added(heard: Addend, size: number): number[] {
  const sums = new Float32Array(size)
  heard.addTo(sums, 3, (v) => Math.max(0, v))
  return [...sums]
}

const DAY = 86_400_000
const bought = (product: number, quantity = 1, day: number | null = null): HistoryEntry => ({
  product,
  quantity,
  purchasedAt: day === null ? null : day * DAY,
})

describe('what sells off a customer’s shelves', () => {
  // Shelf a: products 0 (3 sold), 1 (1 sold), 2 (unsold). Shelf b: product 3 (5 sold). Product 4: on none.
  const hear = shelfSource(
    { name: 'category', labels: ['a', 'b'], codes: Int32Array.of(0, 0, 0, 1, -1) },
    Float32Array.of(3, 1, 0, 5, 9),
    7 * DAY,
  )

  test('is the chance of drawing a product by drawing a past one, then a sale off its shelf', () => {
    const heard = hear([bought(0), bought(3)])
    expect([0, 1, 2, 3].map((product) => heard.value(product))).toEqual([3 / 8, 1 / 8, 0, 1 / 2])
  })

  test('tells what was sold of a product', () => {
    expect(hear([bought(0)]).sales(1)).toEqual({ units: 1, days: null, since: null, until: 7 * DAY })
  })

  test('counts a past product that is on no shelf among those drawn', () => {
    expect(hear([bought(0), bought(4)]).value(1)).toBe(1 / 8)
  })

  test('is not computable for a product on no shelf, nor after a history on none', () => {
    expect(hear([bought(0)]).value(4)).toBeNull()
    expect(hear([bought(4)]).value(0)).toBeNull()
  })

  test('puts the likeliest first', () => {
    expect(hear([bought(0), bought(3)]).best(2)).toEqual([3, 0])
  })

  test('adds what its values make', () => {
    expect(added(hear([bought(0), bought(3)]), 5)).toEqual([9 / 8, 3 / 8, 0, 3 / 2, 0])
    expect(added(hear([bought(4)]), 5)).toEqual([0, 0, 0, 0, 0])
  })
})

describe('co-purchase', () => {
  // ana: 0, 1; bo: 0, 1, 2; cy: 0; dee: 3.
  const histories = csrFromTriples(
    4,
    5,
    Uint32Array.of(0, 0, 1, 1, 1, 2, 3),
    Uint32Array.of(0, 1, 0, 1, 2, 0, 3),
    Float32Array.of(1, 7, 1, 1, 1, 1, 1),
  )
  const hear = coPurchaseSource(histories)

  test('is the cosine by customers, however often they bought, summed over the history', () => {
    const heard = hear([bought(0), bought(1)])
    expect(heard.value(2)).toBeCloseTo(1 / Math.sqrt(3) + 1 / Math.sqrt(2), 12)
    expect(hear([bought(2)]).value(1)).toBeCloseTo(1 / Math.sqrt(2), 12)
  })

  test('tells by which purchases, and how many customers bought both', () => {
    const heard = hear([bought(0), bought(1)])
    expect(heard.together(2)).toEqual([
      { purchase: bought(0), cosine: expect.closeTo(1 / Math.sqrt(3), 12), customers: 1 },
      { purchase: bought(1), cosine: expect.closeTo(1 / Math.sqrt(2), 12), customers: 1 },
    ])
    expect(hear([bought(1), bought(3)]).together(0)).toMatchObject([{ purchase: bought(1), customers: 2 }])
    expect(heard.together(0)).toEqual([])
  })

  test('is 0 for what nobody bought along, and not computable for the history itself and what nobody bought', () => {
    const heard = hear([bought(0)])
    expect([3, 0, 4].map((product) => heard.value(product))).toEqual([0, null, null])
  })

  test('proposes just what was bought along, the nearest first', () => {
    const heard = hear([bought(0)])
    expect([...heard.products()].toSorted()).toEqual([1, 2])
    expect(heard.best(9)).toEqual([1, 2])
    expect(added(heard, 5)).toEqual([0, Math.fround(6 / Math.sqrt(6)), Math.fround(3 / Math.sqrt(3)), 0, 0])
  })

  test('says the same when asked again', () => {
    expect(hear([bought(0)]).value(1)).toBe(hear([bought(0)]).value(1))
  })
})

describe('buying again', () => {
  test('counts how often a product was bought, half for every 180 days since', () => {
    const heard = repeatSource([bought(4, 3, 400), bought(7, 2, 220), bought(8, 1, 40)], 400 * DAY)
    expect([4, 7, 8].map((product) => heard.value(product))).toEqual([3, 1, 1 / 4])
    expect(heard.value(5)).toBeNull()
    expect(heard.best(2)).toEqual([4, 7])
  })

  test('counts purchases of unknown time, and all where no time is known, in full', () => {
    expect(repeatSource([bought(4, 3, 400), bought(7, 2)], 900 * DAY).value(7)).toBe(2)
    expect(repeatSource([bought(7, 2, 3)], NaN).value(7)).toBe(2)
  })
})

describe('the most similar past product of a category', () => {
  const model = smallModel({
    factors: [[1], [1], [1], [1], [1]],
    features: [[1, 0], [0.6, 0.8], [0, 1], [1, 0], null],
    categories: [0, 0, 0, 1, 0],
  })
  const hear = nearestSource(model, Uint8Array.of(1, 1, 1, 1, 0))

  test('counts by its cosine, others not at all', () => {
    const heard = hear([bought(0), bought(2)])
    expect(heard.value(1)).toBeCloseTo(0.8, 12)
    expect(heard.value(0)).toBe(1)
  })

  test('tells by which purchase, of several the latest', () => {
    expect(hear([bought(0), bought(2)]).nearest(1)).toEqual(bought(2))
    expect(hear([bought(0, 1, 9), bought(0, 2, 8)]).nearest(1)).toEqual(bought(0, 1, 9))
  })

  test('is none for products of other categories, and those of which nothing is known', () => {
    const heard = hear([bought(0)])
    expect([3, 4].map((product) => heard.value(product))).toEqual([null, null])
    expect(heard.nearest(3)).toBeNull()
    expect(hear([bought(4)]).value(0)).toBeNull()
  })

  test('is told from the 5 latest of the category alone', () => {
    const alike = smallModel({
      factors: Array.from({ length: 7 }, () => [1]),
      features: Array.from({ length: 7 }, (_, product) => (product < 5 ? [1, 0] : [0, 1])),
      categories: Array.from({ length: 7 }, () => 0),
    })
    const listen = nearestSource(alike, new Uint8Array(7).fill(1))
    const history = Array.from({ length: 6 }, (_, product) => bought(product))
    expect(listen(history).value(6)).toBe(0)
    expect(listen(history.toReversed()).value(6)).toBe(1)
  })

  test('puts the most similar first', () => {
    expect(hear([bought(0)]).best(2)).toEqual([0, 1])
  })

  test('adds to its categories alone', () => {
    expect(added(hear([bought(0)]), 5)).toEqual([3, Math.fround(3 * model.content.data[2]), 0, 0, 0])
    expect(added(hear([bought(4)]), 5)).toEqual([0, 0, 0, 0, 0])
  })

  test('adds just what its values make, to the last bit, category by category', () => {
    const unit = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 4, maxLength: 4 })
    const product = fc.record({
      features: fc.option(unit.filter((row) => row.some((value) => value !== 0))),
      category: fc.integer({ min: -1, max: 2 }),
    })
    fc.assert(
      fc.property(
        fc.array(product, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 9 }),
        (products, chosen) => {
          const some = smallModel({
            factors: products.map(() => [1]),
            features: [...products.map(({ features }) => features), [1, 0, 0, 0]],
            categories: [...products.map(({ category }) => category), -1],
          })
          const listen = nearestSource(some, coverageOf(some).content)
          const heard = listen([...new Set(chosen)].map((number) => bought(number % products.length)))
          const expected = products.map((_, at) => Math.fround(3 * Math.max(0, heard.value(at) ?? 0)))
          expect(added(heard, products.length)).toEqual(expected)
        },
      ),
    )
  })
})

describe('what sells lately', () => {
  /** ana bought 0 on day 100, bo 0 on day 70 and 1 thrice on day 40, cy 2 at an unknown time. */
  const model = {
    ...smallModel({
      factors: [[1], [1], [1], [1]],
      features: [[1], [1], [1], [1]],
      purchases: [{ 0: 1 }, { 0: 1, 1: 3 }, { 2: 1 }],
    }),
    lastPurchased: Float64Array.of(100 * DAY, 70 * DAY, 40 * DAY, NaN),
  }
  const salesAt = recentSales(model)

  test('counts each unit half for every 30 days since, those of unknown time half', () => {
    const { units, total } = salesAt(100 * DAY)
    expect([...units]).toEqual([1.5, 0.75, 0.5, 0])
    expect(total).toBe(2.75)
  })

  test('knows nothing of what came after the moment', () => {
    expect([...salesAt(70 * DAY).units]).toEqual([1, 1.5, 0.5, 0])
    expect([...salesAt(0).units]).toEqual([0, 0, 0.5, 0])
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
    expect([...salesAt(130 * DAY).units]).toEqual([0.75, 0.375, 0.5, 0])
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

  test('counts every sale alike where no time is known', () => {
    const undated = { ...model, lastPurchased: new Float64Array(4).fill(NaN) }
    const sales = recentSales(undated)(NaN)
    expect([...sales.units]).toEqual([1, 1.5, 0.5, 0])
    expect(sales.sales(1)).toEqual({ units: 3, days: null, since: null, until: null })
  })
})
