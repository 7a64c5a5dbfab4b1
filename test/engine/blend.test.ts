import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalEquation } from '../../src/data/confidence.ts'
import { historyOf, rowsOf } from '../../src/engine/history.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import type { Interest } from '../../src/engine/interest.ts'
import type { RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { BlendWeights, SourceWeights } from '../../src/model/blend-weights.ts'
import { fixedWeights, LEARNED_SOURCES } from '../../src/model/blend-weights.ts'
import type { Model } from '../../src/model/model.ts'
import { counting } from './counting.ts'
import { plainList } from './plain.ts'
import { DAY, modelAndRequests, smallModel, soldAt } from './small-model.ts'

const reference = referenceKernels()

/** The moment of lists with interest. */
const NOW = 20_000 * DAY

type Vectors = Model['itemFactors'] | Model['content']
const rowOf = ({ columns, data }: Vectors, row: number) =>
  Array.from(data.subarray(row * columns, (row + 1) * columns))
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
const knows = (vectors: Vectors, product: number) => rowOf(vectors, product).some((value) => value !== 0)
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)

/** Standard deviations above the average product; 0 where the source says nothing. */
function standardScores(vectors: Vectors, query: readonly number[] | null): number[] {
  const all = Array.from({ length: vectors.rows }, (_, product) => product)
  const known = all.filter((product) => knows(vectors, product))
  if (query === null || known.length === 0) return all.map(() => 0)
  const scores = all.map((product) => dot(query, rowOf(vectors, product)))
  const mean = sum(known.map((product) => scores[product])) / known.length
  const deviation = Math.sqrt(sum(known.map((product) => (scores[product] - mean) ** 2)) / known.length)
  // Scores that barely differ are left to the tests of calibration.
  fc.pre(deviation === 0 || deviation > 0.02)
  return all.map((product) => (knows(vectors, product) ? (scores[product] - mean) / (deviation || 1) : 0))
}

/** Every product's score by its definition, in the plainest way. */
function scoresByDefinition(
  model: Model,
  history: readonly HistoryEntry[],
  weights: SourceWeights,
  interest: readonly Interest[],
  includePurchased: boolean,
): number[] {
  const { itemFactors, content, category, seller, popularity, histories, itemWeights } = model
  const size = model.products.size
  const all = Array.from({ length: size }, (_, product) => product)
  const own = history.map(({ product }) => product)
  const x = reference
    .openFoldIn(itemFactors, normalEquation('hu-koren-volinsky', 1, 1))
    .solve(rowsOf([history], size))
  const liked = rowOf(content, 0).map((_, d) =>
    sum(history.map(({ product, quantity }) => quantity * rowOf(content, product)[d])),
  )
  const z = {
    collaborative: standardScores(
      itemFactors,
      own.some((product) => knows(itemFactors, product)) ? Array.from(x) : null,
    ),
    content: standardScores(
      content,
      own.some((product) => knows(content, product))
        ? liked.map((value) => value / (Math.hypot(...liked) || 1))
        : null,
    ),
  }
  const baskets = Array.from({ length: histories.rows }, (_, c) => [
    ...histories.indices.subarray(histories.indptr[c], histories.indptr[c + 1]),
  ])
  const together = (...products: number[]) =>
    baskets.filter((basket) => products.every((product) => basket.includes(product))).length
  const cosine = (a: number, b: number) => together(a, b) / Math.sqrt(together(a) * together(b)) || 0
  const weightOf = (from: number, to: number) => {
    const { indptr, indices, values } = itemWeights.weights
    const row = [...indices.subarray(indptr[from], indptr[from + 1])]
    return row.includes(to) ? values[indptr[from] + row.indexOf(to)] : 0
  }
  const chance = (codes: Int32Array, product: number) => {
    const inGroup = all.filter((other) => codes[other] === codes[product])
    const sold = sum(inGroup.map((other) => popularity[other]))
    const drawn =
      own.filter((other) => codes[other] >= 0 && codes[other] === codes[product]).length / (own.length || 1)
    return sold > 0 ? (drawn * popularity[product]) / sold : 0
  }
  /** Of what goes with products of interest, each half for every three days. */
  const associated = (kind: string, product: number) =>
    sum(
      interest
        .filter((one) => one.kind === kind && NOW - one.at <= 30 * DAY)
        .map(({ product: i, at }) => {
          if (i === product) return includePurchased ? 0.5 ** ((NOW - at) / DAY / 3) : 0
          const isLike = category.codes[i] >= 0 && category.codes[i] === category.codes[product]
          const alike = isLike ? Math.max(0, dot(rowOf(content, i), rowOf(content, product))) : 0
          // What a single customer bought of both does not count.
          const shared = together(i, product) > 1 ? cosine(i, product) : 0
          return 0.5 ** ((NOW - at) / DAY / 3) * (shared + alike / 10)
        }),
    )
  // No purchase is dated: sales of any time count alike.
  const sold = all.map((product) =>
    sum(histories.values.filter((_, entry) => histories.indices[entry] === product)),
  )
  return all.map((product) => {
    const alike = own
      .filter((other) => category.codes[other] >= 0 && category.codes[other] === category.codes[product])
      .filter((other) => knows(content, other))
      .slice(0, 5)
      .map((other) => dot(rowOf(content, other), rowOf(content, product)))
    const calibrated: SourceWeights = {
      nearest: Math.log(1.01 / (1.01 - Math.max(0, ...alike))),
      collaborative: z.collaborative[product],
      content: z.content[product],
      coPurchase: own.includes(product)
        ? 0
        : Math.log(1 + 100 * sum(own.map((other) => cosine(other, product)))),
      ease: sum(own.map((other) => weightOf(other, product))),
      category: Math.log(1 + size * chance(category.codes, product)),
      seller: Math.log(1 + size * chance(seller.codes, product)),
      popularity: Math.log(1 + (size * sold[product]) / (sum(sold) || 1)),
      repeat: Math.log2(
        1 + sum(history.map((entry) => (entry.product === product ? (entry.orders ?? 1) : 0))),
      ),
      viewed: associated('VIEW', product),
      cart: associated('CART', product),
    }
    return sum(LEARNED_SOURCES.map((source) => weights[source] * calibrated[source]))
  })
}

