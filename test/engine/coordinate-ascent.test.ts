import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HeldOutOrder } from '../../src/engine/coordinate-ascent.ts'
import { climb, ndcgOf, scoreSpread } from '../../src/engine/coordinate-ascent.ts'

/** @param rows  the values of each candidate */
const order = (
  rows: readonly number[][],
  chosen: readonly number[],
  bought = chosen.length,
): HeldOutOrder => ({
  values: Float64Array.from(rows.flat()),
  chosen,
  bought,
})

const sum = (values: Float64Array) => values.reduce((total, one) => total + one, 0)

describe('nDCG@10 of weights', () => {
  test('is 1 where what was bought comes first, and 1/log₂(rank + 1) of it further down', () => {
    const rows = [[3], [2], [1]]
    expect([...ndcgOf([order(rows, [0]), order(rows, [1]), order(rows, [2])], [1])]).toEqual([
      1,
      1 / Math.log2(3),
      1 / Math.log2(4),
    ])
  })

  test('counts what was bought but is no candidate as not found', () => {
    const [found] = ndcgOf([order([[1], [0]], [0], 2)], [1])
    expect(found).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 12)
  })

  test('ranks ties by row, and counts ten places', () => {
    const rows = Array.from({ length: 12 }, () => [1])
    expect([...ndcgOf([order(rows, [9]), order(rows, [10])], [1])]).toEqual([1 / Math.log2(11), 0])
  })
})

test('the spread of scores is the mean over the cases of their standard deviation', () => {
  // Scores 2, 6 deviate by 2 from their mean; 5 alone by nothing.
  const cases = [
    order(
      [
        [1, 9],
        [3, 9],
      ],
      [0],
    ),
    order([[2.5, 9]], [0]),
  ]
  expect(scoreSpread(cases, [2, 0])).toBe(1)
})

describe('coordinate ascent', () => {
  test('finds the one column that ranks what was bought first', () => {
    // The first column is the more spread out, and says the opposite.
    const cases = Array.from({ length: 20 }, (_, c) =>
      order(
        [
          [9, 0],
          [5, c % 2],
          [0, 2],
        ],
        [2],
      ),
    )
    const weights = climb(cases, [1, 0])
    expect([...ndcgOf(cases, weights)]).toEqual(cases.map(() => 1))
  })

  test('keeps its start where there is nothing to climb on', () => {
    expect([...climb([], [0.5, 2])]).toEqual([0.5, 2])
    expect([
      ...climb(
        [
          order(
            [
              [1, 1],
              [1, 1],
            ],
            [1],
          ),
        ],
        [0.5, 2],
      ),
    ]).toEqual([0.5, 2])
  })

  test('never ends below its start, nor with a weight below 0, and the same again', () => {
    const value = fc.integer({ min: -16, max: 16 }).map((eighths) => eighths / 8)
    const anyCase = fc
      .tuple(fc.array(fc.tuple(value, value, value), { minLength: 2, maxLength: 15 }), fc.nat())
      .map(([rows, at]) => order(rows, [at % rows.length]))
    const start = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(anyCase, { minLength: 1, maxLength: 10 }), start, (cases, from) => {
        const weights = climb(cases, from)
        expect(sum(ndcgOf(cases, weights))).toBeGreaterThanOrEqual(sum(ndcgOf(cases, from)) - 1e-12)
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
        expect(climb(cases, from)).toEqual(weights)
      }),
    )
  })
})
