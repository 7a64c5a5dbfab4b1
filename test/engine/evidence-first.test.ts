import { fixedWeights } from '../../src/model/blend-weights.ts'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import type { RecommendationList } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { standingsOf } from '../../src/engine/what-if.ts'
import { gatherEvidence } from '../../src/explanations/evidence.ts'
import { explain } from '../../src/explanations/template.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { modelAndRequests, smallModel } from './small-model.ts'

const wasm = await openKernels({ threads: 1 })
afterAll(() => wasm.close())

const [SOLD, NEVER_SOLD] = [9, 200]

/** Nine products that sold, of which nothing but that is known, behind 200 that nobody bought. */
const shop = smallModel({
  factors: [
    ...Array.from({ length: NEVER_SOLD }, () => null),
    ...Array.from({ length: SOLD }, (_, p) => [Math.cos(p), Math.sin(p), 0.3]),
  ],
  features: Array.from({ length: SOLD + NEVER_SOLD }, () => null),
  purchases: [
    { 200: 1, 201: 1 },
    { 201: 1, 202: 2 },
    { 203: 1, 204: 1 },
    { 205: 1, 206: 1, 207: 1 },
    { 208: 1 },
  ],
  popularity: Array.from({ length: SOLD + NEVER_SOLD }, (_, p) => (p < NEVER_SOLD ? 0 : 1)),
  // Popularity says nothing: scores below 0 are to be had.
  blendWeights: fixedWeights({
    collaborative: 1,
    content: 1,
    nearest: 1,
    coPurchase: 0.1,
    category: 1,
    seller: 1,
    repeat: 1,
  }),
  configuration: { blend: 'learned' },
})

const bought = (product: number): HistoryEntry => ({ product, quantity: 1, purchasedAt: null })
const productsOf = ({ items }: RecommendationList) => items.map(({ product }) => product)
const isSold = (product: number) => product >= NEVER_SOLD

describe.each([
  ['reference', referenceKernels()],
  ['WebAssembly', wasm],
])('over %s', (_, kernels) => {
  const recommender = new Recommender(shop, kernels, { leastCustomers: 1 })
  afterAll(() => recommender.close())

  test('what sold stands above what never did, also below 0, however short the list', async () => {
    const whoever = [{ customer: 0 }, { customer: 4 }, { history: [bought(203)] }]
    for (const who of whoever) {
      const [whole] = await recommender.recommend([{ ...who, first: 300 }])
      const products = productsOf(whole)
      const own = products.filter(isSold).length
      expect(own).toBeGreaterThan(5)
      expect(products.slice(0, own).every(isSold)).toBe(true)
      expect(whole.items[own - 1].hybrid).toBeLessThan(0)
      expect(products.slice(own)).toEqual(Array.from({ length: NEVER_SOLD }, (__, p) => p))
      for (const first of [1, 3, own, own + 1, 50]) {
        const [list] = await recommender.recommend([{ ...who, first }])
        expect(productsOf(list)).toEqual(products.slice(0, first))
      }
      const [page] = await recommender.recommend([{ ...who, first: 10, offset: own - 2 }])
      expect(productsOf(page)).toEqual(products.slice(own - 2, own + 8))
    }
  })

  test('a list says of what never sold that nothing is known of it', async () => {
    const [{ items }] = await recommender.recommend([{ customer: 0, first: 100 }])
    const last = items.at(-1)!
    expect(last.reasons()).toEqual([])
    const evidence = gatherEvidence(shop, last, { customer: 0 })
    expect(explain(evidence, 'en').text).toBe('Nothing is known yet that speaks for or against this product.')
    expect(explain(evidence, 'pt-BR').text).toMatch(/^Ainda não se conhece nada a favor nem contra /)
    const negative = items.findLast(({ hybrid }) => hybrid < 0)!
    expect(negative.reasons().length).toBeGreaterThan(0)
    expect(explain(gatherEvidence(shop, negative, { customer: 0 }), 'en').text).toMatch(
      /^Nothing in particular/,
    )
  })

  test.each([
    ['boosts', { boosts: [{ filter: { include: ['product 3', 'product 205'] }, multiplier: 3 }] }],
    ['diversity', { diversity: 0.9 }],
    ['both', { diversity: 0.3, boosts: [{ filter: { include: ['product 5'] }, multiplier: 10 }] }],
  ])('with %s, too', async (__, arrangement) => {
    const [list] = await recommender.recommend([{ customer: 0, first: 40, arrangement }])
    const sold = productsOf(list).filter(isSold).length
    expect(sold).toBeGreaterThan(5)
    expect(productsOf(list).slice(0, sold).every(isSold)).toBe(true)
  })

  test('what-ifs say the place that the list does', async () => {
    const [whole] = await recommender.recommend([{ customer: 0, first: 300 }])
    const some = [0, 3, 6, 7, 100, 205]
    const standings = await standingsOf(
      recommender,
      some.map((place) => ({ list: { customer: 0 }, product: whole.items[place].product })),
    )
    expect(standings.map(({ rank }) => rank)).toEqual(some.map((place) => place + 1))
  })
})

test('in any list, whatever reasons there are stand above none', async () => {
  await fc.assert(
    fc.asyncProperty(modelAndRequests({ blend: 'learned' }), async ({ model, requests }) => {
      const recommender = new Recommender(model, wasm, { leastCustomers: 1 })
      for (const { items } of await recommender.recommend(requests)) {
        const known = items.map(({ reasons }) => reasons().length > 0)
        expect(known).toEqual(known.toSorted((a, b) => Number(b) - Number(a)))
      }
      recommender.close()
    }),
    { numRuns: 60 },
  )
})
