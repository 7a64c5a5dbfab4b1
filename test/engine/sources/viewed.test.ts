import { describe, expect, test } from 'vitest'
import type { FadedInterest } from '../../../src/engine/interest.ts'
import { cartSource, viewedSource } from '../../../src/engine/sources/viewed.ts'
import { smallModel } from '../small-model.ts'
import { added, customerOf, indexesOf, threefold } from './asking.ts'

/**
 * 0 … 3 are of one category, 4 and 5 of another; nobody bought 3 or 5. Of four customers all bought 0 and 4, two 1 as
 * well: cosines 1 of 0 and 4, 1/√2 of 1 with each. By content 0 is as 1 (cosine 1), and 0.6 like 2.
 */
const indexes = indexesOf(
  smallModel({
    factors: Array.from({ length: 6 }, () => [1]),
    features: [[1, 0], [1, 0], [0.6, 0.8], null, [1, 0], [1, 0]],
    purchases: [
      { 0: 1, 4: 1 },
      { 0: 1, 4: 1 },
      { 0: 1, 1: 1, 4: 1 },
      { 0: 1, 1: 1, 4: 1 },
    ],
    categories: [0, 0, 0, 0, 1, 1],
  }),
)
const viewed = viewedSource(indexes)
const HALF = Math.SQRT1_2

const view = (product: number, weight = 1): FadedInterest => ({ product, kind: 'VIEW', at: 7, weight })
const scoresOf = (interest: readonly FadedInterest[], rest = {}) =>
  viewed.scores({ ...customerOf([]), interest, ...rest })
const all = [0, 1, 2, 3, 4, 5]

describe('what was viewed', () => {
  test('speaks for what its customers bought, and for what its category has like it', () => {
    const scores = scoresOf([view(0)])
    expect(all.map((product) => scores.value(product))).toEqual([
      null,
      expect.closeTo(0.1 + HALF, 12),
      expect.closeTo(0.06, 12),
      null,
      1,
      null,
    ])
    expect(scores.best!(2)).toEqual([4, 1])
  })

  test('counts less with time, and adds up over products', () => {
    const scores = scoresOf([view(0, 0.5), view(4, 0.25)])
    expect(scores.value(1)).toBeCloseTo(0.5 * (0.1 + HALF) + 0.25 * HALF, 12)
    expect(scores.value(0)).toBeCloseTo(0.25, 12)
    // Of the same content as 4.
    expect(scores.value(5)).toBeCloseTo(0.025, 12)
  })

  test('speaks for itself only in lists that may hold what was bought before', () => {
    expect(scoresOf([view(0, 0.5)]).value(0)).toBeNull()
    expect(scoresOf([view(0, 0.5)], { includePurchased: true }).value(0)).toBe(0.5)
    expect(scoresOf([view(3)], { includePurchased: true }).value(3)).toBe(1)
  })

  test('adds what its values make', () => {
    const scores = scoresOf([view(0), view(2, 0.5)])
    expect(added(scores, 6)).toEqual(threefold(all.map((product) => scores.calibrated(product))))
  })

  test('has a part of a contribution for each product that speaks, and no other', () => {
    const interest = [view(4, 0.25), view(3), view(0, 0.5)]
    const value = scoresOf(interest).value(1)!
    const causes = scoresOf(interest).causes(1, {
      source: 'viewed',
      value,
      weight: 2,
      contribution: 2 * value,
    })
    expect(causes).toEqual([
      { kind: 'VIEWED', amount: expect.closeTo(0.1 + HALF, 12) as number, interest: view(0, 0.5) },
      { kind: 'VIEWED', amount: expect.closeTo(0.5 * HALF, 12) as number, interest: view(4, 0.25) },
    ])
  })

  test('is associated by content as far as it is of the five latest', () => {
    const older = { ...view(4), at: 1 }
    const four = [0, 1, 2, 3].map((product) => view(product))
    // 5 is as 4 by content.
    expect(scoresOf([older, ...four]).value(5)).toBeCloseTo(0.1, 12)
    expect(scoresOf([older, ...four, view(5)]).value(5)).toBeNull()
    expect(scoresOf([older, ...four, view(5)]).value(0)).toBeGreaterThan(1)
  })

  test('does not tell an unknown customer what fewer customers bought than are asked for', () => {
    const scores = scoresOf([view(0)], { leastCustomers: 3 })
    expect(scores.value(1)).toBeCloseTo(0.1, 12)
    expect(scores.value(4)).toBe(1)
    expect(scoresOf([view(4)], { leastCustomers: 3 }).value(1)).toBeNull()
  })

  test('tells nobody what a single customer bought, since pages may record what is viewed', () => {
    const single = smallModel({
      factors: [[1], [1], [1]],
      features: [null, null, null],
      purchases: [
        { 0: 1, 1: 1, 2: 1 },
        { 0: 1, 1: 1 },
      ],
      categories: [0, 0, 0],
    })
    const scores = viewedSource(indexesOf(single)).scores({
      ...customerOf([]),
      interest: [view(0)],
      leastCustomers: 1,
    })
    expect([scores.value(1), scores.value(2)]).toEqual([1, null])
  })

  test('is left to the other source where it was put into the cart', () => {
    const interest = [view(0), { ...view(4, 0.5), kind: 'CART' as const }]
    const cart = cartSource(indexes).scores({ ...customerOf([]), interest })
    expect(all.map((product) => cart.value(product))).toEqual([
      0.5,
      expect.closeTo(0.5 * HALF, 12),
      null,
      null,
      null,
      expect.closeTo(0.05, 12),
    ])
    const score = { source: 'cart' as const, value: 0.5, weight: 1, contribution: 0.5 }
    expect(cart.causes(0, score)).toEqual([{ kind: 'IN_CART', amount: 0.5, interest: interest[1] }])
    expect(scoresOf(interest).value(5)).toBeNull()
  })

  test('is nothing without any', () => {
    const scores = viewed.scores(customerOf([]))
    expect(all.map((product) => scores.value(product))).toEqual(all.map(() => null))
    expect(added(scores, 6)).toEqual([0, 0, 0, 0, 0, 0])
    expect(scores.best!(3)).toEqual([])
  })
})
