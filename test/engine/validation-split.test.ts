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

describe('leaving products out by chance', () => {
  /** So many customers who came twice for two products each, and one who bought three at once. */
  const shopOf = (customers: number) =>
    smallShop([
      ...Array.from({ length: customers }, (_, c) => [
        { customer: `u${c}`, product: `p${c % 9}`, day: 1, order: `${c}a` },
        { customer: `u${c}`, product: `p${(c + 1) % 9}`, day: 1, order: `${c}a` },
        { customer: `u${c}`, product: `p${(c + 2) % 9}`, day: c + 2, order: `${c}b` },
        { customer: `u${c}`, product: `p${(c + 3) % 9}`, day: c + 2, order: `${c}b` },
      ]).flat(),
      ...['p1', 'p2', 'p3'].map((product) => ({ customer: 'once', product, day: 7, order: 'o' })),
    ])

  test('asks customers who are asked for no last order, at their latest purchase', () => {
    const data = shopOf(150)
    const { lastOrders, leftOut, train } = holdOut(data, 1000)
    const asked = lastOrders.map(({ customer }) => customer)
    const others = leftOut.map(({ customer }) => customer)
    // Every third of who came back, and who did not.
    expect(asked).toHaveLength(100)
    expect(others).toHaveLength(51)
    expect(others.filter((customer) => asked.includes(customer))).toEqual([])
    const byId = new Map(leftOut.map((one) => [data.customers.at(one.customer), one]))
    expect(byId.get('once')).toMatchObject({ at: 7 * DAY })
    expect(byId.get('u2')).toMatchObject({ at: 4 * DAY })
    for (const { customer, products } of leftOut) {
      expect(products).toHaveLength(1)
      const left = train.interactions.product.filter((_, i) => train.interactions.customer[i] === customer)
      expect(left).not.toContain(products[0])
      expect(left.length).toBeGreaterThan(1)
    }
    // Of neither order more often than chance would have it.
    const late = leftOut.filter(({ customer, products }) => {
      const number = Number(data.customers.at(customer).slice(1))
      return [2, 3].some((step) => products.includes(data.products.indexOf(`p${(number + step) % 9}`)))
    })
    expect(late.length).toBeGreaterThan(10)
    expect(late.length).toBeLessThan(40)
  })

  test('asks all who came back for their last order where they are few', () => {
    const { lastOrders, leftOut } = holdOut(shopOf(149), 1000)
    expect(lastOrders).toHaveLength(149)
    expect(leftOut).toEqual([])
  })
})
