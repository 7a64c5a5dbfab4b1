import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  countShown,
  coverage,
  gini,
  intraListDistance,
  novelty,
  selfInformation,
} from '../../src/evaluation/list-measures.ts'

const list = (...products: number[]) => Uint32Array.from(products)

describe('novelty', () => {
  // All four customers bought product 0, one of them product 1, nobody product 2.
  const information = selfInformation(Float64Array.of(4, 1, 0), 4)

  test('is the information, in bits, that a customer bought the product: none where all did', () => {
    expect(Array.from(information)).toEqual([0, 2, 2])
  })

  test('of a list is the mean over its first K', () => {
    expect(novelty(list(0, 1), information, 10)).toBe(1)
    expect(novelty(list(1, 0), information, 1)).toBe(2)
  })

  test('an empty list has none', () => {
    expect(novelty(list(), information, 10)).toBeNaN()
  })
})

describe('intra-list distance', () => {
  // Two products that are alike, one at right angles to them, one of which nothing is known.
  const features = { rows: 4, columns: 2, data: Float64Array.of(1, 0, 0, 1, 1, 0, 0, 0) }

  test('is one less the mean cosine of all pairs', () => {
    expect(intraListDistance(list(0, 1, 2), features, 10)).toBeCloseTo(2 / 3, 15)
    expect(intraListDistance(list(0, 2), features, 10)).toBe(0)
    expect(intraListDistance(list(0, 1, 2), features, 2)).toBe(1)
  })

  test('a product of which nothing is known is similar to nothing', () => {
    expect(intraListDistance(list(0, 3), features, 10)).toBe(1)
  })

  test('a list of fewer than two products has none', () => {
    expect(intraListDistance(list(0), features, 10)).toBeNaN()
    expect(intraListDistance(list(0, 1), features, 1)).toBeNaN()
  })

  test('is what looking at every pair gives', () => {
    const row = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -5, max: 5 })))
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 8 }), (rows) => {
        const unit = rows.map((values) => values.map((value) => value / (Math.hypot(...values) || 1)))
        const all = { rows: rows.length, columns: 3, data: Float64Array.from(unit.flat()) }
        const cosines = unit.flatMap((a, i) =>
          unit.slice(i + 1).map((b) => a.reduce((sum, value, c) => sum + value * b[c], 0)),
        )
        const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length
        expect(intraListDistance(list(...rows.keys()), all, rows.length)).toBeCloseTo(1 - mean, 12)
      }),
    )
  })
})

describe('coverage and Gini', () => {
  test('coverage is the share of the catalogue in the first K of any list', () => {
    const lists = [list(0, 1), list(0, 2), list()]
    expect(coverage(shownIn(lists, 2, 4))).toBe(3 / 4)
    expect(coverage(shownIn(lists, 1, 4))).toBe(1 / 4)
  })

  test('Gini is 0 where all products are shown alike, 1 where one alone is', () => {
    expect(gini(list(3, 3, 3))).toBe(0)
    expect(gini(list(0, 4, 0, 0))).toBe(1)
  })

  test('Gini of one place in four and three in four is a half', () => {
    // (2·1 − 3)·1/4 + (2·2 − 3)·3/4, over 2 − 1
    expect(gini(list(3, 1))).toBe(1 / 2)
  })

  test('there is no Gini where nothing is shown', () => {
    expect(gini(list(0, 0))).toBeNaN()
  })
})

function shownIn(lists: Uint32Array[], first: number, catalogue: number): Uint32Array {
  const shown = new Uint32Array(catalogue)
  countShown(lists, first, shown)
  return shown
}
