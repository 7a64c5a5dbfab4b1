import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProductSums, valuesIn } from '../../src/engine/product-sums.ts'

const SIZE = 70
const additions = fc.array(fc.tuple(fc.nat(SIZE - 1), fc.integer({ min: -9, max: 9 })))

test('sums are those of a map, products ascending, and gone once they are taken', () => {
  const sums = new ProductSums(SIZE)
  fc.assert(
    fc.property(additions, fc.array(fc.nat(SIZE - 1)), (added, dropped) => {
      const expected = new Map<number, number>()
      for (const [product, amount] of added) {
        sums.add(product, amount)
        expected.set(product, (expected.get(product) ?? 0) + amount)
      }
      for (const product of dropped) {
        sums.drop(product)
        expected.delete(product)
      }
      const taken = sums.take()
      const products = [...expected.keys()].sort((a, b) => a - b)
      expect([...(taken.products as Uint32Array)]).toEqual(products)
      expect([...(taken.values as Float64Array)]).toEqual(products.map((product) => expected.get(product)))
      for (let product = 0; product < SIZE; product++) {
        expect(taken.of(product)).toBe(expected.get(product))
        expect(valuesIn(expected).of(product)).toBe(expected.get(product))
      }
      expect(sums.take().products).toHaveLength(0)
    }),
  )
})
