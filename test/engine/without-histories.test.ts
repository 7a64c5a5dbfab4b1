import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HistoryKey } from '../../src/engine/customer-key.ts'
import { UnknownCustomerError } from '../../src/engine/errors.ts'
import { reasonRecord } from '../../src/engine/reason.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { ListKind } from '../../src/engine/recommendation.ts'
import type { RecommendationList } from '../../src/engine/recommendation.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Model } from '../../src/model/model.ts'
import { withoutHistories } from '../../src/model/without-histories.ts'
import { DAY, smallModel } from './small-model.ts'

const PRODUCTS = 7
const factors = Array.from({ length: PRODUCTS }, (_, p) => [Math.cos(2 * p), Math.sin(3 * p), 0.2 * p])
const features = Array.from({ length: PRODUCTS }, (_, p) => [1, Math.cos(p), Math.sin(p)])
const products = fc.uniqueArray(fc.nat(PRODUCTS - 1), { minLength: 1, maxLength: 4 })
const orders = fc.array(products, { minLength: 1, maxLength: 8 })

const shopOf = (bought: readonly (readonly number[])[]): Model =>
  smallModel({
    factors,
    features,
    purchases: bought.map((order) => Object.fromEntries(order.map((product) => [product, 1 + product]))),
    popularity: factors.map((_, p) => p),
    categories: factors.map((_, p) => p % 2),
    sellers: factors.map((_, p) => p % 3),
    days: bought.flat().map((product, i) => (product === 0 ? NaN : 3 * i)),
    orders: bought,
  })

/** Everything that a list says but the version of its model. */
function said(model: Model, { strategy, items }: RecommendationList) {
  return items.map(({ product, hybrid, sources, reasons, arranged }) => ({
    strategy,
    product,
    hybrid,
    sources,
    reasons: reasons().map((reason) => reasonRecord(model, reason)),
    arranged,
  }))
}

const KINDS = [
  'FOR_YOU',
  'RELATED',
  'COMPLEMENTARY',
  'ALSO_BOUGHT',
  'BUY_AGAIN',
  'TRENDING',
  'POPULAR',
] as const satisfies ListKind[]

describe('a model without histories', () => {
  test('answers for a history as the whole model does where what one customer bought does not show', async () => {
    const kernels = [referenceKernels(), await openKernels({ threads: 1 })]
    await fc.assert(
      fc.asyncProperty(orders, products, fc.integer({ min: 2, max: 3 }), async (bought, basket, least) => {
        const model = shopOf(bought)
        for (const one of kernels) {
          const whole = new Recommender(model, one, { leastCustomers: least })
          const itemSide = new Recommender(withoutHistories(model), one, { leastCustomers: least })
          const history = basket.map((product, i) => ({ product, quantity: 1, purchasedAt: i * DAY }))
          const requests = KINDS.map((list) => ({ list, history, first: PRODUCTS }))
          const [found, expected] = await Promise.all(
            [itemSide, whole].map((each) => each.recommend(requests)),
          )
          expect(found.map((list) => said(model, list))).toEqual(expected.map((list) => said(model, list)))
          for (const by of ['CONTENT', 'FACTORS', 'CO_PURCHASE'] as const) {
            const near = basket.map((product) => ({ product, by, first: PRODUCTS }))
            expect(await itemSide.similar(near)).toEqual(await whole.similar(near))
          }
          expect(itemSide.latestPurchase).toEqual(whole.latestPurchase)
          whole.close()
          itemSide.close()
        }
      }),
      { numRuns: 30 },
    )
    await kernels[1].close()
  })

  test('holds no pair of products that only one customer bought', () => {
    fc.assert(
      fc.property(orders, (bought) => {
        const { partners, baskets } = withoutHistories(shopOf(bought))
        const shared = (a: number, b: number) =>
          bought.filter((order) => order.includes(a) && order.includes(b)).length
        for (const { indptr, indices } of [partners, baskets.together]) {
          const pairs = factors.flatMap((_, a) =>
            Array.from(indices.subarray(indptr[a], indptr[a + 1]), (b) => [a, b]),
          )
          const expected = factors.flatMap((_, a) =>
            [...factors.keys()].filter((b) => b !== a && shared(a, b) >= 2).map((b) => [a, b]),
          )
          expect(pairs.toSorted()).toEqual(expected.toSorted())
        }
      }),
    )
  })

  test('knows no customer, and says why', async () => {
    const recommender = new Recommender(withoutHistories(shopOf([[0, 1], [1]])), referenceKernels())
    expect(() => recommender.customerIndex('customer 0')).toThrow(UnknownCustomerError)
    expect(() => recommender.customerIndex('customer 0')).toThrow('trained without histories')
    expect(() => recommender.history(0)).toThrow(RangeError)
    await expect(recommender.recommend([{ customer: 0, first: 3 }])).rejects.toThrow(RangeError)
    expect((await recommender.search.customers('customer', { first: 3 })).items).toEqual([])
    recommender.close()
  })
})

const entries = (product: number) => [{ product, quantity: 1, purchasedAt: null }]

describe('histories of another origin', () => {
  test('are what lists for known customers are made of', async () => {
    const model = shopOf([[0, 1], [1, 2], [3]])
    const asked: HistoryKey[][] = []
    const recommender = new Recommender(model, referenceKernels(), {
      histories: {
        size: 3,
        lengthOf: () => 1,
        of: (customers) => {
          asked.push([...customers])
          return customers.map((customer) => entries(4 + Number(customer)))
        },
      },
    })
    const lists = await recommender.recommend([
      { customer: 0, first: PRODUCTS },
      { customer: 2, first: PRODUCTS },
    ])
    expect(asked).toEqual([[0, 2]])
    expect(lists.map(({ items }) => items.map(({ product }) => product).toSorted((a, b) => a - b))).toEqual([
      [0, 1, 2, 3, 5, 6],
      [0, 1, 2, 3, 4, 5],
    ])
    expect(recommender.history(1)).toEqual(entries(5))
    recommender.close()
  })
})
