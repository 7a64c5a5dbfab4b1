import { describe, expect, test } from 'vitest'
import { groupSales } from '../../../src/engine/sources/group-sales.ts'
import { DAY } from '../small-model.ts'
import { added, bought, threefold } from './asking.ts'

describe('what sells in the groups that a customer bought from', () => {
  // Group a: products 0 (3 orders), 1 (1 order), 2 (unsold). Group b: product 3 (5 orders). Product 4: in none.
  const salesOf = groupSales(
    { name: 'category', labels: ['a', 'b'], codes: Int32Array.of(0, 0, 0, 1, -1) },
    Uint32Array.of(3, 1, 0, 5, 9),
    Float32Array.of(30, 80_000, 0, 5, 9),
    7 * DAY,
  )

  test('is the chance of drawing a product by drawing a past one, then a sale of its group', () => {
    const scores = salesOf([bought(0), bought(3)])
    expect([0, 1, 2, 3].map((product) => scores.value(product))).toEqual([3 / 8, 1 / 8, 0, 1 / 2])
  })

  test('tells what was sold of a product, its group, and the purchases of that', () => {
    const scores = salesOf([bought(0), bought(3), bought(2)])
    expect(scores.sales(1)).toEqual({ units: 80_000, days: null, since: null, until: 7 * DAY })
    expect(scores.groupOf(1)).toEqual({ label: 'a', purchases: [bought(0), bought(2)] })
  })

  test('counts a past product that is in no group among those drawn', () => {
    expect(salesOf([bought(0), bought(4)]).value(1)).toBe(1 / 8)
  })

  test('is not computable for a product in no group, nor after a history in none', () => {
    expect(salesOf([bought(0)]).value(4)).toBeNull()
    expect(salesOf([bought(4)]).value(0)).toBeNull()
  })

  test('puts the likeliest first', () => {
    expect(salesOf([bought(0), bought(3)]).best(2)).toEqual([3, 0])
  })

  test('adds ln(1 + N·v), as calibrated', () => {
    const scores = salesOf([bought(0), bought(3)])
    const calibrated = [15 / 8, 5 / 8, 0, 5 / 2, 0].map((times) => Math.log1p(times))
    expect([0, 1, 2, 3, 4].map((product) => scores.calibrated(product))).toEqual(calibrated)
    expect(added(scores, 5)).toEqual(threefold(calibrated))
    expect(added(salesOf([bought(4)]), 5)).toEqual([0, 0, 0, 0, 0])
  })
})
