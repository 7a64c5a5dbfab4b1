import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearestSource } from '../../../src/engine/sources/nearest.ts'
import type { HistoryEntry } from '../../../src/engine/history-entry.ts'
import type { Model } from '../../../src/model/model.ts'
import { smallModel } from '../small-model.ts'
import { added, bought, customerOf, indexesOf, threefold } from './asking.ts'

/** c, written out. */
const calibrate = (v: number) => (v > 0 ? Math.log(1.01 / (1.01 - v)) : 0)

function scoresIn(model: Model) {
  const source = nearestSource(indexesOf(model))
  return (history: readonly HistoryEntry[]) => source.scores(customerOf(history))
}

describe('the most similar past product of a category', () => {
  const model = smallModel({
    factors: [[1], [1], [1], [1], [1]],
    features: [[1, 0], [0.6, 0.8], [0, 1], [1, 0], null],
    categories: [0, 0, 0, 1, 0],
  })
  const scoresOf = scoresIn(model)
  const nearestTo = (product: number, history: readonly HistoryEntry[]) =>
    scoresOf(history)
      .causes(product, { source: 'nearest', value: 1, weight: 1, contribution: 2.5 })
      .map((cause) => [cause.kind, cause.amount, 'purchase' in cause && cause.purchase])

  test('counts by its cosine, others not at all', () => {
    const scores = scoresOf([bought(0), bought(2)])
    expect(scores.value(1)).toBeCloseTo(0.8, 12)
    expect(scores.value(0)).toBe(1)
  })

  test('tells by which purchase, of several the latest', () => {
    expect(nearestTo(1, [bought(0), bought(2)])).toEqual([['RESEMBLANCE', 2.5, bought(2)]])
    expect(nearestTo(1, [bought(0, 1, 9), bought(0, 2, 8)])).toEqual([['RESEMBLANCE', 2.5, bought(0, 1, 9)]])
  })

  test('is none for products of other categories, and those of which nothing is known', () => {
    const scores = scoresOf([bought(0)])
    expect([3, 4].map((product) => scores.value(product))).toEqual([null, null])
    expect(scoresOf([bought(4)]).value(0)).toBeNull()
  })

  test('is told from the 5 latest of the category alone', () => {
    const alike = scoresIn(
      smallModel({
        factors: Array.from({ length: 7 }, () => [1]),
        features: Array.from({ length: 7 }, (_, product) => (product < 5 ? [1, 0] : [0, 1])),
        categories: Array.from({ length: 7 }, () => 0),
      }),
    )
    const history = Array.from({ length: 6 }, (_, product) => bought(product))
    expect(alike(history).value(6)).toBe(0)
    expect(alike(history.toReversed()).value(6)).toBe(1)
  })

  test('puts the most similar first', () => {
    expect(scoresOf([bought(0)]).best!(2)).toEqual([0, 1])
  })

  test('adds ln(1.01 / (1.01 − v)) to its categories alone', () => {
    const calibrated = [calibrate(1), calibrate(model.content.data[2]), 0, 0, 0]
    expect(added(scoresOf([bought(0)]), 5)).toEqual(threefold(calibrated))
    expect(added(scoresOf([bought(4)]), 5)).toEqual([0, 0, 0, 0, 0])
  })

  test('adds just what its values make, to the last bit, and puts first the greatest of them', () => {
    const unit = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 4, maxLength: 4 })
    const product = fc.record({
      features: fc.option(unit.filter((row) => row.some((value) => value !== 0))),
      category: fc.integer({ min: -1, max: 2 }),
    })
    fc.assert(
      fc.property(
        fc.array(product, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 9 }),
        fc.nat(12),
        (products, chosen, limit) => {
          const some = smallModel({
            factors: products.map(() => [1]),
            features: [...products.map(({ features }) => features), [1, 0, 0, 0]],
            categories: [...products.map(({ category }) => category), -1],
          })
          const history = [...new Set(chosen.map((number) => number % products.length))].map((at) =>
            bought(at),
          )
          const scores = scoresIn(some)(history)
          const calibrated = products.map((_, at) => calibrate(Math.min(1, scores.value(at) ?? 0)))
          expect(products.map((_, at) => scores.calibrated(at))).toEqual(calibrated)
          expect(added(scores, products.length)).toEqual(threefold(calibrated))
          const ranked = products
            .flatMap((_, at) => {
              const value = scores.value(at)
              return value === null ? [] : [{ at, value: Math.min(1, value) }]
            })
            .sort((a, b) => b.value - a.value || a.at - b.at)
          expect(scores.best!(limit)).toEqual(ranked.slice(0, limit).map(({ at }) => at))
        },
      ),
    )
  })
})
