import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { basketsOf, customersOfBoth, LARGEST_BASKET, PARTNERS } from '../../src/model/baskets.ts'
import type { Baskets } from '../../src/model/baskets.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import { smallShop } from './small-shop.ts'

/** A shop of these orders, each the products of its lines. */
function shopOf(orders: readonly (readonly number[])[], products: number): Dataset {
  const sales = orders.flatMap((lines, order) =>
    lines.map((product) => ({ customer: 'ana', product: `p${product}`, order: `o${order}` })),
  )
  return smallShop(sales, { products: Array.from({ length: products }, (_, i) => `p${i}`) })
}

/** One order's lines: each of so many products. */
function restock(products: number): number[] {
  return Array.from({ length: products }, (_, i) => i)
}

/** A product's partners and in how many orders it was bought with each. */
function partnersOf({ together: { indptr, indices, values } }: Baskets, product: number): number[][] {
  const [from, to] = [indptr[product], indptr[product + 1]]
  return Array.from({ length: to - from }, (_, i) => [indices[from + i], values[from + i]])
}

/** The same counted pair by pair, as the definition reads. */
function countedPartners(orders: readonly (readonly number[])[], products: number, product: number) {
  const holding = (...wanted: number[]) =>
    orders.filter((lines) => wanted.every((each) => lines.includes(each))).length
  const cosine = (other: number) => holding(product, other) / Math.sqrt(holding(product) * holding(other))
  return Array.from({ length: products }, (_, other) => other)
    .filter((other) => other !== product && holding(product, other) > 0)
    .sort((a, b) => holding(product, b) - holding(product, a) || cosine(b) - cosine(a) || a - b)
    .slice(0, PARTNERS)
    .map((other) => [other, holding(product, other)])
}

describe('what was bought together', () => {
  test('is counted by orders: the most first', () => {
    const baskets = basketsOf(shopOf([[0, 1], [1, 0, 2], [2, 0], [0, 1], [3]], 5))
    expect(partnersOf(baskets, 0)).toEqual([
      [1, 3],
      [2, 2],
    ])
    expect(partnersOf(baskets, 2)).toEqual([
      [0, 2],
      [1, 1],
    ])
    expect(partnersOf(baskets, 3)).toEqual([])
    // Orders of one product count among a product's orders, and products never sold have none.
    expect(baskets.orders).toEqual(Uint32Array.of(4, 3, 2, 1, 0))
  })

  test('puts the rarer product first of those bought as often with this one, then the lower index', () => {
    // 1, 2 and 3 are each in one order with 0; 1 is in two others besides, 2 and 3 in none.
    const baskets = basketsOf(shopOf([[0, 1], [0, 3], [0, 2], [1], [1]], 4))
    expect(partnersOf(baskets, 0)).toEqual([
      [2, 1],
      [3, 1],
      [1, 1],
    ])
  })

  test('counts a product once an order, however many lines name it, and never with itself', () => {
    const baskets = basketsOf(
      shopOf(
        [
          [0, 0, 1, 0, 1],
          [1, 1],
        ],
        2,
      ),
    )
    expect(partnersOf(baskets, 0)).toEqual([[1, 1]])
    expect(partnersOf(baskets, 1)).toEqual([[0, 1]])
    expect(baskets.orders).toEqual(Uint32Array.of(1, 2))
  })

  test('is nothing where every order holds one product', () => {
    const { together, orders } = basketsOf(shopOf([[0], [1], [0]], 2))
    expect(together.indptr).toEqual(Uint32Array.of(0, 0, 0))
    expect(orders).toEqual(Uint32Array.of(2, 1))
  })

  test('takes no notice of orders that hold nothing', () => {
    const shop = shopOf([[0, 1]], 2)
    const emptyToo = { ...shop, orders: { ...shop.orders, count: 3 } }
    expect(basketsOf(emptyToo)).toEqual(basketsOf(shop))
  })

  test('is the same however the lines are ordered', () => {
    const orders = [
      [4, 1, 2],
      [2, 1],
      [3, 4, 1],
    ]
    const shop = shopOf(orders, 5)
    const reversed = shopOf(orders.map((lines) => lines.toReversed()).toReversed(), 5)
    expect(basketsOf(reversed)).toEqual(basketsOf(shop))
  })

  test('is what counting every pair of every order gives, whatever was ordered', () => {
    const products = 8
    const anyOrders = fc.array(fc.array(fc.nat(products - 1), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 25,
    })
    fc.assert(
      fc.property(anyOrders, (orders) => {
        const baskets = basketsOf(shopOf(orders, products))
        for (let product = 0; product < products; product++)
          expect(partnersOf(baskets, product)).toEqual(countedPartners(orders, products, product))
      }),
    )
  })

  test(`keeps the ${PARTNERS} best of a product’s partners`, () => {
    // Product 0 is bought with each of 1 … 60 once, and with 31 … 60 once more.
    const others = Array.from({ length: 60 }, (_, i) => i + 1)
    const orders = [...others.map((other) => [0, other]), [0, ...others.slice(30)]]
    const baskets = basketsOf(shopOf(orders, 61))
    const expected = [
      ...others.slice(30).map((other) => [other, 2]),
      ...others.slice(0, 20).map((other) => [other, 1]),
    ]
    expect(partnersOf(baskets, 0)).toEqual(expected)
  })

  test(`learns nothing from orders of more than ${LARGEST_BASKET} products but that they were ordered`, () => {
    const largest = basketsOf(shopOf([restock(LARGEST_BASKET), [0, 1]], LARGEST_BASKET))
    expect(partnersOf(largest, 0).slice(0, 2)).toEqual([
      [1, 2],
      [2, 1],
    ])
    const tooLarge = basketsOf(shopOf([restock(LARGEST_BASKET + 1), [0, 1]], LARGEST_BASKET + 1))
    expect(partnersOf(tooLarge, 0)).toEqual([[1, 1]])
    expect(tooLarge.orders[0]).toBe(2)
  })

  test('of an order of 100,000 products is counted in a moment', () => {
    const size = 100_000
    const all = Uint32Array.from({ length: size }, (_, i) => i)
    const shop = shopOf([[0]], 1)
    const { together, orders } = basketsOf({
      ...shop,
      products: { ...shop.products, size } as Dataset['products'],
      interactions: { ...shop.interactions, product: all, order: new Uint32Array(size) },
    })
    expect(together.indices).toHaveLength(0)
    expect(orders).toEqual(new Uint32Array(size).fill(1))
  })
})