const weight = fc.integer({ min: 0, max: 8 }).map((value) => value / 4)
const sourceWeights = fc.record(
  Object.fromEntries(LEARNED_SOURCES.map((source) => [source, weight])) as Record<
    (typeof LEARNED_SOURCES)[number],
    typeof weight
  >,
)
/** Each product at most once a kind, of up to 35 days ago. */
const interestOfSome = fc.uniqueArray(
  fc.record({
    product: fc.nat(11),
    kind: fc.constantFrom('VIEW' as const, 'CART' as const),
    at: fc.integer({ min: 0, max: 70 }).map((half) => NOW - (half * DAY) / 2),
  }),
  { maxLength: 4, selector: ({ product, kind }) => `${kind} ${product}` },
)
const cases = () =>
  fc
    .record({
      built: modelAndRequests(),
      discovery: sourceWeights,
      basket: sourceWeights,
      nextOrder: sourceWeights,
      interest: interestOfSome,
    })
    .map(({ built: { model, requests: plain }, discovery, basket, nextOrder, interest }) => {
      const { size } = model.products
      const known = interest.filter(({ product }) => product < size)
      const requests = plain.map((request, i) =>
        i % 2 === 0 ? { ...request, at: NOW, interest: known } : request,
      )
      const blendWeights: BlendWeights = { discovery, basket, nextOrder, customers: 1 }
      return { model: { ...model, summary: { ...model.summary, blendWeights } }, blendWeights, requests }
    })

