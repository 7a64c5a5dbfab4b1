import { describe, expect, test } from 'vitest'
import { Work } from '../../src/kernels/work.ts'
import { listsBySales, popularityRanking, salesRankings } from '../../src/engine/popularity.ts'
import { productsWhere } from '../../src/engine/product-set.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'

const ranking = popularityRanking(() => ({
  orders: Uint32Array.of(2, 7, 0, 2),
  sales: (product) => ({ units: 10 * product, days: 30, since: 1, until: 2 }),
}))
const rank = (excluded: HistoryEntry[], limit: number) => ranking({ excluded, limit }, null)
const entry = (product: number) => ({ product, quantity: 1, purchasedAt: null })

describe('popularityRanking', () => {
  test('ranks the whole catalogue by orders, ties to the lower index', () => {
    expect(rank([], 9).products).toEqual([1, 0, 3, 2])
  })

  test('leaves out what is excluded, and still fills the limit', () => {
    expect(rank([entry(1), entry(0)], 2).products).toEqual([3, 2])
  })

  test('ranks the eligible alone, as many as there are', () => {
    const eligible = productsWhere(4, (product) => product !== 1 && product !== 3)
    expect(ranking({ excluded: [], limit: 3 }, eligible).products).toEqual([0, 2])
  })

  test('scores by orders', () => {
    expect(rank([], 1).sources(1)).toEqual([{ source: 'popularity', value: 7, weight: 1, contribution: 7 }])
  })

  test('has what was sold for the one cause', () => {
    expect(rank([], 1).causes(1)).toEqual([
      { kind: 'POPULAR', sales: { units: 10, days: 30, since: 1, until: 2 }, amount: 7 },
    ])
  })
})

const query = (at: number) => ({ history: [], at, excluded: [], limit: 4, leastCustomers: 1 })
const expected = (at: number) => [at % 4, ...[0, 1, 2, 3].filter((product) => product !== at % 4)]

describe('listsBySales', () => {
  test('ranks each list by the sales of its own moment, also where others ask for more moments than are kept', async () => {
    const moments = Array.from({ length: 20 }, (_, at) => at)
    let counted = 0
    // At the moment t product t % 4 sold most, then the lower index.
    const rankingAt = salesRankings(NaN, 4, (at) =>
      popularityRanking(() => {
        counted++
        return {
          orders: Float64Array.from({ length: 4 }, (_, product) => (product === at % 4 ? 1 : 0)),
          sales: () => ({ units: 1, days: 30, since: 1, until: 2 }),
        }
      }),
    )
    const lists = listsBySales(rankingAt)
    const ask = async (at: number) =>
      (await lists([query(at), query(at)], null, new Work())).map((one) => one.products)
    const all = await Promise.all(moments.map(ask))
    expect(all).toEqual(moments.map((at) => [expected(at), expected(at)]))
    // Those asked for last are kept, as many as there is room for: 16.
    for (const at of moments) await ask(at)
    counted = 0
    for (const at of moments.slice(4)) await ask(at)
    expect(counted).toBe(0)
    await ask(0)
    expect(counted).toBe(1)
  })
})
