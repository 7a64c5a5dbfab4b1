import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CategoricalColumn } from '../../src/data/dataset.ts'
import type { RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { intraListDistance } from '../../src/evaluation/list-measures.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { contentFeatures } from '../../src/model/content.ts'
import type { Configuration } from '../../src/model/configuration.ts'
import type { ContentColumns, ContentFeatures, Model } from '../../src/model/model.ts'
import { smallModel } from './small-model.ts'

/** Of every column: more than become features each. */
const LABELS = 150

const column = (name: string, codes: readonly number[]): CategoricalColumn => ({
  name,
  labels: Array.from({ length: LABELS }, (_, label) => `${name} ${label}`),
  codes: Int32Array.from(codes),
})

/** The same features with a column a label: what the codes stand for. */
function dense({ categorical, numeric }: ContentColumns, rows: number): ContentFeatures {
  const width = categorical.length * LABELS + numeric.length
  const data = new Float64Array(rows * width)
  for (let product = 0; product < rows; product++) {
    const row = data.subarray(product * width, (product + 1) * width)
    categorical.forEach(({ codes }, c) => codes[product] >= 0 && (row[c * LABELS + codes[product]] = 1))
    numeric.forEach(({ values }, m) => {
      row[categorical.length * LABELS + m] = (values[product] || 0) / Math.sqrt(numeric.length)
    })
    const length = Math.hypot(...row)
    if (length > 0) row.forEach((value, at) => (row[at] = value / length))
  }
  return { rows, columns: width, data }
}

interface Products {
  readonly categories: readonly number[]
  readonly brands: readonly number[]
  readonly sizes: readonly number[]
}

const codes = fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 24, maxLength: 24 })
const products: fc.Arbitrary<Products> = fc.record({
  categories: codes,
  brands: codes,
  sizes: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 24, maxLength: 24 }),
})

function modelOf(
  { categories, brands, sizes }: Products,
  blend: Configuration['blend'],
): { sparse: Model; plain: Model } {
  const columns: ContentColumns = {
    categorical: [column('category', categories), column('brand', brands)],
    numeric: [{ name: 'size', values: Float64Array.from(sizes) }],
  }
  const factors = categories.map((_, i) => (i % 7 === 6 ? null : [Math.cos(i), Math.sin(i)]))
  const model = smallModel({
    factors,
    features: factors.map(() => [1]),
    purchases: [
      { 0: 1, 3: 2, 5: 1 },
      { 1: 1, 3: 1 },
      { 2: 2, 5: 1, 8: 1 },
    ],
    popularity: factors.map((_, i) => (i * 5) % 11),
    contentColumns: columns,
    configuration: { blend },
  })
  const category = columns.categorical[0]
  return {
    sparse: { ...model, category, content: contentFeatures(columns, factors.length) },
    plain: { ...model, category, content: dense(columns, factors.length) },
  }
}

const REQUESTS: readonly RecommendationRequest[] = [
  { customer: 0, first: 30 },
  { customer: 1, first: 30, includePurchased: true },
  { customer: 2, first: 30, arrangement: { diversity: 0.5 } },
  {
    history: [4, 9, 13].map((product) => ({ product, quantity: 1 + product, purchasedAt: null })),
    first: 30,
  },
  { list: 'RELATED', history: [{ product: 4, quantity: 1, purchasedAt: null }], first: 30 },
]

