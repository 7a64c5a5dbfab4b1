import { describe, expect, test } from 'vitest'
import { contentColumns } from '../../src/model/content-columns.ts'
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

  test('put measures on a logarithmic scale, the unknown at the mean', () => {
    // ln 10, ln 100, ln 1000 are equally far apart: −√(3/2), 0, √(3/2).
    expect([...numeric[0].values]).toEqual(close([-Math.sqrt(1.5), 0, Math.sqrt(1.5), 0]))
  })

  test('have the price among them', () => {
    expect(numeric[1].name).toBe('price')
    expect([...numeric[1].values]).toEqual(close([0, -1, 1, 0]))
  })

  test('leave out a measure that never varies', () => {
    expect(numeric.map(({ name }) => name)).toEqual(['weight', 'price'])
  })

  test('take negative measures as far below 0 as positive ones above', () => {
    const shop = smallShop([sale], { products: ['p0', 'p1'], measures: { temperature: { p0: -20, p1: 20 } } })
    expect([...contentColumns(shop, new Float64Array(2), 'one-hot').numeric[0].values]).toEqual([-1, 1])
  })
})
