import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Choice } from '../../src/engine/conditional-logit.ts'
import { fitConditionalLogit } from '../../src/engine/conditional-logit.ts'

/** A choice between two products that differ by 1 in their one value. */
const between = (chosen: 0 | 1): Choice => ({ values: Float64Array.of(1, 0), chosen: [chosen] })

describe('a conditional logit', () => {
  test('of one value is the log-odds of the choices', () => {
    // Three of four chose the product of the greater value: odds of 3, and next to no prior.
    const [weight] = fitConditionalLogit([between(0), between(0), between(0), between(1)], [0], 1e-9)
    expect(weight).toBeCloseTo(Math.log(3), 6)
  })

  test('leaves a weight at 0 where the choices speak against it', () => {
    expect(fitConditionalLogit([between(0), between(1), between(1)], [0.5], 1e-9)).toEqual([0])
  })

  test('keeps the prior where there is nothing to learn from', () => {
    expect(fitConditionalLogit([], [0.3, 0], 5)).toEqual([0.3, 0])
    const alike: Choice = { values: Float64Array.of(7, 1, 7, 1), chosen: [0] }
    expect(fitConditionalLogit([alike], [0.3, 0], 5)).toEqual([0.3, 0])
  })

  test('splits a choice of several products evenly among them', () => {
    const both: Choice = { values: Float64Array.of(1, 0), chosen: [0, 1] }
    const [weight] = fitConditionalLogit([both, between(0)], [0], 1e-9)
    expect(weight).toBeCloseTo(Math.log(3), 6)
  })

  test('ends where no weight can be moved to a greater posterior', () => {
    const value = fc.integer({ min: -16, max: 16 }).map((eighths) => eighths / 8)
    const choice = fc
      .tuple(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 6 }), fc.nat())
      .map(([rows, at]): Choice => ({ values: Float64Array.from(rows.flat()), chosen: [at % rows.length] }))
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 8 }), (choices) => {
        const prior = [0.5, 0.1]
        const loss = (w: readonly number[]) =>
          choices.reduce(
            (total, { values, chosen: [row] }) => {
              const scores = Array.from(
                { length: values.length / 2 },
                (_, j) => w[0] * values[2 * j] + w[1] * values[2 * j + 1],
              )
              return total + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - scores[row]), 0))
            },
            w.reduce((sum, weight, k) => sum + (weight - prior[k]) ** 2 / 2, 0),
          )
        const fitted = fitConditionalLogit(choices, prior, 1)
        for (const [k, step] of [
          [0, 1e-3],
          [0, -1e-3],
          [1, 1e-3],
          [1, -1e-3],
        ]) {
          const moved = fitted.map((weight, i) => Math.max(0, weight + (i === k ? step : 0)))
          expect(loss(moved)).toBeGreaterThanOrEqual(loss(fitted) - 1e-9)
        }
      }),
    )
  })
})
