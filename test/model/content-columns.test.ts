import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { contentColumns, measureOf } from '../../src/model/content-columns.ts'
import { smallShop } from './small-shop.ts'

const sale = { customer: 'c', product: 'p0' }
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6))

describe('label-encoded columns', () => {
  const dataset = smallShop([sale], {
    products: ['p0', 'p1', 'p2', 'p3'],
    categories: { p0: 'toys', p1: 'art', p3: 'toys' },
    measures: { weight: { p0: 4, p2: 4 } },
  })

  test('rank the category among the sorted names, blanks being "unknown", and standardise it', () => {
    const { categorical, numeric } = contentColumns(dataset, new Float64Array(4), 'label-encoded')
    expect(categorical).toEqual([])
    expect(numeric.map(({ name }) => name)).toEqual(['category_encoded', 'weight'])
    // art 0, toys 1, unknown 2: ranks 1, 0, 2, 1 of mean 1 and variance 1/2.
    expect([...numeric[0].values]).toEqual(close([0, -Math.SQRT2, Math.SQRT2, 0]))
  })

  test('fill blank measures with 0 before they are standardised', () => {
    const { numeric } = contentColumns(dataset, new Float64Array(4), 'label-encoded')
    // 4, 0, 4, 0: mean 2, deviation 2.
    expect([...numeric[1].values]).toEqual([1, -1, 1, -1])
  })

  test('take untranslated categories for "unknown"', () => {
    const category = { ...dataset.category, untranslated: ['art'] }
    const { numeric } = contentColumns({ ...dataset, category }, new Float64Array(4), 'label-encoded')
    // toys 0, unknown 1: ranks 0, 1, 1, 0.
    expect([...numeric[0].values]).toEqual([-1, 1, 1, -1])
  })
})

describe('one-hot columns', () => {
  const dataset = smallShop([sale], {
    products: ['p0', 'p1', 'p2', 'p3'],
    categories: { p0: 'toys' },
    measures: { weight: { p0: 9, p1: 99, p2: 999 }, wheels: { p0: 4, p1: 4, p2: 4, p3: 4 } },
  })
  const { categorical, numeric } = contentColumns(dataset, Float64Array.of(NaN, 1, 3, NaN), 'one-hot')

  test('keep the category as it is', () => {
    expect(categorical).toEqual([dataset.category])
  })

  test('put measures on a logarithmic scale, the unknown left so', () => {
    // ln 10, ln 100, ln 1000 are equally far apart: −√(3/2), 0, √(3/2).
    expect([...numeric[0].values]).toEqual([...close([-Math.sqrt(1.5), 0, Math.sqrt(1.5)]), NaN])
  })

  test('keep the scale, so that measures can be told in the shop’s own unit', () => {
    expect(numeric[0].logScale).toEqual({
      mean: expect.closeTo(Math.log(100), 12),
      deviation: expect.closeTo(Math.log(10) * Math.sqrt(2 / 3), 12),
    })
    expect([0, 1, 2, 3].map((product) => measureOf(numeric[0], product))).toEqual([9, 99, 999, null])
  })

  test('have the price among them', () => {
    expect(numeric[1].name).toBe('price')
    expect([...numeric[1].values]).toEqual([NaN, ...close([-1, 1]), NaN])
  })

  test('leave out a measure that never varies', () => {
    expect(numeric.map(({ name }) => name)).toEqual(['weight', 'price'])
  })

  test('take negative measures as far below 0 as positive ones above', () => {
    const shop = smallShop([sale], { products: ['p0', 'p1'], measures: { temperature: { p0: -20, p1: 20 } } })
    expect([...contentColumns(shop, new Float64Array(2), 'one-hot').numeric[0].values]).toEqual([-1, 1])
  })
})

describe('a measure', () => {
  test('is what the shop said, to nine digits, whatever its sign and size', () => {
    const measures = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 2, maxLength: 9 })
    fc.assert(
      fc.property(measures, fc.integer({ min: 0, max: 3 }), (wholes, decimals) => {
        const values = wholes.map((whole) => whole / 10 ** decimals)
        fc.pre(new Set(values).size > 1)
        const products = values.map((_, product) => `p${product}`)
        const weight = Object.fromEntries(values.map((value, product) => [`p${product}`, value]))
        const dataset = smallShop([sale], { products, measures: { weight } })
        const { numeric } = contentColumns(dataset, new Float64Array(values.length), 'one-hot')
        expect(values.map((_, product) => measureOf(numeric[0], product))).toEqual(
          values.map((value) => Number(value.toPrecision(9))),
        )
      }),
    )
  })

  test('is not told of label-encoded columns, where a blank and a 0 are the same', () => {
    const dataset = smallShop([sale], { products: ['p0', 'p1'], measures: { weight: { p0: 4, p1: 9 } } })
    const { numeric } = contentColumns(dataset, new Float64Array(2), 'label-encoded')
    expect(measureOf(numeric[1], 0)).toBeNull()
  })
})