test('the blend ranks the whole catalogue by the score’s definition, each kind of list by its own weights', async () => {
  await fc.assert(
    fc.asyncProperty(cases(), async ({ model, blendWeights, requests }) => {
      const recommender = new Recommender(model, reference, { leastCustomers: 1 })
      for (const request of requests) {
        const history = historyOf(model, request)
        const { includePurchased = false } = request
        const { nextOrder, basket, discovery } = blendWeights
        // No purchase is dated: each may be of the day.
        const weights = includePurchased ? nextOrder : history.length > 0 ? basket : discovery
        const { interest = [] } = request
        const scores = scoresByDefinition(model, history, weights, interest, includePurchased)
        const first = model.products.size
        const [{ items, strategy }] = await recommender.recommend([{ ...request, first, offset: 0 }])
        if (strategy === 'POPULARITY') continue
        const seen = includePurchased ? [] : history.map(({ product }) => product)
        const eligible = [...scores.keys()].filter((product) => !seen.includes(product))
        expect(items.map(({ product }) => product).toSorted((a, b) => a - b)).toEqual(eligible)
        items.forEach(({ product, hybrid }, i) => {
          expect(hybrid).toBeCloseTo(scores[product], 3)
          // What nothing is known of comes last.
          if (i > 0 && items[i].reasons().length > 0 === items[i - 1].reasons().length > 0)
            expect(hybrid).toBeLessThanOrEqual(items[i - 1].hybrid)
          if (i > 0 && items[i].reasons().length > 0) expect(items[i - 1].reasons().length).toBeGreaterThan(0)
        })
      }
      recommender.close()
    }),
    { numRuns: 300 },
  )
})

test('the sources’ contributions sum to the hybrid score, each a weight of at least 0 or silent', async () => {
  await fc.assert(
    fc.asyncProperty(cases(), async ({ model, requests }) => {
      const recommender = new Recommender(model, reference, { leastCustomers: 1 })
      for (const { items, strategy } of await recommender.recommend(requests)) {
        if (strategy === 'POPULARITY') continue
        for (const { hybrid, sources } of items) {
          expect(sources.map(({ source }) => source)).toEqual(LEARNED_SOURCES)
          expect(sum(sources.map(({ contribution }) => contribution ?? 0))).toBeCloseTo(hybrid, 12)
          for (const { value, weight: weighed, contribution } of sources) {
            expect(weighed).toBeGreaterThanOrEqual(0)
            if (value === null) expect([weighed, contribution]).toEqual([0, null])
          }
        }
      }
      recommender.close()
    }),
  )
})

const numbers = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i)

describe.each([
  ['the reference', async () => reference],
  ['WebAssembly', () => openKernels({ threads: 1 })],
])('over %s', (_, open: () => Promise<Kernels>) => {
  test('pages make one list, and a batch gives what its requests would get alone', async () => {
    const kernels = await open()
    await fc.assert(
      fc.asyncProperty(cases(), async ({ model, requests }) => {
        const recommender = new Recommender(model, kernels, { leastCustomers: 1 })
        const together = await recommender.recommend(requests)
        for (const [i, request] of requests.entries()) {
          const [alone] = await recommender.recommend([request])
          expect(plainList(alone)).toEqual(plainList(together[i]))
          const { first, offset = 0 } = request
          const [whole] = await recommender.recommend([{ ...request, first: model.products.size, offset: 0 }])
          expect(plainList(together[i]).items).toEqual(plainList(whole).items.slice(offset, offset + first))
        }
        recommender.close()
      }),
    )
  })

  test('a product is found whose whole worth is what other sources add to the search’s inner product', async () => {
    // Of 1,000 products the last is what the customer's taste speaks against most, and what nearly all customers buy.
    const size = 1000
    const model = smallModel({
      factors: Array.from({ length: size }, (_item, product) => [product === size - 1 ? -1 : 1]),
      features: Array.from({ length: size }, () => [1]),
      purchases: [{ 0: 1 }, { [size - 1]: 50 }],
      blendWeights: fixedWeights({ collaborative: 0.1, popularity: 1 }),
    })
    const recommender = new Recommender(model, await open(), { leastCustomers: 1 })
    const [{ items }] = await recommender.recommend([{ customer: 0, first: 3 }])
    expect(items.map(({ product }) => product)).toEqual([size - 1, 1, 2])
    const of = (name: string) => items[0].sources.find(({ source }) => source === name)!.contribution
    // One of 1,000 that differs from all others lies √999 standard deviations from the average.
    expect(of('collaborative')).toBeCloseTo(-0.1 * Math.sqrt(999), 4)
    expect(of('popularity')).toBeCloseTo(Math.log(1 + (1000 * 50) / 51), 12)
    recommender.close()
  })

  test('what other sources add most to comes first, and the rest after it however long the list is', async () => {
    // Products 0 … 599 are alike but for their sales, ever fewer; 600 … 609 sold least, beside the one bought.
    const size = 610
    const model = smallModel({
      factors: Array.from({ length: size }, () => [1]),
      features: Array.from({ length: size }, () => [1]),
      purchases: [{ 609: 1 }],
      popularity: Array.from({ length: size }, (_item, product) => (product < 600 ? 1000 - product : 1)),
      sellers: Array.from({ length: size }, (_item, product) => (product < 600 ? 0 : 1)),
    })
    const kernels = await open()
    const recommender = new Recommender(model, kernels, { leastCustomers: 1 })
    const [few, all] = [5, size].map((first): RecommendationRequest => ({ customer: 0, first }))
    const [[short], [long]] = [await recommender.recommend([few]), await recommender.recommend([all])]
    expect(short.items.map(({ product }) => product)).toEqual(numbers(5, 600))
    expect(long.items.map(({ product }) => product)).toEqual([...numbers(9, 600), ...numbers(600, 0)])
    recommender.close()
  })

  test('a catalogue of products all alike is ranked by index, whatever the length of the list', async () => {
    const size = 400
    const model = smallModel({
      factors: Array.from({ length: size }, () => [1]),
      features: Array.from({ length: size }, () => [1]),
      // All of them sold alike: of none is more known than of another.
      purchases: [{ 399: 1 }, Object.fromEntries(Array.from({ length: size }, (_, product) => [product, 1]))],
      popularity: Array.from({ length: size }, () => 1),
    })
    const { kernels, calls } = counting(await open())
    const recommender = new Recommender(model, kernels, { leastCustomers: 1 })
    const [{ items }] = await recommender.recommend([{ customer: 0, first: 3 }])
    expect(items.map(({ product }) => product)).toEqual([0, 1, 2])
    expect(calls.topK).toBeGreaterThan(1)
    recommender.close()
  })
})