async function expectSame(one: Model, other: Model, kernels: Kernels): Promise<void> {
  const [sparse, plain] = [one, other].map((model) => new Recommender(model, kernels, { leastCustomers: 1 }))
  const [found, expected] = await Promise.all([sparse, plain].map((each) => each.recommend(REQUESTS)))
  found.forEach((list, r) => {
    const score = new Map(expected[r].items.map((item) => [item.product, item]))
    expect(list.items.length).toBe(expected[r].items.length)
    list.items.forEach((item, place) => {
      const same = score.get(item.product)
      // Of equal scores any may stand at a place.
      expect(item.hybrid).toBeCloseTo(expected[r].items[place].hybrid, 4)
      if (!same) return
      expect(item.hybrid).toBeCloseTo(same.hybrid, 4)
      item.sources.forEach(({ value }, s) => {
        if (value === null || same.sources[s].value === null) expect(value).toBe(same.sources[s].value)
        else expect(value).toBeCloseTo(same.sources[s].value!, 9)
      })
      let sum = 0
      for (const { amount } of item.reasons()) sum += amount
      expect(sum).toBeCloseTo(item.hybrid, 12)
      const amounts = new Map(
        same
          .reasons()
          .map((reason) => [
            JSON.stringify([reason.kind, 'purchase' in reason && reason.purchase.product]),
            reason.amount,
          ]),
      )
      for (const reason of item.reasons())
        expect(reason.amount).toBeCloseTo(
          amounts.get(JSON.stringify([reason.kind, 'purchase' in reason && reason.purchase.product])) ?? 0,
          4,
        )
    })
  })
  const similar = Array.from({ length: 24 }, (_, product) => ({ product, first: 30 }))
  const [near, nearest] = await Promise.all([sparse, plain].map((each) => each.similar(similar)))
  near.forEach(({ items }, i) => {
    const cosines = nearest[i].items.map(({ similarity }) => similarity)
    expect(items.map(({ similarity }) => similarity)).toEqual(
      cosines.map((cosine) => expect.closeTo(cosine, 12)),
    )
  })
  sparse.close()
  plain.close()
}

describe('columns of many labels', () => {
  test.each(['learned', 'notebook'] as const)(
    'give the lists, scores and reasons of a feature a label, blend %s',
    async (blend) => {
      const kernels = [referenceKernels(), await openKernels({ threads: 1 })]
      await fc.assert(
        fc.asyncProperty(products, async (some) => {
          const { sparse, plain } = modelOf(some, blend)
          expect(sparse.content.labels!.columns.length).toBe(2)
          for (const one of kernels) await expectSame(sparse, plain, one)
        }),
        { numRuns: 25 },
      )
      for (const one of kernels) await one.close()
    },
  )

  test('give the distances within lists of a feature a label', () => {
    fc.assert(
      fc.property(products, fc.uniqueArray(fc.nat(23), { minLength: 2 }), (some, list) => {
        const { sparse, plain } = modelOf(some, 'learned')
        const shown = Uint32Array.from(list)
        const expected = intraListDistance(shown, plain.content, list.length)
        expect(intraListDistance(shown, sparse.content, list.length)).toBeCloseTo(expected, 9)
      }),
    )
  })
})

test('of 3,000 products in 1,500 categories each is similar to its one companion, and to nothing else', async () => {
  const kernels = await openKernels({ threads: 1 })
  const size = 3000
  const category: CategoricalColumn = {
    name: 'category',
    labels: Array.from({ length: size / 2 }, (_, label) => `category ${label}`),
    codes: Int32Array.from({ length: size }, (_, product) => product >> 1),
  }
  const columns: ContentColumns = { categorical: [category], numeric: [] }
  const model = smallModel({
    factors: Array.from({ length: size }, () => null),
    features: Array.from({ length: size }, () => [1]),
    contentColumns: columns,
    configuration: { blend: 'learned' },
  })
  const recommender = new Recommender(
    { ...model, category, content: contentFeatures(columns, size) },
    kernels,
    { leastCustomers: 1 },
  )
  const asked = [0, 1, 777, 2998, 2999]
  const lists = await recommender.similar(asked.map((product) => ({ product, first: 10 })))
  lists.forEach(({ items, hasMore }, i) => {
    expect(items).toEqual([{ rank: 1, product: asked[i] ^ 1, similarity: expect.closeTo(1, 12) }])
    expect(hasMore).toBe(false)
  })
  const related = await recommender.recommend(
    asked.map((product) => ({
      list: 'RELATED',
      history: [{ product, quantity: 1, purchasedAt: null }],
      first: 10,
    })),
  )
  related.forEach(({ items }, i) => expect(items.map(({ product }) => product)).toEqual([asked[i] ^ 1]))
  recommender.close()
  await kernels.close()
})
