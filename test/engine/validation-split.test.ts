import { describe, expect, test } from 'vitest'
import { holdOutLastOrders } from '../../src/engine/validation-split.ts'
import { smallShop } from '../model/small-shop.ts'

const DAY = 86_400_000

const shop = smallShop([
  { customer: 'ana', product: 'tea', day: 10, order: 'a1', price: 3, quantity: 2 },
  { customer: 'bo', product: 'tea', day: 1, order: 'b1' },
  { customer: 'ana', product: 'pot', day: 30, order: 'a3' },
  { customer: 'ana', product: 'cup', day: 20, order: 'a2' },
  { customer: 'ana', product: 'tea', day: 30, order: 'a3' },
  { customer: 'cy', product: 'pot', day: 5, order: 'c1' },
  { customer: 'cy', product: 'cup', order: 'c2' },
])
const [tea, cup, pot] = ['tea', 'cup', 'pot'].map((sku) => shop.products.indexOf(sku))
const [ana, , cy] = ['ana', 'bo', 'cy'].map((id) => shop.customers.indexOf(id))

describe('holding out last orders', () => {
  const { train, lastOrders } = holdOutLastOrders(shop, 10)

  test('takes the latest order of each customer with several, one of unknown time being early', () => {
    expect(lastOrders).toEqual([
      { customer: ana, at: 30 * DAY, products: [tea, pot].toSorted((a, b) => a - b) },
      { customer: cy, at: 5 * DAY, products: [pot] },
    ])
  })

  test('leaves nothing of them to learn from', () => {
    expect(train.interactions).toMatchObject({
      count: 4,
      product: Uint32Array.of(tea, tea, cup, cup),
      order: Uint32Array.of(0, 1, 2, 3),
      quantity: Float32Array.of(2, 1, 1, 1),
      price: Float64Array.of(3, NaN, NaN, NaN),
    })
    expect(train.orders).toEqual({
      count: 4,
      customer: Uint32Array.of(0, 1, 0, 2),
      timestamp: Float64Array.of(10 * DAY, DAY, 20 * DAY, NaN),
    })
    expect(train.customers).toBe(shop.customers)
    expect(train.products).toBe(shop.products)
  })

  test('of too many customers takes some at even distances, and leaves the others whole', () => {
    const some = holdOutLastOrders(shop, 1)
    expect(some.lastOrders.map(({ customer }) => customer)).toEqual([ana])
    expect(some.train.interactions.count).toBe(5)
  })

  test('takes none where nobody came back', () => {
    const once = smallShop([{ customer: 'ana', product: 'tea' }])
    const split = holdOutLastOrders(once, 10)
    expect(split.lastOrders).toEqual([])
    expect(split.train.interactions).toEqual(once.interactions)
  })
})
