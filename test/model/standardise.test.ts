import { describe, expect, test } from 'vitest'
import { scaleOf, standardise } from '../../src/model/standardise.ts'

describe('standardise', () => {
  test('gives mean 0 and population deviation 1', () => {
    // Mean 5, deviations −3, −1, −1, −1, 0, 0, 2, 4: variance 32/8 = 4.
    const values = Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9)
    expect([...standardise(values)]).toEqual([-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
  })

  test('puts the unknown at the mean of the known', () => {
    expect([...standardise(Float64Array.of(1, NaN, 3))]).toEqual([-1, 0, 1])
  })

  test('makes a constant column 0, however its mean is rounded', () => {
    expect(standardise(new Float64Array(10).fill(0.1))).toEqual(new Float64Array(10))
  })

  test('makes a column of which nothing is known 0', () => {
    expect([...standardise(Float64Array.of(NaN, NaN))]).toEqual([0, 0])
  })
})

describe('scaleOf', () => {
  test('gives the mean and the population deviation of the known values', () => {
    expect(scaleOf(Float64Array.of(2, 4, 4, NaN, 4, 5, 5, 7, 9))).toEqual({ mean: 5, deviation: 2 })
  })

  test('gives no deviation to a column that does not vary, or of which nothing is known', () => {
    expect(scaleOf(new Float64Array(10).fill(0.1)).deviation).toBe(0)
    expect(scaleOf(Float64Array.of(NaN))).toEqual({ mean: 0, deviation: 0 })
  })
})