/** Rows × 6. @param entries  the row and column of each */
function matrix(rows: number, entries: readonly (readonly number[])[]) {
  const at = (place: number) => Uint32Array.from(entries, (entry) => entry[place])
  return csrFromTriples(rows, 6, at(0), at(1))
}

test('the customers of both products of a pair are counted as sets of customers have it', () => {
  const products = fc.uniqueArray(fc.nat(5), { maxLength: 6 })
  const pair = fc.tuple(fc.nat(5), fc.nat(5))
  fc.assert(
    fc.property(fc.array(products, { maxLength: 8 }), fc.array(pair, { maxLength: 12 }), (bought, pairs) => {
      const entries = bought.flatMap((some, customer) => some.map((product) => [customer, product]))
      const together = matrix(6, pairs)
      const expected = Array.from({ length: 6 }, (_, a) =>
        [...together.indices.subarray(together.indptr[a], together.indptr[a + 1])].map(
          (b) => bought.filter((some) => some.includes(a) && some.includes(b)).length,
        ),
      )
      expect([...customersOfBoth(together, matrix(bought.length, entries))]).toEqual(expected.flat())
    }),
  )
})

test('a shop counts who bought both, in one order or in several, each customer once', () => {
  const shop = smallShop([
    { customer: 'ana', product: 'tea', order: '1' },
    { customer: 'ana', product: 'pot', order: '1' },
    { customer: 'ana', product: 'tea', order: '2' },
    { customer: 'ana', product: 'pot', order: '2' },
    { customer: 'bo', product: 'tea', order: '3' },
    { customer: 'bo', product: 'pot', order: '4' },
    { customer: 'cy', product: 'pot', order: '5' },
  ])
  expect(basketsOf(shop)).toMatchObject({
    together: { values: Float32Array.of(2, 2) },
    customers: Uint32Array.of(2, 2),
  })
})
