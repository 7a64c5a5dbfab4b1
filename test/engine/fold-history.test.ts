import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readDataset } from '../../src/data/read.ts'
import { foldHistory, type ProductEvent } from '../../src/engine/fold-history.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import { historiesOf } from '../../src/engine/history.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import { historyDetails, orderContents } from '../../src/model/history-details.ts'
import type { Model } from '../../src/model/model.ts'
import { temporaryFile } from '../explanations/writer.ts'

const JANUARY = Date.UTC(2018, 0, 1)
const DAY = 86_400_000
const day = (n: number) => JANUARY + n * DAY

let number = 0
const event = (kind: ProductEvent['kind'], at: number, rest: Partial<ProductEvent> = {}): ProductEvent => ({
  id: String(number++).padStart(6, '0'),
  product: 7,
  kind,
  at: day(at),
  quantity: kind === 'NOT_INTERESTED' ? null : 1,
  value: kind === 'NOT_INTERESTED' ? 1 : null,
  orderId: null,
  ...rest,
})

const entriesOf = (events: readonly ProductEvent[], stored: readonly HistoryEntry[] = []) =>
  foldHistory(events, stored).entries

describe('purchases', () => {
  test('of a product are one entry, the latest product first', () => {
    const events = [
      event('PURCHASE', 1, { quantity: 2 }),
      event('PURCHASE', 3),
      event('PURCHASE', 2, { product: 4 }),
      event('PURCHASE', 5, { product: 9 }),
    ]
    expect(entriesOf(events)).toEqual([
      { product: 9, quantity: 1, purchasedAt: day(5) },
      { product: 7, quantity: 3, purchasedAt: day(3), orders: 2, firstPurchasedAt: day(1) },
      { product: 4, quantity: 1, purchasedAt: day(2) },
    ])
  })

  test('of one order, or of one time without an order, are one order', () => {
    const same = [event('PURCHASE', 1), event('PURCHASE', 1)]
    expect(entriesOf(same)).toEqual([{ product: 7, quantity: 2, purchasedAt: day(1) }])
    const order = [event('PURCHASE', 1, { orderId: 'a' }), event('PURCHASE', 1, { orderId: 'a' })]
    expect(entriesOf(order)).toEqual([{ product: 7, quantity: 2, purchasedAt: day(1) }])
    const orders = [event('PURCHASE', 1, { orderId: 'a' }), event('PURCHASE', 1, { orderId: 'b' })]
    expect(entriesOf(orders)).toEqual([
      { product: 7, quantity: 2, purchasedAt: day(1), orders: 2, firstPurchasedAt: day(1) },
    ])
  })

  test('add to what the model holds, on either side of it', () => {
    const stored = [{ product: 7, quantity: 3, purchasedAt: day(4), orders: 2, firstPurchasedAt: day(2) }]
    expect(entriesOf([event('PURCHASE', 6)], stored)).toEqual([
      { product: 7, quantity: 4, purchasedAt: day(6), orders: 3, firstPurchasedAt: day(2) },
    ])
    expect(entriesOf([event('PURCHASE', 1)], stored)).toEqual([
      { product: 7, quantity: 4, purchasedAt: day(4), orders: 3, firstPurchasedAt: day(1) },
    ])
  })

  test('that the model holds already are not counted again', () => {
    const stored = [{ product: 7, quantity: 3, purchasedAt: day(4), orders: 3, firstPurchasedAt: day(2) }]
    const imported = [2, 3, 4].map((at) => event('PURCHASE', at))
    expect(entriesOf(imported, stored)).toEqual(stored)
    const once = [{ product: 7, quantity: 1, purchasedAt: day(4) }]
    expect(entriesOf([event('PURCHASE', 4)], once)).toEqual(once)
  })

  test('add to what the model holds without a time', () => {
    const stored = [{ product: 7, quantity: 3, purchasedAt: null }]
    expect(entriesOf([event('PURCHASE', 4)], stored)).toEqual([
      { product: 7, quantity: 4, purchasedAt: day(4), orders: 2, firstPurchasedAt: day(4) },
    ])
  })
})

describe('a return', () => {
  test('takes a purchase back, and nothing is left of it', () => {
    expect(entriesOf([event('PURCHASE', 1), event('RETURN', 2)])).toEqual([])
    const stored = [{ product: 7, quantity: 1, purchasedAt: day(1) }]
    expect(entriesOf([event('RETURN', 2)], stored)).toEqual([])
  })

  test('takes the latest units before it first, and then on back to what the model holds', () => {
    const stored = [{ product: 7, quantity: 3, purchasedAt: day(1) }]
    const bought = [event('PURCHASE', 2, { quantity: 2 }), event('PURCHASE', 5)]
    expect(entriesOf([...bought, event('RETURN', 3)], stored)).toEqual([
      { product: 7, quantity: 5, purchasedAt: day(5), orders: 3, firstPurchasedAt: day(1) },
    ])
    expect(entriesOf([...bought, event('RETURN', 3, { quantity: 4 })], stored)).toEqual([
      { product: 7, quantity: 2, purchasedAt: day(5), orders: 2, firstPurchasedAt: day(1) },
    ])
  })

  test('takes from its own order first', () => {
    const events = [
      event('PURCHASE', 1, { orderId: 'a' }),
      event('PURCHASE', 2, { orderId: 'b' }),
      event('RETURN', 3, { orderId: 'a' }),
    ]
    expect(entriesOf(events)).toEqual([{ product: 7, quantity: 1, purchasedAt: day(2) }])
  })

  test('of what was never bought takes nothing', () => {
    expect(entriesOf([event('RETURN', 1), event('PURCHASE', 2)])).toEqual([
      { product: 7, quantity: 1, purchasedAt: day(2) },
    ])
  })
})

