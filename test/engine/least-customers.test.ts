import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalEquation } from '../../src/data/confidence.ts'
import { buyersOf } from '../../src/engine/buyers.ts'
import { rowsOf } from '../../src/engine/history.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { standingsOf, withoutPurchases } from '../../src/engine/what-if.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Configuration } from '../../src/model/configuration.ts'
import { smallModel } from './small-model.ts'

const reference = referenceKernels()

const PRODUCTS = 9
const purchases = fc.array(
  fc
    .uniqueArray(fc.nat(PRODUCTS - 1), { maxLength: 5 })
    .map((products) => Object.fromEntries(products.map((p) => [p, 1]))),
  { minLength: 1, maxLength: 8 },
)
const basket = fc.uniqueArray(fc.nat(PRODUCTS - 1), { minLength: 1, maxLength: 4 })
const historyOf = (products: readonly number[]): HistoryEntry[] =>
  products.map((product) => ({ product, quantity: 1, purchasedAt: null }))

const factors = Array.from({ length: PRODUCTS }, (_, p) => [Math.cos(2 * p), Math.sin(3 * p), 0.2 * p])
const features = Array.from({ length: PRODUCTS }, (_, p) => [1, Math.cos(p), Math.sin(p)])

function shop(bought: readonly Readonly<Record<number, number>>[], blend: Configuration['blend']) {
  const model = smallModel({
    factors,
    features,
    purchases: bought,
    popularity: factors.map((_, p) => p),
    // A customer's purchases are an order each.
    orders: bought.map((products) => Object.keys(products).map(Number)),
    configuration: { blend },
  })
  const together = (...products: number[]) =>
    bought.filter((one) => products.every((product) => product in one)).length
  return { model, together }
}

test('who bought what is counted as sets of customers have it', () => {
  fc.assert(
    fc.property(purchases, fc.nat(8), (bought, a) => {
      const { model, together } = shop(bought, 'learned')
      expect(buyersOf(model).counts[a]).toBe(together(a))
    }),
  )
})