describe('the moment that a list is for', () => {
  /** Product 1 sold on day 10, product 2 on day 400; customer 2 bought product 0. */
  const model = soldAt(
    smallModel({
      factors: [[1], [1], [1]],
      features: [[1], [1], [1]],
      purchases: [{ 1: 1 }, { 2: 1 }, { 0: 1 }],
    }),
    Float64Array.of(10 * DAY, 400 * DAY, 5 * DAY),
  )
  const recommender = new Recommender(model, reference, { leastCustomers: 1 })
  const best = async (at?: number) => {
    const [{ items }] = await recommender.recommend([
      { customer: 2, first: 1, ...(at !== undefined && { at }) },
    ])
    return items[0].product
  }

  test('decides what sells lately', async () => {
    expect(await best(20 * DAY)).toBe(1)
    expect(await best(401 * DAY)).toBe(2)
  })

  test('is that of the latest purchase where none is stated', async () => {
    expect(await best()).toBe(2)
  })

  test('weighs the sources as for a basket within a day of a purchase, and where the time of one is unknown', async () => {
    const { discovery, nextOrder } = fixedWeights({ popularity: 1 })
    const { basket } = fixedWeights({ popularity: 2 })
    const weighed: Model = {
      ...model,
      summary: { ...model.summary, blendWeights: { discovery, basket, nextOrder, customers: 0 } },
    }
    const its = new Recommender(weighed, reference, { leastCustomers: 1 })
    const weightOf = async (purchasedAt: number | null, includePurchased = false) => {
      const history = [
        { product: 0, quantity: 1, purchasedAt: 5 * DAY },
        { product: 1, quantity: 1, purchasedAt },
      ]
      const [{ items }] = await its.recommend([{ history, at: 20 * DAY, first: 1, includePurchased }])
      return items[0].sources.find(({ source }) => source === 'popularity')!.weight
    }
    expect(await weightOf(18 * DAY)).toBe(1)
    expect(await weightOf(19 * DAY)).toBe(1)
    expect(await weightOf(19 * DAY + 1)).toBe(2)
    expect(await weightOf(21 * DAY)).toBe(2)
    expect(await weightOf(null)).toBe(2)
    expect(await weightOf(null, true)).toBe(1)
    its.close()
  })

  test('must be a time', async () => {
    await expect(best(Infinity)).rejects.toThrow('at must be a time in ms since 1970, not Infinity')
  })
})
