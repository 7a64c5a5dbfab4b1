import { describe, expect, test } from 'vitest'
import { sharedAttributes } from '../../src/engine/resemblance.ts'
import { contentColumns } from '../../src/model/content-columns.ts'
import { smallShop } from '../model/small-shop.ts'
import { smallModel } from './small-model.ts'

/** Weights of 9, 99 and 999 are far apart; 120 is near 99; and of the last product nothing is known. */
const dataset = smallShop([{ customer: 'c', product: 'p0' }], {
  products: ['p0', 'p1', 'p2', 'p3', 'p4'],
  categories: { p0: 'toys', p1: 'toys', p2: 'art', p3: 'art' },
  measures: { weight: { p0: 9, p1: 99, p2: 999, p3: 120 }, wheels: { p0: 4, p1: 2, p2: 2, p3: 2 } },
})
const brand = { name: 'brand', labels: ['acme', 'oak'], codes: Int32Array.of(1, 1, 0, -1, -1) }

function modelOf(encoding: 'one-hot' | 'label-encoded') {
  const columns = contentColumns(
    { ...dataset, categorical: [brand] },
    new Float64Array(5).fill(NaN),
    encoding,
  )
  const nothing = Array.from({ length: 5 }, () => null)
  const model = smallModel({ factors: nothing, features: nothing, contentColumns: columns })
  return { ...model, category: dataset.category }
}

describe('what two products have in common', () => {
  const model = modelOf('one-hot')

  test('are the same labels, the category first', () => {
    expect(sharedAttributes(model, 0, 1)).toEqual([
      { attribute: 'category', value: 'toys', purchasedValue: 'toys' },
      { attribute: 'brand', value: 'oak', purchasedValue: 'oak' },
    ])
  })

  test('are measures that are near, in the shop’s own unit, the nearest first', () => {
    expect(sharedAttributes(model, 3, 1)).toEqual([
      { attribute: 'wheels', value: 2, purchasedValue: 2 },
      { attribute: 'weight', value: 120, purchasedValue: 99 },
    ])
  })

  test('are not what is unknown of either', () => {
    expect(sharedAttributes(model, 4, 3)).toEqual([])
    expect(sharedAttributes(model, 3, 4)).toEqual([])
    expect(sharedAttributes(model, 4, 4)).toEqual([])
  })

  test('are labels alone where content is compared as the notebook did: a blank counts as 0 there', () => {
    expect(sharedAttributes(modelOf('label-encoded'), 3, 2)).toEqual([
      { attribute: 'category', value: 'art', purchasedValue: 'art' },
    ])
  })
})
