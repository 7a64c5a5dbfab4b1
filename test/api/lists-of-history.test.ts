import { describe, expect, test } from 'vitest'
import { DAY, DAY_0, LINES, ORDERS } from './grocery.ts'
import { byContent, byCustomers, inCommon } from './grocery-likeness.ts'
import { best, close, listed, scoresOf } from './listed.ts'
import { servingGrocery } from './serving.ts'

const serving = await servingGrocery()
const quantities = (customer: string) =>
  Map.groupBy(
    LINES.filter((line) => line.customer === customer),
    ({ sku }) => sku,
  )

const together = (skus: string[]) =>
  `list: recommend(input: { list: COMPLEMENTARY, history: [${skus.map((sku) => `{ sku: "${sku}" }`)}] }, first: 50) {
    ... on RecommendationConnection LIST
  }`

const ordersWith = (...skus: string[]) =>
  ORDERS.filter(({ lines }) => skus.every((sku) => sku in lines)).length

const withBreadOrCoffee = (sku: string) =>
  sku === 'bread' || sku === 'coffee' ? 0 : ordersWith(sku, 'bread') + ordersWith(sku, 'coffee')

describe('frequently bought together', () => {
  test('with bread is what orders with bread held too: butter three times, milk twice', async () => {
    const query =
      'product(sku: "bread") { ... on Product { list: recommendations(intent: COMPLEMENTARY) LIST } }'
    const list = await listed(serving, query, 'SAME_ORDER', 'sameOrder')
    // Of those bought with it once, cheese and honey were bought no other time, jam and tea once, coffee three times.
    expect(scoresOf(list)).toEqual([
      ['butter', 3],
      ['milk', 2],
      ['cheese', 1],
      ['honey', 1],
      ['jam', 1],
      ['tea', 1],
      ['coffee', 1],
    ])
    expect(list[0].reasons).toEqual([
      {
        __typename: 'SameOrderReason',
        amount: 3,
        share: 1,
        orders: 3,
        purchase: { product: { sku: 'bread' } },
      },
    ])
  })

  test('with a basket adds up the orders of all it holds, each with a reason of its own', async () => {
    const list = await listed(serving, together(['bread', 'coffee']), 'SAME_ORDER', 'sameOrder')
    expect(new Map(list.map(({ sku, score }) => [sku, score]))).toEqual(new Map(best(withBreadOrCoffee)))
    expect(list.map(({ score }) => score)).toEqual(best(withBreadOrCoffee).map(([, orders]) => orders))
    const tea = list.find(({ sku }) => sku === 'tea')!
    expect(tea.reasons.map(({ orders, purchase }) => [purchase.product.sku, orders])).toEqual([
      ['bread', 1],
      ['coffee', 1],
    ])
  })

  test('is empty for what was only bought alone, or never, and for an empty basket', async () => {
    for (const skus of [['soap'], ['mystery'], []])
      expect(await listed(serving, together(skus), 'SAME_ORDER', 'sameOrder')).toEqual([])
  })
})

describe('customers like you also bought', () => {
  test('what was bought by who bought the same, by the sum of cosines, each with the customers it rests on', async () => {
    const list = await listed(
      serving,
      'customer(externalId: "ann") { ... on Customer { list: alsoBought(first: 50) LIST } }',
      'CO_PURCHASE',
      'coPurchase',
    )
    const own = [...quantities('ann').keys()]
    const value = (sku: string) =>
      own.includes(sku) ? 0 : own.reduce((sum, bought) => sum + byCustomers(bought, sku), 0)
    expect(scoresOf(list)).toEqual(close(best(value)))
    for (const { sku, reasons } of list)
      for (const { customers, amount, purchase } of reasons) {
        expect(customers).toBe(inCommon(sku, purchase.product.sku))
        expect(amount).toBeCloseTo(byCustomers(sku, purchase.product.sku), 9)
      }
  })

  test('is empty for who never bought, and for tastes that nobody shares', async () => {
    const basket =
      'list: recommend(input: { list: ALSO_BOUGHT, history: [{ sku: "soap" }] }) { ... on RecommendationConnection LIST }'
    for (const query of ['customer(externalId: "hal") { ... on Customer { list: alsoBought LIST } }', basket])
      expect(await listed(serving, query, 'CO_PURCHASE', 'coPurchase')).toEqual([])
  })
})

const again = (customer: string) =>
  `customer(externalId: "${customer}") { ... on Customer { list: buyAgain LIST } }`

const faded = (orders: number, day: number, period = 0) => orders * 2 ** (-(30 - day) / (180 + period))

describe('buy again', () => {
  test('what was bought, each order half after 180 days and the time between orders since the latest', async () => {
    const list = await listed(serving, again('ann'), 'REPEAT', 'repeat')
    expect(scoresOf(list)).toEqual(
      close([
        // On the days 1, 8 and 29: every 14 days.
        ['bread', faded(3, 29, 14)],
        ['butter', faded(2, 8, 7)],
        // Two of them, in one order.
        ['coffee', faded(1, 29)],
        ['jam', faded(1, 8)],
      ]),
    )
    expect(list[1].reasons[0].purchase).toEqual({
      quantity: 2,
      lastPurchasedAt: new Date(DAY_0 + 8 * DAY).toISOString(),
    })
  })

  test('is empty for who never bought', async () => {
    expect(await listed(serving, again('hal'), 'REPEAT', 'repeat')).toEqual([])
  })
})

const likeAny = (skus: readonly string[]) => (sku: string) =>
  skus.includes(sku) ? 0 : Math.max(...skus.map((one) => byContent(one, sku)))

describe('related products', () => {
  test('those most like it in content, with the product that is looked at as the reason', async () => {
    const list = await listed(
      serving,
      'product(sku: "jam") { ... on Product { list: recommendations(first: 20) LIST } }',
      'CONTENT',
      'content',
    )
    const value = likeAny(['jam'])
    expect(scoresOf(list)).toEqual(close(best(value).slice(0, 20)))
    for (const { sku, reasons } of list) {
      expect(reasons).toHaveLength(1)
      expect(reasons[0]).toMatchObject({
        __typename: 'ResemblanceReason',
        purchase: { product: { sku: 'jam' } },
      })
      expect(reasons[0].similarity).toBeCloseTo(byContent('jam', sku), 9)
    }
  })

  test('for a basket: like the most similar of what it holds', async () => {
    const list = await listed(
      serving,
      'list: recommend(input: { list: RELATED, history: [{ sku: "jam" }, { sku: "tea" }] }, first: 20) { ... on RecommendationConnection LIST }',
      'CONTENT',
      'content',
    )
    const value = likeAny(['jam', 'tea'])
    expect(scoresOf(list)).toEqual(close(best(value).slice(0, 20)))
    const because = (sku: string) => list.find((one) => one.sku === sku)?.reasons[0].purchase.product.sku
    expect([because('honey'), because('coffee')]).toEqual(['jam', 'tea'])
  })

  test('are none where nothing is known of it', async () => {
    const query = 'product(sku: "mystery") { ... on Product { list: recommendations LIST } }'
    expect(await listed(serving, query, 'CONTENT', 'content')).toEqual([])
  })
})
