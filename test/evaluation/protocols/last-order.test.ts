import { describe, expect, test } from 'vitest'
import { lastOrderTrial } from '../../../src/evaluation/protocols/last-order.ts'
import { TrialError } from '../../../src/evaluation/trial.ts'
import { type Sale, type Shelf, smallShop } from '../../model/small-shop.ts'
import { named, purchases } from './named.ts'

const SALES: readonly Sale[] = [
  { customer: 'ann', product: 'c', day: 9, order: 'ann 2' },
  { customer: 'ann', product: 'a', day: 9, order: 'ann 2' },
  { customer: 'ann', product: 'a', day: 1, order: 'ann 1' },
  { customer: 'ann', product: 'b', day: 1, order: 'ann 1' },
  { customer: 'bob', product: 'c', day: 3, order: 'bob 1' },
  { customer: 'cat', product: 'a', day: 4, order: 'cat 1' },
  { customer: 'cat', product: 'a', day: 5, order: 'cat 2' },
  { customer: 'dan', product: 'b', day: 6, order: 'dan 1' },
  { customer: 'dan', product: 'x', day: 7, order: 'dan 2' },
  { customer: 'eve', product: 'a', day: 8, order: 'eve 1' },
  { customer: 'eve', product: 'b', day: 8, order: 'eve 2' },
]

function trial(task: 'discovery' | 'next-order', keepCatalogue = false, shelf: Shelf = {}) {
  return lastOrderTrial(smallShop(SALES, shelf), { task, keepCatalogue })
}

describe('The last-order protocol', () => {
  test('trains on everything but the last order of each customer who has two', () => {
    expect(purchases(trial('discovery').train)).toEqual([
      'ann a',
      'ann b',
      'bob c',
      'cat a',
      'dan b',
      'eve a',
    ])
  })

  test('asks for what was new in it (discovery)', () => {
    expect(named(trial('discovery'))).toEqual([
      { customer: 'ann', history: ['a', 'b'], day: 9, find: ['c'] },
      { customer: 'eve', history: ['a'], day: 8, find: ['b'] },
    ])
    expect(trial('discovery').leftOut).toEqual({
      'customers with nothing left to find': 2, // cat and dan
      'held-out purchases of products that training does not know': 1, // x
      'held-out purchases of products bought before': 2, // a by ann and by cat
    })
  })

  test('asks for all of it (next order)', () => {
    expect(named(trial('next-order'))).toEqual([
      { customer: 'ann', history: ['a', 'b'], day: 9, find: ['a', 'c'] },
      { customer: 'cat', history: ['a'], day: 5, find: ['a'] },
      { customer: 'eve', history: ['a'], day: 8, find: ['b'] },
    ])
  })

  test('asks for products nobody else bought, too, where the catalogue is kept', () => {
    const { train, leftOut } = trial('next-order', true)
    expect(train.products.size).toBe(4)
    expect(leftOut).toEqual({})
    expect(named(trial('next-order', true))).toContainEqual({
      customer: 'dan',
      history: ['b'],
      day: 7,
      find: ['x'],
    })
  })

  test('takes of two orders at one time the one that is named later', () => {
    expect(purchases(trial('discovery').train)).toContain('eve a')
    const swapped = smallShop([...SALES.slice(0, 9), SALES[10], SALES[9]])
    const { train } = lastOrderTrial(swapped, { task: 'discovery' })
    expect(purchases(train)).toContain('eve b')
  })

  test('leaves orders of unknown time in training, and out customers who have no other', () => {
    const sales = [
      ...SALES,
      { customer: 'bob', product: 'b', order: 'bob 2' },
      { customer: 'fay', product: 'a', order: 'fay 1' },
      { customer: 'gil', product: 'c', day: 2 },
      { customer: 'fay', product: 'b', order: 'fay 2' },
    ]
    const found = lastOrderTrial(smallShop(sales), { task: 'next-order' })
    expect(purchases(found.train)).toEqual(expect.arrayContaining(['bob b', 'fay a', 'fay b']))
    // Bob's one order of known time is his last.
    expect(named(found)).toHaveLength(4)
    expect(named(found)[1]).toEqual({ customer: 'bob', history: ['b'], day: 3, find: ['c'] })
    expect(found.leftOut).toMatchObject({ 'customers with several orders, none of known time': 1 })
  })

  test('does not train on segments that the shop made of whole histories', () => {
    const segments = { name: 'segment', labels: ['back'], codes: Int32Array.of(0, -1, 0, 0, 0) }
    expect(trial('discovery', false, { segments }).train).not.toHaveProperty('segments')
    expect(trial('discovery', false, { segments }).train).toEqual(trial('discovery').train)
  })

  test('needs times, and somebody who came back', () => {
    const timeless = smallShop([{ customer: 'ann', product: 'a' }])
    expect(() => lastOrderTrial(timeless, { task: 'discovery' })).toThrow(TrialError)
    expect(() => lastOrderTrial(timeless, { task: 'discovery' })).toThrow(/the data states no times/)
    const once = smallShop([{ customer: 'ann', product: 'a', day: 1 }])
    expect(() => lastOrderTrial(once, { task: 'discovery' })).toThrow(/there is nobody to test/)
  })
})
