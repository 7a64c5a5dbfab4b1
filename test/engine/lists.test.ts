import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ListKind, RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Model } from '../../src/model/model.ts'
import { DAY, modelAndRequests, smallModel } from './small-model.ts'

async function listed(model: Model, request: Omit<RecommendationRequest, 'first'>) {
  const recommender = new Recommender(model, referenceKernels(), { leastCustomers: 1 })
  const [list] = await recommender.recommend([{ ...request, first: model.products.size }])
  recommender.close()
  return { strategy: list.strategy, items: list.items.map(({ product, hybrid }) => [product, hybrid]) }
}

const lookedAt = (...products: number[]) =>
  products.map((product) => ({ product, quantity: 1, purchasedAt: null }))

/** Customer 0 bought 0 (twice, on day 100) and 1 (day 10); customer 1 bought 0 and 2; customer 2 bought 2. */
const shop = smallModel({
  factors: [[1], [1], [1], [1], null],
  features: [[1, 0], [0.6, 0.8], [0, 1], [0.8, 0.6], null],
  purchases: [{ 0: 2, 1: 1 }, { 0: 1, 2: 1 }, { 2: 4 }],
  days: [100, 10, 70, 40, 100],
  popularity: [3, 1, 5, 0, 0],
  categories: [0, 0, 1, 1, -1],
  orders: [[0, 1], [0, 1, 2], [0, 2], [2, 3], [0], [0]],
})

describe('the list', () => {
  test('RELATED holds what is like the product looked at, the most alike first', async () => {
    const { strategy, items } = await listed(shop, { list: 'RELATED', history: lookedAt(0) })
    expect(strategy).toBe('CONTENT')
    expect(items).toEqual([
      [3, expect.closeTo(0.8, 12)],
      [1, expect.closeTo(0.6, 12)],
      // Not 2, which has nothing in common with it.
    ])
  })

  test('RELATED to several goes by the most alike of them, and holds none of them', async () => {
    const { items } = await listed(shop, { list: 'RELATED', history: lookedAt(0, 2) })
    expect(items).toEqual([
      [1, expect.closeTo(0.8, 12)],
      [3, expect.closeTo(0.8, 12)],
    ])
  })

  test('RELATED to what nothing is known of is empty', async () => {
    expect((await listed(shop, { list: 'RELATED', history: lookedAt(4) })).items).toEqual([])
  })

  test('COMPLEMENTARY counts orders, and of equal counts prefers what sells less otherwise', async () => {
    // With 0: product 1 in two orders of its two (cosine 2/√(5·2)), product 2 in two of its three (2/√(5·3)).
    const { strategy, items } = await listed(shop, { list: 'COMPLEMENTARY', history: lookedAt(0) })
    expect(strategy).toBe('SAME_ORDER')
    expect(items).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  test('COMPLEMENTARY to a basket adds up its products', async () => {
    const { items } = await listed(shop, { list: 'COMPLEMENTARY', history: lookedAt(0, 1) })
    expect(items).toEqual([[2, 3]])
  })

  test('ALSO_BOUGHT sums cosines by customers', async () => {
    // Customer 0 has 0 and 1: product 2 shares one customer with 0, of two each.
    const { strategy, items } = await listed(shop, { list: 'ALSO_BOUGHT', customer: 0 })
    expect(strategy).toBe('CO_PURCHASE')
    expect(items).toEqual([[2, expect.closeTo(1 / 2, 12)]])
  })

  test('BUY_AGAIN holds what was bought, by in how many orders, halved every 180 days', async () => {
    const { strategy, items } = await listed(shop, { list: 'BUY_AGAIN', customer: 0 })
    expect(strategy).toBe('REPEAT')
    expect(items).toEqual([
      [0, 2],
      [1, expect.closeTo(2 ** (-90 / 180), 12)],
    ])
  })

  test('TRENDING halves every sale for 30 days before the moment, and holds what sold in the last 30', async () => {
    // As of day 100: product 0 sold 2 just now and 1 thirty days ago, 2 sold 4 just now and 1 sixty days ago, 1 sold
    // last ninety days ago.
    const { strategy, items } = await listed(shop, { list: 'TRENDING' })
    expect(strategy).toBe('TRENDING')
    expect(items).toEqual([
      [2, expect.closeTo(4.25, 12)],
      [0, expect.closeTo(2.5, 12)],
    ])
    const earlier = await listed(shop, { list: 'TRENDING', at: 70 * DAY })
    expect(earlier.items).toEqual([[0, expect.closeTo(1, 12)]])
  })

  test('POPULAR counts the orders, not the units, of one category where the filter says so', async () => {
    const { strategy, items } = await listed(shop, {
      list: 'POPULAR',
      filter: { categories: { anyOf: ['category 0'] } },
    })
    expect(strategy).toBe('POPULARITY')
    expect(items).toEqual([
      [0, 5],
      [1, 2],
    ])
  })
})

async function nearest(by: 'CONTENT' | 'CO_PURCHASE' | 'FACTORS', product: number, exclude: string[] = []) {
  const recommender = new Recommender(shop, referenceKernels(), { leastCustomers: 1 })
  const [{ items }] = await recommender.similar([{ product, by, first: 5, filter: { exclude } }])
  recommender.close()
  return items.map(({ product: near, similarity }) => [near, similarity])
}

const KINDS: readonly ListKind[] = [
  'RELATED',
  'COMPLEMENTARY',
  'ALSO_BOUGHT',
  'BUY_AGAIN',
  'TRENDING',
  'POPULAR',
]

test('of every list the reasons’ amounts sum to the score, and pages agree with the whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      modelAndRequests({}, 12, fc.option(fc.nat(60))),
      fc.constantFrom(...KINDS),
      async ({ model, requests }, list) => {
        const recommender = new Recommender(model, referenceKernels(), { leastCustomers: 1 })
        const asked = requests.map((request) => ({ ...request, list }))
        const pages = await recommender.recommend(asked)
        const whole = await recommender.recommend(
          asked.map((request) => ({ ...request, offset: 0, first: model.products.size })),
        )
        recommender.close()
        pages.forEach((page, i) => {
          const { first, offset = 0 } = asked[i]
          expect(page.items.map(({ product }) => product)).toEqual(
            whole[i].items.slice(offset, offset + first).map(({ product }) => product),
          )
          expect(page.hasMore).toBe(whole[i].items.length > offset + first)
          for (const { hybrid, reasons, sources } of page.items) {
            expect(sources).toHaveLength(1)
            const total = reasons().reduce((sum, { amount }) => sum + amount, 0)
            expect(Math.abs(total - hybrid)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(hybrid)))
          }
        })
      },
    ),
  )
})

describe('the nearest products', () => {
  test('by the customers who bought both', async () => {
    expect(await nearest('CO_PURCHASE', 0)).toEqual([
      [1, expect.closeTo(1 / Math.SQRT2, 6)],
      [2, expect.closeTo(1 / 2, 6)],
    ])
  })

  test('by factors, of which a cold product has none', async () => {
    expect(await nearest('FACTORS', 0)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ])
    expect(await nearest('FACTORS', 4)).toEqual([])
  })

  test('pass the filter', async () => {
    expect(await nearest('CONTENT', 0, ['product 3', 'product 2'])).toEqual([[1, expect.closeTo(0.6, 12)]])
  })
})
