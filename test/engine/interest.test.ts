import { describe, expect, test } from 'vitest'
import type { Interest } from '../../src/engine/interest.ts'
import { fadedInterest, interestIn } from '../../src/engine/interest.ts'
import { DAY } from './small-model.ts'

const view = (product: number, day: number): Interest => ({ product, kind: 'VIEW', at: day * DAY })
const cart = (product: number, day: number): Interest => ({ product, kind: 'CART', at: day * DAY })
const bought = (product: number, day: number | null) => ({
  product,
  quantity: 1,
  purchasedAt: day === null ? null : day * DAY,
})

describe('interest', () => {
  test('has each product once a kind, as of its latest event, the latest first', () => {
    expect(interestIn([view(1, 5), view(2, 7), view(1, 9), cart(1, 8), view(1, 6)])).toEqual([
      view(1, 9),
      cart(1, 8),
      view(2, 7),
    ])
  })

  test('ends with a purchase of the product, and may begin again after it', () => {
    const events = [view(1, 5), cart(1, 6), view(2, 5), view(3, 7)]
    expect(interestIn(events, [bought(1, 6), bought(2, 4), bought(3, null)])).toEqual([
      view(3, 7),
      view(2, 5),
    ])
    expect(interestIn([...events, view(1, 6.5)], [bought(1, 6)])).toContainEqual(view(1, 6.5))
  })

  test('is none in what may not be in a list', () => {
    expect(interestIn([view(1, 5), cart(2, 6)], [], [2])).toEqual([view(1, 5)])
  })

  test('halves every three days, counts in full from its moment on, and nothing after 30 days', () => {
    const all = [view(1, 31), view(2, 30), view(3, 27), view(4, 0), view(5, -0.001)]
    expect(fadedInterest(all, 30 * DAY).map(({ product, weight }) => [product, weight])).toEqual([
      [1, 1],
      [2, 1],
      [3, 0.5],
      [4, 2 ** -10],
    ])
  })
})
