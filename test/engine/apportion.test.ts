import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apportion } from '../../src/engine/apportion.ts'

describe('apportion', () => {
  test('leaves terms that sum to the total as they are', () => {
    expect(apportion(1, [3, -2])).toEqual([3, -2])
  })

  test('divides a total in proportion to parts that do not', () => {
    expect(apportion(9, [1, 2])).toEqual([3, 6])
  })

  test('lays what is missing on the terms by their size, whatever their sign', () => {
    expect(apportion(2, [3, -2])).toEqual([3.6, -1.6])
  })

  test('divides equally where no term says anything', () => {
    expect(apportion(1, [0, 0])).toEqual([0.5, 0.5])
    expect(apportion(1, [])).toEqual([])
  })

  test('always sums to the total', () => {
    const number = fc.integer({ min: -1e6, max: 1e6 }).map((eighths) => eighths / 8)
    fc.assert(
      fc.property(number, fc.array(number, { minLength: 1, maxLength: 20 }), (total, terms) => {
        const sum = apportion(total, terms).reduce((all, amount) => all + amount, 0)
        const size = terms.reduce((all, term) => all + Math.abs(term), Math.abs(total))
        expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-13 * size)
      }),
    )
  })
})
