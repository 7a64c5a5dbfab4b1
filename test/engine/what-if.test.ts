import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnknownPurchaseError } from '../../src/engine/errors.ts'
import { historyOf } from '../../src/engine/history.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { standingsOf, withoutPurchases } from '../../src/engine/what-if.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { counting } from './counting.ts'
import { fixedWeights } from '../../src/model/blend-weights.ts'
import { plainList } from './plain.ts'
import { DAY, listOf, modelAndRequests, smallModel } from './small-model.ts'

const bought = (product: number, day: number | null = null) => ({
  product,
  quantity: 1,
  purchasedAt: day === null ? null : day * DAY,
})

/** 252 products in a circle of features, ever further from product 0 either way round. */
const size = 252
const circle = smallModel({
  factors: Array.from({ length: size }, () => null),
  features: Array.from({ length: size }, (_, i) => [
    Math.cos((2 * Math.PI * i) / size),
    Math.sin((2 * Math.PI * i) / size),
  ]),
  purchases: [{ 0: 1, 126: 1 }],
  days: [2, 1],
  blendWeights: fixedWeights({ content: 1 }),
})

describe('a list without some purchases', () => {
  test('is that of the rest of the history, whoever’s it is', () => {
    expect(withoutPurchases(circle, { customer: 0, includePurchased: true, at: 7 }, [0])).toEqual({
      customer: 0,
      without: [0],
      includePurchased: true,
      at: 7,
    })
    expect(withoutPurchases(circle, { history: [bought(3), bought(4)] }, [4, 4])).toEqual({
      history: [bought(3)],
    })
  })

  test('is the list itself where nothing is taken out', async () => {
    const recommender = new Recommender(circle, referenceKernels(), { leastCustomers: 1 })
    const [as, without] = await recommender.recommend([
      { customer: 0, first: 9 },
      { ...withoutPurchases(circle, { customer: 0 }, []), first: 9 },
    ])
    expect(plainList(without)).toEqual(plainList(as))
  })

  test('cannot be of purchases that were not made: all of them are named', () => {
    expect(() => withoutPurchases(circle, { customer: 0 }, [0, 5, 7])).toThrow(
      new UnknownPurchaseError(['product 5', 'product 7']),
    )
  })
})

describe('a standing', () => {
  test('is the place in the whole list, however deep, and none where the list does not hold the product', async () => {
    const recommender = new Recommender(circle, referenceKernels(), { leastCustomers: 1 })
    const list = { history: [bought(0)] }
    const standings = await standingsOf(
      recommender,
      [1, 126, 0].map((product) => ({ list, product })),
    )
    expect(standings).toEqual([
      // Product 251 is as near as product 1, and comes after it.
      { rank: 1, score: expect.any(Number), strategy: 'HYBRID' },
      { rank: 251, score: expect.any(Number), strategy: 'HYBRID' },
      { rank: null, score: null, strategy: 'HYBRID' },
    ])
  })

  test('without any purchase is that of the popular', async () => {
    const recommender = new Recommender(circle, referenceKernels(), { leastCustomers: 1 })
    const list = withoutPurchases(circle, { customer: 0 }, [0, 126])
    const [standing] = await standingsOf(recommender, [{ list, product: 0 }])
    expect(standing).toEqual({ rank: 1, score: 1, strategy: 'POPULARITY' })
  })

  test('costs one search for many of them', async () => {
    const { kernels, calls } = counting(referenceKernels())
    const recommender = new Recommender(circle, kernels, { leastCustomers: 1 })
    await standingsOf(
      recommender,
      [0, 126].map((product) => ({
        list: withoutPurchases(circle, { customer: 0 }, [product]),
        product: 127 - product,
      })),
    )
    expect(calls).toMatchObject({ solve: 1, topK: 1 })
  })

  test.each(['learned', 'notebook'] as const)(
    'under the blend %s is what the list of the other history says',
    async (blend) => {
      await fc.assert(
        fc.asyncProperty(
          modelAndRequests({ blend }),
          fc.nat(),
          fc.func(fc.boolean()),
          async ({ model, requests }, number, isTakenOut) => {
            const recommender = new Recommender(model, referenceKernels(), { leastCustomers: 1 })
            const product = number % model.products.size
            const lists = requests.map(listOf)
            const histories = lists.map((list) => historyOf(model, { ...list, first: 0 }))
            const left = histories.map((history) => history.filter((entry) => !isTakenOut(entry.product)))
            const standings = await standingsOf(
              recommender,
              lists.map((list, i) => {
                const out = histories[i].filter((entry) => !left[i].includes(entry))
                const products = out.map((entry) => entry.product)
                return { list: withoutPurchases(model, list, products), product }
              }),
            )
            for (const [i, { includePurchased = false }] of lists.entries()) {
              const [whole] = await recommender.recommend([
                { history: left[i], includePurchased, first: model.products.size },
              ])
              const found = whole.items.find((item) => item.product === product)
              expect(standings[i]).toEqual({
                rank: found?.rank ?? null,
                score: found?.hybrid ?? null,
                strategy: whole.strategy,
              })
            }
          },
        ),
      )
    },
  )
})
