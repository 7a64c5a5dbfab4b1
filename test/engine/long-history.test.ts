import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { historyOf, PRODUCTS_READ, readOf } from '../../src/engine/history.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { inOrder, inOrderInPieces } from '../../src/engine/top-products.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { Work } from '../../src/kernels/work.ts'
import type { Configuration } from '../../src/model/configuration.ts'
import { modelAndRequests, smallModel } from './small-model.ts'

const BOUGHT = PRODUCTS_READ + 100
const PRODUCTS = BOUGHT + 60

/** Product p was bought p days before the latest purchase; others bought three products in a row each. */
const shop = (blend: Configuration['blend']) => {
  const others = Array.from({ length: 50 }, (_, c) => [c * 13, c * 13 + 1, PRODUCTS - 1 - c])
  return smallModel({
    factors: Array.from({ length: PRODUCTS }, (_, p) => [Math.cos(p), Math.sin(p), 1]),
    features: Array.from({ length: PRODUCTS }, (_, p) => [Math.cos(3 * p), Math.sin(3 * p)]),
    categories: Array.from({ length: PRODUCTS }, (_, p) => p % 7),
    sellers: Array.from({ length: PRODUCTS }, (_, p) => p % 11),
    popularity: Array.from({ length: PRODUCTS }, (_, p) => 1 + (p % 5)),
    purchases: [
      Object.fromEntries(Array.from({ length: BOUGHT }, (_, p) => [p, 1 + (p % 3)])),
      ...others.map((products) => Object.fromEntries(products.map((product) => [product, 1]))),
    ],
    days: [
      ...Array.from({ length: BOUGHT }, (_, p) => 1000 - p),
      ...others.flatMap((products) => products.map(() => 10)),
    ],
    configuration: { blend },
  })
}

describe('of a long history', async () => {
  const kernels = await openKernels()

  test('the latest 500 products are read, and all are left out', async () => {
    const model = shop('learned')
    const recommender = new Recommender(model, kernels, { leastCustomers: 1 })
    const whole = historyOf(model, { customer: 0 })
    const read = readOf(model, 'FOR_YOU', whole)
    expect(read.map(({ product }) => product)).toEqual(Array.from({ length: 500 }, (_, p) => p))
    const first = PRODUCTS
    const [own, ofRead] = await recommender.recommend([
      { customer: 0, first },
      { history: read, first },
    ])
    const left = ofRead.items.filter(({ product }) => product >= BOUGHT)
    expect(own.items.map(({ product }) => product)).toEqual(left.map(({ product }) => product))
    expect(own.items.map(({ hybrid }) => hybrid)).toEqual(left.map(({ hybrid }) => hybrid))
    expect(own.items).toHaveLength(PRODUCTS - BOUGHT)
    for (const { hybrid, reasons } of own.items.slice(0, 10)) {
      const sum = reasons().reduce((total, { amount }) => total + amount, 0)
      expect(Math.abs(sum - hybrid)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(hybrid)))
      const named = reasons().flatMap((reason) => ('purchase' in reason ? [reason.purchase.product] : []))
      expect(named.every((product) => product < PRODUCTS_READ)).toBe(true)
    }
    recommender.close()
  })

  test('the notebook reads all of it, and so does the list of what may be bought again', async () => {
    const notebook = shop('notebook')
    const whole = historyOf(notebook, { customer: 0 })
    expect(readOf(notebook, 'FOR_YOU', whole)).toBe(whole)
    expect(whole).toHaveLength(BOUGHT)
    const recommender = new Recommender(shop('learned'), kernels)
    const [{ items }] = await recommender.recommend([{ list: 'BUY_AGAIN', customer: 0, first: PRODUCTS }])
    expect(items).toHaveLength(BOUGHT)
    recommender.close()
  })

  test('what a what-if takes out makes room for what was bought before', async () => {
    const model = shop('learned')
    const taken = Array.from({ length: 10 }, (_, p) => p)
    const history = historyOf(model, { customer: 0, without: taken })
    expect(history).toHaveLength(BOUGHT - 10)
    expect(readOf(model, 'FOR_YOU', history).at(-1)!.product).toBe(PRODUCTS_READ + 9)
  })
})

test('the place of a product is that in the whole list, however it is found', async () => {
  await fc.assert(
    fc.asyncProperty(modelAndRequests({ blend: 'learned' }, 40), async ({ model, requests }) => {
      const recommender = new Recommender(model, referenceKernels())
      for (const request of requests) {
        const asked = { ...request, first: model.products.size, offset: 0 }
        const [{ items, strategy }] = await recommender.recommend([asked])
        for (let product = 0; product < model.products.size; product++) {
          const place = await recommender.placeOf(asked, product)
          if (strategy !== 'HYBRID') {
            expect(place).toBeUndefined()
            continue
          }
          const item = items.find((one) => one.product === product)
          expect(place).toEqual(item ? { rank: item.rank, score: item.hybrid } : null)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('putting in order by sorted values is putting in order by comparing', () => {
  const value = fc.oneof(fc.constantFrom(0, -0, 1, -1, 5e-324), fc.double({ noNaN: true }))
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const products = values.map((_, i) => 3 * i)
      const compared = products.toSorted((a, b) => values[b / 3] - values[a / 3] || a - b)
      // Infinity − Infinity is no number.
      fc.pre(values.filter((one) => !Number.isFinite(one)).length < 2)
      expect(inOrder(products, values)).toEqual(compared)
    }),
    { numRuns: 500 },
  )
})

test('a whole catalogue is put in the same order in pieces', async () => {
  // Ties lie in different pieces, and others have their turn between these.
  const values = Float64Array.from({ length: 10_000 }, (_, i) => (i % 7 === 0 ? 0 : (i * 7919) % 101))
  const products = Array.from(values.keys())
  const compared = products.toSorted((a, b) => values[b] - values[a] || a - b)
  expect(await inOrderInPieces(products, values, new Work())).toEqual(compared)
})
