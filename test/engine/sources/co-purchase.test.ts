import { describe, expect, test } from 'vitest'
import { coPurchaseSource } from '../../../src/engine/sources/co-purchase.ts'
import type { HistoryEntry } from '../../../src/engine/history-entry.ts'
import { smallModel } from '../small-model.ts'
import { added, bought, customerOf, indexesOf, threefold } from './asking.ts'

describe('co-purchase', () => {
  // ana: 0, 1; bo: 0, 1, 2; cy: 0; dee: 3.
  const indexes = indexesOf(
    smallModel({
      factors: [[1], [1], [1], [1], [1]],
      features: [[1], [1], [1], [1], [1]],
      purchases: [{ 0: 1, 1: 7 }, { 0: 1, 1: 1, 2: 1 }, { 0: 1 }, { 3: 1 }],
    }),
  )
  const source = coPurchaseSource(indexes)
  const scoresOf = (history: readonly HistoryEntry[]) => source.scores(customerOf(history))

  test('is the cosine by customers, however often they bought, summed over the history', () => {
    expect(scoresOf([bought(0), bought(1)]).value(2)).toBeCloseTo(1 / Math.sqrt(3) + 1 / Math.sqrt(2), 12)
    expect(scoresOf([bought(2)]).value(1)).toBeCloseTo(1 / Math.sqrt(2), 12)
  })

  test('tells by which purchases, and how many customers bought both', () => {
    const { together } = indexes.coPurchases([bought(0), bought(1)])
    expect(together(2)).toEqual([
      { purchase: bought(0), cosine: expect.closeTo(1 / Math.sqrt(3), 12), customers: 1 },
      { purchase: bought(1), cosine: expect.closeTo(1 / Math.sqrt(2), 12), customers: 1 },
    ])
    expect(indexes.coPurchases([bought(1), bought(3)]).together(0)).toMatchObject([
      { purchase: bought(1), customers: 2 },
    ])
    expect(together(0)).toEqual([])
  })

  test('is 0 for what nobody bought along, and not computable for the history itself and what nobody bought', () => {
    const scores = scoresOf([bought(0)])
    expect([3, 0, 4].map((product) => scores.value(product))).toEqual([0, null, null])
  })

  test('proposes just what was bought along, the nearest first', () => {
    const scores = scoresOf([bought(0)])
    expect(Array.from(indexes.coPurchases([bought(0)]).values.products)).toEqual([1, 2])
    expect(scores.best!(9)).toEqual([1, 2])
  })

  test('adds ln(1 + 100·v), as calibrated', () => {
    const scores = scoresOf([bought(0)])
    const calibrated = [0, Math.log1p(200 / Math.sqrt(6)), Math.log1p(100 / Math.sqrt(3)), 0, 0]
    expect([0, 1, 2, 3, 4].map((product) => scores.calibrated(product))).toEqual(calibrated)
    expect(added(scores, 5)).toEqual(threefold(calibrated))
  })

  test('says the same when asked again', () => {
    expect(scoresOf([bought(0)]).value(1)).toBe(scoresOf([bought(0)]).value(1))
  })
})