describe.each(['learned', 'notebook'] as const)('in lists for a basket, blend %s', (blend) => {
  test('others’ purchases count where enough customers made them, and where not in nothing', async () => {
    const kernels = [reference, await openKernels({ threads: 1 })]
    await fc.assert(
      fc.asyncProperty(purchases, basket, fc.integer({ min: 1, max: 4 }), async (bought, products, least) => {
        const { model, together } = shop(bought, blend)
        const isShared = (product: number) => least === 1 || together(product) >= least
        const shared = products.filter(isShared)
        const x = reference
          .openFoldIn(model.itemFactors, normalEquation('hu-koren-volinsky', 1, 1))
          .solve(rowsOf([historyOf(shared)], PRODUCTS))
        for (const one of kernels) {
          const recommender = new Recommender(model, one, { leastCustomers: least })
          const history = historyOf(products)
          const [whole, first] = await recommender.recommend([
            { history, first: PRODUCTS },
            { history, first: 3 },
          ])
          // Found by searching as by ranking everything.
          expect(first.items.map(({ hybrid }) => hybrid)).toEqual(
            whole.items.slice(0, 3).map(({ hybrid }) => expect.closeTo(hybrid, 4)),
          )
          for (const { product, hybrid, sources, reasons } of whole.items) {
            const said = new Map(sources.map(({ source, value }) => [source, value]))
            const isTold = isShared(product) && shared.length > 0
            const score = [0, 1, 2].reduce((sum, d) => sum + x[d] * factors[product][d], 0)
            if (said.get('collaborative') != null || blend !== 'notebook')
              expect(said.get('collaborative')).toEqual(isTold ? expect.closeTo(score, 4) : null)
            if (blend === 'learned') {
              const cosines = products
                .filter((own) => together(own, product) >= least)
                .map((own) => together(own, product) / Math.sqrt(together(own) * together(product)))
              expect(said.get('coPurchase') ?? 0).toBeCloseTo(
                cosines.reduce((sum, value) => sum + value, 0),
                9,
              )
            }
            for (const reason of reasons()) {
              if (reason.kind === 'TASTE') expect(shared).toContain(reason.purchase.product)
              if (reason.kind === 'BOUGHT_TOGETHER') expect(reason.customers).toBeGreaterThanOrEqual(least)
            }
            expect(reasons().reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(hybrid, 9)
          }
          recommender.close()
        }
      }),
      { numRuns: 40 },
    )
    for (const one of kernels) await one.close()
  })
})

test('lists of what goes with a product, and neighbours, hold what enough customers bought with it', async () => {
  await fc.assert(
    fc.asyncProperty(purchases, basket, fc.integer({ min: 1, max: 4 }), async (bought, products, least) => {
      const { model, together } = shop(bought, 'learned')
      const recommender = new Recommender(model, reference, { leastCustomers: least })
      const history = historyOf(products)
      const [also, complementary] = await recommender.recommend([
        { list: 'ALSO_BOUGHT', history, first: 20 },
        { list: 'COMPLEMENTARY', history, first: 20 },
      ])
      const expected = [...factors.keys()].filter(
        (product) => !products.includes(product) && products.some((own) => together(own, product) >= least),
      )
      for (const { items } of [also, complementary])
        expect(items.map(({ product }) => product).toSorted((a, b) => a - b)).toEqual(expected)
      const [own] = products
      const [byCustomers, byFactors] = await recommender.similar([
        { product: own, by: 'CO_PURCHASE', first: 3 },
        { product: own, by: 'FACTORS', first: 20 },
      ])
      const near = [...factors.keys()].filter((product) => product !== own && together(own, product) >= least)
      const cosine = (product: number) =>
        together(own, product) / Math.sqrt(together(own) * together(product))
      expect(byCustomers.items.map(({ similarity }) => similarity)).toEqual(
        near
          .map(cosine)
          .toSorted((a, b) => b - a)
          .slice(0, 3)
          .map((value) => expect.closeTo(value, 6)),
      )
      expect(byCustomers.hasMore).toBe(near.length > 3)
      for (const { product } of byFactors.items)
        if (least > 1) expect(together(product)).toBeGreaterThanOrEqual(least)
      if (least > 1 && together(own) < least) expect(byFactors.items).toEqual([])
      recommender.close()
    }),
    { numRuns: 60 },
  )
})

test('lists of a known customer, and what-ifs of it, count every other customer', async () => {
  const { model } = shop(
    [
      { 0: 1, 1: 1 },
      { 0: 1, 1: 1, 2: 1 },
    ],
    'learned',
  )
  const recommender = new Recommender(model, reference, { leastCustomers: 5 })
  const [own, without, stated] = await recommender.recommend([
    { list: 'ALSO_BOUGHT', customer: 0, first: 9 },
    { ...withoutPurchases(model, { list: 'ALSO_BOUGHT', customer: 0 }, [1]), first: 9 },
    // Whoever states a history is not known, whatever customer they name beside it.
    { list: 'ALSO_BOUGHT', customer: 0, history: historyOf([0, 1]), first: 9 },
  ])
  expect(own.items.map(({ product }) => product)).toEqual([2])
  expect(without.items.map(({ product }) => product)).toEqual([1, 2])
  expect(stated.items).toEqual([])
  recommender.close()
})

test.each([0, -1, 1.5, NaN, Infinity])('a least number of %d customers is refused', (leastCustomers) => {
  const { model } = shop([], 'learned')
  expect(() => new Recommender(model, reference, { leastCustomers })).toThrow(
    `leastCustomers must be a whole number of at least 1, not ${leastCustomers}`,
  )
})

test('a what-if deep in a basket’s list says the place that the list does', async () => {
  const size = 300
  const model = smallModel({
    factors: Array.from({ length: size }, (_, p) => [Math.cos(p), Math.sin(2 * p)]),
    features: Array.from({ length: size }, (_, p) => [Math.cos(3 * p), Math.sin(p), 0.5]),
    // Every third product was bought by one customer, the others by two.
    purchases: Array.from({ length: size }, (_, c) => ({
      [c]: 1,
      ...(c % 3 > 0 && { [(c + 3) % size]: 1 }),
    })),
    popularity: Array.from({ length: size }, (_, p) => p % 7),
    configuration: { blend: 'learned' },
  })
  const kernels = await openKernels({ threads: 1 })
  const recommender = new Recommender(model, kernels)
  const list = { history: historyOf([1, 2, 4]) }
  const [{ items }] = await recommender.recommend([{ ...list, first: size }])
  const places = [0, 50, 120, 200, 280, items.length - 1]
  const standings = await standingsOf(
    recommender,
    places.map((place) => ({ list, product: items[place].product })),
  )
  expect(standings.map(({ rank }) => rank)).toEqual(places.map((place) => place + 1))
  recommender.close()
  await kernels.close()
})
