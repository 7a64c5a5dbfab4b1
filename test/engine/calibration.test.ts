import { atOnce } from '../../src/kernels/pieces.ts'
import { describe, expect, test } from 'vitest'
import { calibrate } from '../../src/engine/calibration.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'

const kernels = referenceKernels()

describe('calibrate', () => {
  // Rows (1, 0), (3, 4) and one that is not covered: mean (2, 2), deviations (∓1, ∓2).
  const vectors = { columns: 2, data: Float64Array.of(1, 0, 0, 0, 3, 4) }
  const calibration = atOnce(calibrate(kernels, vectors, Uint8Array.of(1, 0, 1)))

  test('centres the rows that are covered, and leaves the others 0', () => {
    const rows = new Float32Array(6)
    calibration.centred.read(0, 3, rows)
    expect(rows).toEqual(Float32Array.of(-1, -2, 0, 0, 1, 2))
    expect([0, 1, 2].map((row) => calibration.centred.innerProduct([3, 5], row))).toEqual([-13, 0, 13])
  })

  test.each([
    [[1, 0], 1],
    [[0, 1], 2],
    [[2, 3], 8],
  ])('the scores of the query %o deviate by %d', (query, deviation) => {
    expect(calibration.deviation(query)).toBeCloseTo(deviation, 6)
  })

  test('a query that scores all products alike has the deviation 1', () => {
    expect(calibration.deviation([2, -1])).toBe(1)
    expect(calibration.deviation([0, 0])).toBe(1)
  })

  test('the rounding of a mean is no difference', () => {
    const same = { columns: 1, data: new Float64Array(10).fill(0.1) }
    expect(atOnce(calibrate(kernels, same, new Uint8Array(10).fill(1))).deviation([1e6])).toBe(1)
  })
})
