import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { greatestSize, lengthOf, toUnitLength } from '../../src/kernels/euclidean.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { scaleOf, standardise } from '../../src/model/standardise.ts'

/** Numbers of ordinary size, and the power of ten they are multiplied by: products stay within double precision. */
const ordinary = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 100, noNaN: true })), {
  minLength: 1,
  maxLength: 12,
})
const signed = ordinary.chain((values) =>
  fc
    .array(fc.constantFrom(1, -1), { minLength: values.length, maxLength: values.length })
    .map((signs) => values.map((value, i) => value * signs[i])),
)
const exponent = fc.integer({ min: -300, max: 300 })

describe('Euclidean lengths', () => {
  test('are those of (3, 4) at any size', () => {
    for (const size of [1e-300, 1e-200, 1e-160, 1, 1e160, 1e200, 1e300])
      expect(lengthOf([3 * size, 4 * size]) / size).toBeCloseTo(5, 12)
    expect(lengthOf([])).toBe(0)
    expect(lengthOf([0, 0])).toBe(0)
    expect(lengthOf([Number.MIN_VALUE])).toBe(Number.MIN_VALUE)
    expect(greatestSize([1, -3, 2])).toBe(3)
  })

  test('grow with their numbers over 1e±300', () => {
    fc.assert(
      fc.property(signed, exponent, (values, power) => {
        const factor = 10 ** power
        const scaled = lengthOf(values.map((value) => value * factor))
        expect(scaled / factor).toBeCloseTo(Math.hypot(...values), 8)
      }),
    )
  })

  test('of unit rows are 1 over 1e±300, and the direction stays', () => {
    fc.assert(
      fc.property(signed, exponent, (values, power) => {
        const plain = Float64Array.from(values)
        const scaled = plain.map((value) => value * 10 ** power)
        toUnitLength(plain)
        toUnitLength(scaled)
        const isZero = values.every((value) => value === 0)
        expect(Math.hypot(...scaled)).toBeCloseTo(isZero ? 0 : 1, 12)
        scaled.forEach((value, i) => expect(value).toBeCloseTo(plain[i], 12))
      }),
    )
  })

  test('leave the greatest and the least numbers there are at length 1', () => {
    for (const size of [Number.MAX_VALUE, Number.MIN_VALUE]) {
      const row = Float64Array.of(size, -size, size, size)
      toUnitLength(row)
      expect([...row]).toEqual([0.5, -0.5, 0.5, 0.5])
    }
  })
})

describe('cosines', () => {
  test('are the same whatever the size of the features, of both kernels', async () => {
    const wasm = await openKernels({ threads: 1 })
    const features = [1, 2, 2, 2, 1, 2, -1, 0, 3, 0, 0, 0]
    // By hand: (1,2,2)·(2,1,2) = 8 of 3·3; (1,2,2)·(−1,0,3) = 5 of 3·√10.
    const expected = [8 / 9, 5 / (3 * Math.sqrt(10)), 0]
    for (const kernels of [wasm, referenceKernels()]) {
      for (const size of [1e-300, 1e-200, 1, 1e200, 1e300]) {
        const index = kernels.openCosine(
          Float64Array.from(features, (value) => value * size),
          4,
          3,
        )
        const found = await index.topK({ items: Uint32Array.of(0), k: 3 })
        expect([...found.indices]).toEqual([1, 2, 3])
        expected.forEach((cosine, i) => expect(found.similarities[i]).toBeCloseTo(cosine, 12))
        index.close()
      }
    }
    await wasm.close()
  })
})

describe('standardised columns', () => {
  test('are the same over 1e±300', () => {
    fc.assert(
      fc.property(signed, exponent, (values, power) => {
        const plain = standardise(Float64Array.from(values))
        const scaled = standardise(Float64Array.from(values, (value) => value * 10 ** power))
        // Where hardly anything varies what is left is rounding, of either.
        const { deviation } = scaleOf(Float64Array.from(values))
        fc.pre(deviation === 0 || deviation > 1e-3)
        plain.forEach((value, i) => expect(scaled[i]).toBeCloseTo(value, 8))
      }),
    )
  })

  test('are finite of the greatest numbers of either sign', () => {
    const column = standardise(Float64Array.of(Number.MAX_VALUE, -Number.MAX_VALUE))
    expect([...column]).toEqual([1, -1])
  })
})
