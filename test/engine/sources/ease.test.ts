import { describe, expect, test } from 'vitest'
import { easeSource } from '../../../src/engine/sources/ease.ts'
import { smallModel } from '../small-model.ts'
import { added, bought, customerOf, indexesOf } from './asking.ts'

describe('the linear item-item source', () => {
  // Ana and Bo bought 0 and 1, Cy 0 and 2.
  const source = easeSource(
    indexesOf(
      smallModel({
        factors: [[1], [1], [1], [1]],
        features: [[1], [1], [1], [1]],
        purchases: [
          { 0: 1, 1: 9 },
          { 0: 1, 1: 1 },
          { 0: 1, 2: 1 },
        ],
        itemWeights: [{ 1: 0.5, 2: 0.25 }, { 0: 0.75, 2: -0.5 }, { 0: 0.125 }],
      }),
    ),
  )
  const scoresOf = (...products: number[]) =>
    source.scores(customerOf(products.map((product) => bought(product, product + 1))))

  test('is the sum of the weights that the purchases have, however often they were made', () => {
    expect([0, 1, 2].map((product) => scoresOf(0, 1).value(product))).toEqual([0.75, 0.5, -0.25])
    expect([0, 1, 2].map((product) => scoresOf(0, 1).calibrated(product))).toEqual([0.75, 0.5, -0.25])
  })

  test('says nothing of products that no purchase has a weight for', () => {
    expect(scoresOf(0).value(3)).toBeNull()
    expect(scoresOf(3).value(0)).toBeNull()
    expect(scoresOf(0).calibrated(3)).toBe(0)
  })

  test('adds what its values make, of either sign, and states the least', () => {
    expect(added(scoresOf(0, 1), 4)).toEqual([2.25, 1.5, -0.75, 0])
    expect(scoresOf(0, 1).least).toBe(-0.25)
    expect(scoresOf(0).least).toBe(0)
  })

  test('proposes what it says anything of, the best first', () => {
    expect(scoresOf(0, 1).best!(9)).toEqual([0, 1, 2])
    expect(scoresOf(0).best!(1)).toEqual([1])
  })

  test('divides its contribution among the purchases by their own weights', () => {
    const causes = scoresOf(0, 1).causes(2, { source: 'ease', value: -0.25, weight: 4, contribution: -1 })
    expect(causes).toEqual([
      { kind: 'TASTE', amount: 1, purchase: bought(0, 1) },
      { kind: 'TASTE', amount: -2, purchase: bought(1, 2) },
    ])
  })

  test('leaves out what too few customers bought together', () => {
    const scores = source.scores({ ...customerOf([bought(0), bought(1)]), leastCustomers: 2 })
    expect([0, 1, 2].map((product) => scores.value(product))).toEqual([0.75, 0.5, null])
  })
})
