import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bestAmong, bestOf } from '../../src/engine/top-products.ts'

const value = fc.oneof(fc.constantFrom(0, -0, 1, -1), fc.double({ noNaN: true, noDefaultInfinity: true }))

test('the best of some products are the first by comparing, ties to the lower index', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(60), { maxLength: 40 }).chain((products) =>
        fc.record({
          products: fc.constant(products),
          values: fc.array(value, { minLength: products.length, maxLength: products.length }),
        }),
      ),
      fc.nat(45),
      ({ products, values }, limit) => {
        const places = [...products.keys()].sort((a, b) => values[b] - values[a] || products[a] - products[b])
        const expected = places.map((place) => products[place]).slice(0, limit)
        expect(bestAmong(products, values, limit)).toEqual(expected)
        expect(
          bestOf(
            products.map((product, place) => [product, values[place]]),
            limit,
          ),
        ).toEqual(expected)
      },
    ),
    { numRuns: 500 },
  )
})
