import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decisivePurchases, MOST_SETS, setsTried } from '../../src/engine/decisive-purchases.ts'
import { historyOf } from '../../src/engine/history.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { ListRequest } from '../../src/engine/what-if.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { counting } from './counting.ts'
import { fixedWeights } from '../../src/model/blend-weights.ts'
import { listOf, modelAndRequests, smallModel } from './small-model.ts'

const bought = (product: number): HistoryEntry => ({ product, quantity: 1, purchasedAt: null })

/** Products 0 and 1 point one way, 2 and 3 another, 4 and 5 a third. */
const directions = smallModel({
  factors: Array.from({ length: 6 }, () => null),
  features: [
    [1, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 1, 0],
    [0, 0, 1],
    [0, 0, 1],
  ],
  blendWeights: fixedWeights({ content: 1 }),
})
const recommender = new Recommender(directions, referenceKernels(), { leastCustomers: 1 })
const decide = (list: ListRequest, product: number, first: number) =>
  decisivePurchases(recommender, [{ list, product, first }]).then(([decided]) => decided)

describe('the decisive purchases', () => {
  test('are the one that a place depends on', async () => {
    expect(await decide({ history: [bought(0), bought(2)] }, 1, 2)).toEqual({
      outcome: 'FOUND',
      purchases: [bought(0)],
      atLeast: 1,
    })
  })

  test('are none where the product is not among the first as it is', async () => {
    expect(await decide({ history: [bought(0)] }, 5, 1)).toEqual({
      outcome: 'FOUND',
      purchases: [],
      atLeast: 0,
    })
  })

  test('are no set where the product is among the first whatever was bought', async () => {
    expect(await decide({ history: [bought(0)] }, 1, 6)).toEqual({
      outcome: 'NONE',
      purchases: [],
      atLeast: null,
    })
  })

  test('of several sets are the one of the latest purchases', async () => {
    // Any of them would do: without 0, say, it comes back, as near to the profile as product 5 and before it.
    const history = [
      { ...bought(0), purchasedAt: 1 },
      { ...bought(1), purchasedAt: 2 },
      { ...bought(4), purchasedAt: 3 },
    ]
    // With one more of the second kind product 5 is above the average product.
    const seven = smallModel({
      factors: Array.from({ length: 7 }, () => null),
      features: [0, 0, 1, 1, 2, 2, 1].map((way) => [0, 1, 2].map((d) => (d === way ? 1 : 0))),
      blendWeights: fixedWeights({ content: 1 }),
    })
    const engine = new Recommender(seven, referenceKernels(), { leastCustomers: 1 })
    const [{ outcome, purchases }] = await decisivePurchases(engine, [
      { list: { history }, product: 5, first: 1 },
    ])
    expect(outcome).toBe('FOUND')
    expect(purchases.map(({ product }) => product)).toEqual([4])
  })

  test('are undecided beyond the bound on the work, and how many it takes at least is said', async () => {
    // 13 products, 12 of them bought: the last falls out of the first ten only when ten come back before it.
    const many = smallModel({
      factors: Array.from({ length: 13 }, () => null),
      features: Array.from({ length: 13 }, () => [1]),
      blendWeights: fixedWeights({ content: 1 }),
    })
    const { kernels, calls } = counting(referenceKernels())
    const history = Array.from({ length: 12 }, (_, product) => bought(product))
    const [decided] = await decisivePurchases(new Recommender(many, kernels, { leastCustomers: 1 }), [
      { list: { history }, product: 12, first: 10 },
    ])
    // Of up to two of twelve purchases there are 79 sets, of three another 220; 12 products take a fifth more time each.
    expect(setsTried(12)).toBe(Math.floor(MOST_SETS / (1 + 12 / 60 + 12 / 2000)))
    expect(decided).toEqual({ outcome: 'UNDECIDED', purchases: [], atLeast: 3 })
    // 16 lists at a time.
    expect(calls.solve).toBe(Math.ceil(setsTried(12) / 16))
  })

  test('of several products of a list cost no more than of one', async () => {
    const { kernels, calls } = counting(referenceKernels())
    const list = { history: [bought(0), bought(2), bought(4)] }
    await decisivePurchases(
      new Recommender(directions, kernels, { leastCustomers: 1 }),
      [1, 3, 5].map((product) => ({ list, product, first: 3 })),
    )
    expect(calls.solve).toBe(1)
  })

  test.each(['learned', 'notebook'] as const)(
    'under the blend %s are what trying every set says',
    async (blend) => {
      await fc.assert(
        fc.asyncProperty(
          modelAndRequests({ blend }, 8),
          fc.integer({ min: 1, max: 4 }),
          async ({ model, requests }, first) => {
            const engine = new Recommender(model, referenceKernels(), { leastCustomers: 1 })
            const lists = requests.map(listOf)
            const products = Array.from({ length: model.products.size }, (_, product) => product)
            const asked = lists.flatMap((list) => products.map((product) => ({ list, product, first })))
            const decided = await decisivePurchases(engine, asked)
            const expected = []
            for (const list of lists) expected.push(...(await byTryingEverySet(engine, list, first)))
            expect(decided).toEqual(expected)
          },
        ),
      )
    },
  )
})

/** For every product of the model. */
async function byTryingEverySet(engine: Recommender, list: ListRequest, first: number) {
  const history = historyOf(engine.model, { ...list, first })
  const sets = Array.from({ length: 2 ** history.length }, (_, bits) =>
    [...history.keys()].filter((place) => (bits >> place) & 1),
  )
  // Those of one size in lexicographic order: places are single digits.
  sets.sort((a, b) => a.length - b.length || a.join('').localeCompare(b.join('')))
  const { includePurchased = false } = list
  const answers = await engine.recommend(
    sets.map((removed) => ({
      history: history.filter((_, place) => !removed.includes(place)),
      includePurchased,
      first,
    })),
  )
  return Array.from({ length: engine.model.products.size }, (_, product) => {
    const place = answers.findIndex(({ items }) => !items.some((item) => item.product === product))
    if (place < 0) return { outcome: 'NONE', purchases: [], atLeast: null }
    const purchases = sets[place].map((entry) => history[entry])
    return { outcome: 'FOUND', purchases, atLeast: purchases.length }
  })
}
