import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentCosine, contentFeatures } from '../../src/model/content.ts'
import type { ContentFeatures } from '../../src/model/model.ts'

const row = ({ columns, data }: ContentFeatures, product: number) =>
  Array.from(data.subarray(product * columns, (product + 1) * columns))
/** Of rows that are of unit length. */
function cosine(features: ContentFeatures, a: number, b: number): number {
  const other = row(features, b)
  return row(features, a).reduce((sum, value, d) => sum + value * other[d], 0)
}
const column = (name: string, labels: string[], codes: number[]) => ({
  name,
  labels,
  codes: Int32Array.from(codes),
})

describe('contentFeatures', () => {
  test('a category counts as much as all measures together', () => {
    const features = contentFeatures(
      {
        categorical: [column('category', ['a', 'b'], [0, 1])],
        numeric: [
          { name: 'weight', values: Float64Array.of(-1, 1) },
          { name: 'price', values: Float64Array.of(-1, 1) },
        ],
      },
      2,
    )
    // [1, 0, −1/√2, −1/√2] and [0, 1, 1/√2, 1/√2], each of length √2.
    const [category, measure] = [Math.SQRT1_2, 0.5]
    expect(features.columns).toBe(4)
    expect(row(features, 0)).toEqual(
      [category, 0, -measure, -measure].map((value) => expect.closeTo(value, 12)),
    )
    expect(row(features, 1)).toEqual(
      [0, category, measure, measure].map((value) => expect.closeTo(value, 12)),
    )
  })

  test('a product of which nothing is known has an all-zero row', () => {
    const columns = {
      categorical: [column('category', ['a'], [-1, 0])],
      numeric: [{ name: 'weight', values: Float64Array.of(NaN, 1) }],
    }
    expect(row(contentFeatures(columns, 2), 0)).toEqual([0, 0])
  })

  test('a shop that says nothing of its products has a column of zeros', () => {
    const nothing = contentFeatures({ categorical: [column('category', [], [-1, -1])], numeric: [] }, 2)
    expect(nothing).toEqual({ rows: 2, columns: 1, data: new Float64Array(2) })
  })

  test('up to 128 labels have a dimension each', () => {
    const labels = Array.from({ length: 128 }, (_, i) => `label ${i}`)
    const features = contentFeatures({ categorical: [column('brand', labels, [0, 127])], numeric: [] }, 2)
    expect(features.columns).toBe(128)
    expect(cosine(features, 0, 1)).toBe(0)
  })

  describe('more labels', () => {
    const labels = Array.from({ length: 2000 }, (_, i) => `brand ${i}`)
    // Two products of each brand but the last, and one of none.
    const codes = [...labels.keys(), ...labels.keys(), -1].filter((code) => code < 1999)
    const features = contentFeatures(
      {
        categorical: [
          column(
            'category',
            ['a', 'b'],
            codes.map((code) => code % 2),
          ),
          column('brand', labels, codes),
        ],
        numeric: [],
      },
      codes.length,
    )

    test('are kept as one code a product', () => {
      expect(features.columns).toBe(2)
      expect(features.labels!.columns).toEqual([Int32Array.from(codes)])
    })

    test('make products of different labels exactly unlike, and of the same exactly alike', () => {
      const twin = 1999
      // Category and brand shared; the category alone; neither.
      expect(contentCosine(features, 0, twin)).toBeCloseTo(1, 15)
      expect(contentCosine(features, 0, 2)).toBeCloseTo(1 / 2, 15)
      expect(contentCosine(features, 0, 1)).toBe(0)
      expect(contentCosine(features, 0, codes.length - 1)).toBe(0)
    })

    test('are as many further columns of a row of unit length', () => {
      for (const product of [0, 77, codes.length - 1]) {
        const known = codes[product] < 0 ? 0 : 1
        expect(contentCosine(features, product, product)).toBeCloseTo(known, 12)
      }
    })
  })

  test('rows are of unit length, or 0', () => {
    const product = fc.record({
      code: fc.integer({ min: -1, max: 2 }),
      weight: fc.double({ min: -9, max: 9, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(product, { minLength: 1 }), (products) => {
        const codes = products.map(({ code }) => code)
        const weights = Float64Array.from(products, ({ weight }) => weight)
        const features = contentFeatures(
          {
            categorical: [column('category', ['a', 'b', 'c'], codes)],
            numeric: [{ name: 'weight', values: weights }],
          },
          products.length,
        )
        products.forEach(({ code, weight }, i) => {
          // Squares of numbers as small as 1e-160 are 0: such a row is as good as unknown.
          if (code < 0 && Math.abs(weight) < 1e-100) return
          expect(Math.sqrt(cosine(features, i, i))).toBeCloseTo(1, 12)
        })
      }),
    )
  })
})
