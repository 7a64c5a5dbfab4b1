import { describe, expect, test } from 'vitest'
import { holdOut } from '../../src/engine/validation-split.ts'
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
  const { train, lastOrders } = holdOut(shop, 10)

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
    const some = holdOut(shop, 1)
    expect(some.lastOrders.map(({ customer }) => customer)).toEqual([ana])
    expect(some.train.interactions.count).toBe(5)
  })

  test('takes none where nobody came back', () => {
    const once = smallShop([{ customer: 'ana', product: 'tea' }])
    const split = holdOut(once, 10)
    expect(split.lastOrders).toEqual([])
    expect(split.train.interactions).toEqual(once.interactions)
  })
})

/** So many customers who came twice for two products each, and as many who came once, for three. */
const shopOf = (twice: number, once: number) =>
  smallShop([
    ...Array.from({ length: twice }, (_, c) => [
      { customer: `u${c}`, product: `p${c % 9}`, day: 1, order: `${c}a` },
      { customer: `u${c}`, product: `p${(c + 1) % 9}`, day: 1, order: `${c}a` },
      { customer: `u${c}`, product: `p${(c + 2) % 9}`, day: c + 2, order: `${c}b` },
      { customer: `u${c}`, product: `p${(c + 3) % 9}`, day: c + 2, order: `${c}b` },
    ]).flat(),
    ...Array.from({ length: once }, (_, c) =>
      [0, 1, 2].map((i) => ({
        customer: `v${c}`,
        product: `p${(c + i) % 9}`,
        day: 7,
        order: `${c}c`,
      })),
    ).flat(),
  ])

const boughtIn = ({ interactions }: ReturnType<typeof shopOf>, customer: number) =>
  [...interactions.product].filter((_, i) => interactions.customer[i] === customer)

describe('baskets', () => {
  test('are the last orders of several products, a part of them given, the rest to be found', () => {
    const data = shopOf(60, 0)
    const { lastOrders, baskets, train } = holdOut(data, 1000)
    expect(baskets.map(({ customer }) => customer)).toEqual(lastOrders.map(({ customer }) => customer))
    for (const [c, { products, given, at }] of baskets.entries()) {
      expect([...products, ...given].toSorted((a, b) => a - b)).toEqual(lastOrders[c].products)
      expect(products).toHaveLength(1)
      expect(at).toBe((c + 2) * DAY)
    }
    expect(boughtIn(train, 0)).toHaveLength(2)
  })

  test('are of every third other customer where more are wanted, who keep the rest of their products', () => {
    const data = shopOf(30, 90)
    const { baskets, train } = holdOut(data, 1000)
    const others = baskets.slice(30)
    expect(others).toHaveLength(30)
    for (const { customer, products, given, at } of others) {
      expect(data.customers.at(customer)).toMatch(/^v/)
      expect(given).toEqual([])
      expect(at).toBe(7 * DAY)
      const left = boughtIn(train, customer)
      expect([...left, ...products].toSorted((a, b) => a - b)).toEqual(
        boughtIn(data, customer).toSorted((a, b) => a - b),
      )
      expect(left).toHaveLength(2)
    }
    expect(train.interactions.count).toBe(30 * 2 + 90 * 3 - 30)
    expect(holdOut(data, 40).baskets).toHaveLength(0)
    expect(holdOut(shopOf(60, 90), 60).baskets).toHaveLength(60)
  })

  test('are none where they would be too few to learn from, and then nothing is held out for them', () => {
    const data = shopOf(0, 90)
    const { baskets, train } = holdOut(data, 1000)
    expect(baskets).toEqual([])
    expect(train.interactions.count).toBe(270)
  })
})