/** Products 7 and 8 are of category 2, product 9 of none. */
const categoryOf = (product: number) => (product === 9 ? -1 : 2)

const hiddenBy = (...events: ProductEvent[]) => {
  const { hidden, hiddenCategories } = foldHistory(events, [], categoryOf)
  return { hidden, hiddenCategories }
}

describe('"not interested"', () => {
  test('hides a product until it is undone, and leaves the purchases', () => {
    const bought = event('PURCHASE', 1)
    const [no, undone, again] = [2, 3, 4].map((at) =>
      event('NOT_INTERESTED', at, { value: at === 3 ? 0 : 1 }),
    )
    expect(foldHistory([bought, no], []).hidden).toEqual([7])
    expect(foldHistory([bought, no, undone], []).hidden).toEqual([])
    expect(foldHistory([bought, no, undone, again], []).hidden).toEqual([7])
    expect(entriesOf([bought, no])).toEqual([{ product: 7, quantity: 1, purchasedAt: day(1) }])
  })

  describe('of a whole category', () => {
    const no = event('NOT_INTERESTED', 1, { value: 2 })
    const undone = event('NOT_INTERESTED', 2, { value: 3, product: 8 })

    test('hides it until that is undone by any product of it', () => {
      expect(hiddenBy(no)).toEqual({ hidden: [], hiddenCategories: [2] })
      expect(hiddenBy(no, undone)).toEqual({ hidden: [], hiddenCategories: [] })
      expect(hiddenBy(no, undone, event('NOT_INTERESTED', 3, { value: 2, product: 8 }))).toEqual({
        hidden: [],
        hiddenCategories: [2],
      })
    })

    test('is told apart from that of its products', () => {
      const one = event('NOT_INTERESTED', 1, { value: 1 })
      expect(hiddenBy(no, one)).toEqual({ hidden: [7], hiddenCategories: [2] })
      expect(hiddenBy(no, one, undone)).toEqual({ hidden: [7], hiddenCategories: [] })
      expect(hiddenBy(no, event('NOT_INTERESTED', 2, { value: 0 }))).toEqual({
        hidden: [],
        hiddenCategories: [2],
      })
    })

    test('hides a product that has none', () => {
      const bare = event('NOT_INTERESTED', 1, { value: 2, product: 9 })
      expect(hiddenBy(bare)).toEqual({ hidden: [9], hiddenCategories: [] })
      expect(hiddenBy(bare, event('NOT_INTERESTED', 2, { value: 3, product: 9 }))).toEqual({
        hidden: [],
        hiddenCategories: [],
      })
    })
  })
})

const someEvents = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    product: fc.nat(3),
    kind: fc.constantFrom('PURCHASE', 'PURCHASE', 'RETURN', 'NOT_INTERESTED'),
    at: fc.nat(5).map(day),
    quantity: fc.integer({ min: 1, max: 4 }),
    value: fc.constantFrom(0, 1, 2, 3),
    orderId: fc.constantFrom(null, 'a', 'b'),
  }) as fc.Arbitrary<ProductEvent>,
  { selector: ({ id }) => id, maxLength: 20 },
)

test('events in any order come to the same as the events by time', () => {
  const stored = [{ product: 1, quantity: 3, purchasedAt: day(2) }]
  fc.assert(
    fc.property(
      someEvents.chain((events) =>
        fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
      ),
      ([events, shuffled]) => {
        const sorted = events.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
        expect(foldHistory(shuffled, stored)).toEqual(foldHistory(sorted, stored))
      },
    ),
  )
})

test('all purchases and returns of a customer come to what training makes of the same file', async () => {
  const row = fc.record({
    product: fc.nat(3),
    at: fc.nat(6),
    quantity: fc.integer({ min: 1, max: 4 }),
    isReturn: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 15 }), async (some) => {
      // Training numbers the products by their first row: product 0 is bought first, and so on. One is never returned.
      const named = [0, 1, 2, 3, 4].map((product) => ({
        product,
        at: -9 + product,
        quantity: 1,
        isReturn: false,
      }))
      const lines = [...named, ...some.toSorted((a, b) => a.at - b.at)]
      const rows = lines.map(({ product, at, quantity, isReturn }) =>
        ['ana', product, new Date(day(at)).toISOString(), isReturn ? -quantity : quantity].join(),
      )
      const file = temporaryFile('interactions.csv')
      writeFileSync(file, ['customer_id,product_id,timestamp,quantity', ...rows, ''].join('\n'))
      const dataset = await readDataset(file)
      const { customer, product, quantity } = dataset.interactions
      const { customers, products } = dataset
      const histories = csrFromTriples(customers.size, products.size, customer, product, quantity)
      const details = historyDetails(dataset, histories, orderContents(dataset))
      const [trained] = historiesOf({ histories, ...details } as Model).of([0])
      const events = lines.map((line, i) =>
        event(line.isReturn ? 'RETURN' : 'PURCHASE', line.at, {
          id: String(i).padStart(3, '0'),
          product: line.product,
          quantity: line.quantity,
        }),
      )
      expect(entriesOf(events)).toEqual(trained)
    }),
    { numRuns: 60 },
  )
})
