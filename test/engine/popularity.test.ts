import { describe, expect, test } from 'vitest'
import { popularityRanking } from '../../src/engine/popularity.ts'
import { productsWhere } from '../../src/engine/product-set.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'

const ranking = popularityRanking(() => ({
  units: Float32Array.of(2, 7, 0, 2),
  sales: (product) => ({ units: 10 * product, days: 30, since: 1, until: 2 }),
}))
const rank = (excluded: HistoryEntry[], limit: number) => ranking({ excluded, limit }, null)
const entry = (product: number) => ({ product, quantity: 1, purchasedAt: null })

describe('popularityRanking', () => {
  test('ranks the whole catalogue by pieces sold, ties to the lower index', () => {
    expect(rank([], 9).products).toEqual([1, 0, 3, 2])
  })

  test('leaves out what is excluded, and still fills the limit', () => {
    expect(rank([entry(1), entry(0)], 2).products).toEqual([3, 2])
  })

  test('ranks the eligible alone, as many as there are', () => {
    const eligible = productsWhere(4, (product) => product !== 1 && product !== 3)
    expect(ranking({ excluded: [], limit: 3 }, eligible).products).toEqual([0, 2])
  })

  test('scores by pieces sold', () => {
    expect(rank([], 1).sources(1)).toEqual([{ source: 'popularity', value: 7, weight: 1, contribution: 7 }])
  })

  test('has what was sold for the one cause', () => {
    expect(rank([], 1).causes(1)).toEqual([
      { kind: 'POPULAR', sales: { units: 10, days: 30, since: 1, until: 2 }, amount: 7 },
    ])
  })
})
