/** Lists on a product's page: that product counts as viewed now. */
import { afterAll, describe, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import type { RecommendationRequest } from '../../src/engine/recommendation.ts'
import { gatherEvidence } from '../../src/explanations/evidence.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { fixedWeights } from '../../src/model/blend-weights.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { DAY, smallModel } from './small-model.ts'

/**
 * 0 … 3 are of one category, 4 and 5 of another; nobody bought 3 or 5. Of four customers all bought 0 and 4, two 1 as
 * well: cosines 1 of 0 and 4, 1/√2 of 1 with each. By content 0 is as 1 (cosine 1), and 0.6 like 2. The weight of
 * views is 2, so that 0 adds 2·(0.1 + 1/√2) to 1, 2·0.06 to 2 and 2 to 4.
 */
const model = smallModel({
  factors: Array.from({ length: 6 }, () => [1]),
  features: [[1, 0], [1, 0], [0.6, 0.8], null, [1, 0], [1, 0]],
  purchases: [
    { 0: 1, 4: 1 },
    { 0: 1, 4: 1 },
    { 0: 1, 1: 1, 4: 1 },
    { 0: 1, 1: 1, 4: 1 },
  ],
  categories: [0, 0, 0, 0, 1, 1],
  blendWeights: fixedWeights({ viewed: 2, cart: 1 }),
})
const BY_1 = 2 * (0.1 + Math.SQRT1_2)

const NOW = 40 * DAY
const events = openEvents(IN_MEMORY, () => NOW)
const recommender = new Recommender(model, referenceKernels(), { events, now: () => NOW })
afterAll(async () => {
  recommender.close()
  await events.close()
})

async function listOf(request: Omit<RecommendationRequest, 'first'>) {
  const [{ strategy, items }] = await recommender.recommend([{ ...request, first: 6 }])
  return {
    strategy,
    items,
    scores: Object.fromEntries(items.map(({ product, hybrid }) => [product, hybrid])),
  }
}

const view = (who: object, product: number, daysAgo: number) => ({
  ...who,
  product: model.products.at(product),
  kind: 'VIEW' as const,
  at: NOW - daysAgo * DAY,
})

describe('the product of a page', () => {
  test('speaks for a newcomer by the weight of views, with its reason, and is not in the list', async () => {
    const { strategy, items, scores } = await listOf({ history: [], viewing: 0 })
    expect(strategy).toBe('HYBRID')
    expect(items.slice(0, 3).map(({ product }) => product)).toEqual([4, 1, 2])
    expect(scores[4]).toBeCloseTo(2, 6)
    expect(scores[1]).toBeCloseTo(BY_1, 6)
    expect(scores[2]).toBeCloseTo(2 * 0.06, 6)
    expect(scores).not.toHaveProperty('0')
    const interest = { product: 0, kind: 'VIEW', at: NOW, weight: 1 }
    expect(items[0].reasons()).toEqual([
      { kind: 'VIEWED', amount: expect.closeTo(2, 6) as number, share: 1, interest },
    ])
  })

  test('is left out also where what was bought may be listed again', async () => {
    const { scores } = await listOf({ history: [], viewing: 0, includePurchased: true })
    expect(scores).not.toHaveProperty('0')
    expect(scores[4]).toBeCloseTo(2, 6)
  })

  test('counts beside what a visitor viewed before, and in place of earlier views of it', async () => {
    const who = { visitor: 'v' }
    await events.append([view(who, 4, 3), view(who, 0, 6)])
    // 4, viewed three days ago, counts half: it adds 2·½·1/√2 to 1 and 2·½·0.1 to 5.
    const { scores } = await listOf({ ...who, viewing: 0 })
    expect(scores[1]).toBeCloseTo(BY_1 + Math.SQRT1_2, 6)
    expect(scores[5]).toBeCloseTo(0.1, 6)
    expect(scores[4]).toBeCloseTo(2, 6)
    // Without the page 0 counts a quarter.
    expect((await listOf(who)).scores[4]).toBeCloseTo(2 / 4, 6)
  })

  test('counts for a customer who has bought it', async () => {
    const { scores } = await listOf({ customer: 0, viewing: 0 })
    expect(scores[1]).toBeCloseTo(BY_1, 6)
    expect(Object.keys(scores).map(Number)).toEqual(expect.not.arrayContaining([0, 4]))
  })

  test('does not count for a customer from whom it is hidden', async () => {
    const who = { visitor: 'not interested' }
    await events.append([{ ...view(who, 0, 1), kind: 'NOT_INTERESTED' }])
    const { strategy, scores } = await listOf({ ...who, viewing: 0 })
    expect(strategy).toBe('POPULARITY')
    expect(scores).not.toHaveProperty('0')
  })

  test('is left out of other lists, and counts for none of them', async () => {
    for (const list of ['RELATED', 'ALSO_BOUGHT', 'COMPLEMENTARY'] as const) {
      const history = [{ product: 1, quantity: 1, purchasedAt: null }]
      const [without, on] = [await listOf({ list, history }), await listOf({ list, history, viewing: 0 })]
      expect(on.items.map(({ product }) => product)).toEqual(
        without.items.map(({ product }) => product).filter((product) => product !== 0),
      )
    }
  })

  test('stays in the list of a what-if without a purchase', async () => {
    const history = [{ product: 5, quantity: 1, purchasedAt: null }]
    const { scores } = await listOf({ history, viewing: 0 })
    expect((await listOf({ history: [], viewing: 0 })).scores[1]).toBe(scores[1])
  })

  test('is said to be looked at, and what was viewed before to have been looked at', async () => {
    const who = { visitor: 'told' }
    await events.append([view(who, 4, 0)])
    const list = { ...who, viewing: 0 }
    const { items } = await listOf(list)
    const actionsOf = (product: number) =>
      gatherEvidence(model, items.find((item) => item.product === product)!, list).cited.map(
        ({ purchase }) => [purchase?.action, purchase?.interestAt],
      )
    expect(actionsOf(4)).toEqual([['LOOKED_AT', undefined]])
    expect(actionsOf(5)).toEqual([['VIEWED', NOW]])
  })

  test('has to be a product of the model', async () => {
    await expect(listOf({ history: [], viewing: 6 })).rejects.toThrow(RangeError)
  })
})
