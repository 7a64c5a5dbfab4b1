import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalEquation } from '../../src/data/confidence.ts'
import { historyOf, rowsOf } from '../../src/engine/history.ts'
import type { Reason } from '../../src/engine/reason.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import type { Recommendation, RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { LearnedSource } from '../../src/model/blend-weights.ts'
import { fixedWeights } from '../../src/model/blend-weights.ts'
import type { Model } from '../../src/model/model.ts'
import { denseSolution } from '../kernels/problems.ts'
import { plainReasons } from './plain.ts'
import { DAY, modelAndRequests, type SmallModel, smallModel } from './small-model.ts'

const reference = referenceKernels()
const bought = (product: number, quantity = 1, day: number | null = null): HistoryEntry => ({
  product,
  quantity,
  purchasedAt: day === null ? null : day * DAY,
})
const near = (value: number) => expect.closeTo(value, 5)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

async function recommendationOf(model: Model, product: number, request: Partial<RecommendationRequest>) {
  const recommender = new Recommender(model, reference, { leastCustomers: 1 })
  const [{ items }] = await recommender.recommend([{ first: model.products.size, ...request }])
  return items.find((item) => item.product === product)!
}

/** A model in which one source counts 1 and the others nothing. */
function modelOf(source: LearnedSource, parts: SmallModel): Model {
  return smallModel({ ...parts, blendWeights: fixedWeights({ [source]: 1 }) })
}

const alike = (products: number) => ({
  factors: Array.from({ length: products }, () => [1]),
  features: Array.from({ length: products }, () => [1]),
})

const inOrders = (orders: number, day: number | null) => ({
  orders,
  firstPurchasedAt: day === null ? null : day * DAY,
})

test('taste and resemblance come apart into what each purchase adds', async () => {
  const model = smallModel({
    factors: [[1], [2], [3], null],
    features: [
      [1, 0],
      [0, 1],
      [0.6, 0.8],
      [1, 0],
    ],
    purchases: [{ 0: 1, 1: 2 }],
    blendWeights: fixedWeights({ collaborative: 0.6, content: 0.4 }),
  })
  const { reasons } = await recommendationOf(model, 2, { customer: 0 })
  // x = (2·1 + 3·2)/24, a quarter of it by product 0; z of product 2 is √1.5, whatever x is.
  const taste = 0.6 * Math.sqrt(1.5)
  // The profile is [1, 2]/√5, product 2 less the average [−0.05, 0.35], the variance of the scores 0.0615.
  const content = 0.4 / Math.sqrt(5 * 0.0615)
  const amounts = [0.75 * taste, 0.7 * content, 0.25 * taste, -0.05 * content]
  const size = sum(amounts.map(Math.abs))
  const share = (place: number) => near(Math.abs(amounts[place]) / size)
  expect(plainReasons(reasons())).toEqual([
    {
      kind: 'TASTE',
      purchase: { ...bought(1, 2), ...inOrders(2, null) },
      amount: near(amounts[0]),
      share: share(0),
    },
    {
      kind: 'RESEMBLANCE',
      purchase: { ...bought(1, 2), ...inOrders(2, null) },
      amount: near(amounts[1]),
      share: share(1),
      similarity: near(0.8),
      sharedAttributes: [],
    },
    { kind: 'TASTE', purchase: bought(0), amount: near(amounts[2]), share: share(2) },
    {
      kind: 'RESEMBLANCE',
      purchase: bought(0),
      amount: near(amounts[3]),
      share: share(3),
      similarity: near(0.6),
      sharedAttributes: [],
    },
  ])
})

describe('of one source alone', () => {
  test('the likeness to the nearest purchase of the category is all that purchase’s, of several the latest’s', async () => {
    const model = modelOf('nearest', {
      factors: alike(4).factors,
      features: [
        [1, 0],
        [0, 1],
        [0.6, 0.8],
        [0, 1],
      ],
      categories: [0, 0, 0, 0],
    })
    const history = [bought(0, 1, 3), bought(1, 1, 1), bought(3, 1, 2)]
    const { reasons } = await recommendationOf(model, 2, { history })
    expect(plainReasons(reasons())).toEqual([
      {
        kind: 'RESEMBLANCE',
        purchase: bought(3, 1, 2),
        amount: near(Math.log(1.01 / 0.21)),
        share: 1,
        similarity: near(0.8),
        sharedAttributes: [{ attribute: 'category', value: 'category 0', purchasedValue: 'category 0' }],
      },
    ])
  })

  test('what was bought together is divided by the cosines, each with its customers', async () => {
    // Product 0 has 3 customers, product 1 has 2; one of either bought product 2, which nobody else did.
    const model = modelOf('coPurchase', {
      ...alike(3),
      purchases: [{ 0: 1, 1: 7 }, { 0: 1, 1: 1, 2: 1 }, { 0: 1 }],
    })
    const { reasons } = await recommendationOf(model, 2, { history: [bought(0), bought(1)] })
    const [cos0, cos1] = [1 / Math.sqrt(3), 1 / Math.sqrt(2)]
    const amount = Math.log(1 + 100 * (cos0 + cos1))
    expect(plainReasons(reasons())).toEqual([
      {
        kind: 'BOUGHT_TOGETHER',
        purchase: bought(1),
        customers: 1,
        amount: near((amount * cos1) / (cos0 + cos1)),
        share: near(cos1 / (cos0 + cos1)),
      },
      {
        kind: 'BOUGHT_TOGETHER',
        purchase: bought(0),
        customers: 1,
        amount: near((amount * cos0) / (cos0 + cos1)),
        share: near(cos0 / (cos0 + cos1)),
      },
    ])
  })

  test.each([
    ['category', { kind: 'POPULAR_IN_CATEGORY', category: 'category 1' }],
    ['seller', { kind: 'POPULAR_WITH_SELLER', seller: 'seller 1' }],
  ] as const)(
    'a %s that was bought from is one reason, with what was bought from it',
    async (source, expected) => {
      const shelves = [1, 0, 1, 1]
      const model = modelOf(source, {
        ...alike(4),
        popularity: [6, 5, 2, 4],
        [source === 'category' ? 'categories' : 'sellers']: shelves,
      })
      const { reasons } = await recommendationOf(model, 3, { history: [bought(0), bought(1), bought(2)] })
      // Two of three products are of the shelf, which sold 12 units, 4 of them of the product; N = 4.
      expect(plainReasons(reasons())).toEqual([
        {
          ...expected,
          amount: near(Math.log(1 + (4 * (2 / 3) * 4) / 12)),
          share: 1,
          sales: { units: 4, days: null, since: null, until: null },
          purchases: [bought(0), bought(2)],
        },
      ])
    },
  )

  test('popularity tells the units of the last 30 days, and counts older ones too', async () => {
    const model = modelOf('popularity', {
      ...alike(2),
      purchases: [{ 0: 1 }, { 0: 2 }, { 0: 4 }],
      days: [100, 71, 70],
    })
    const { reasons } = await recommendationOf(model, 0, { history: [bought(1)] })
    // All that was sold is product 0's: ln(1 + N·1).
    expect(plainReasons(reasons())).toEqual([
      {
        kind: 'POPULAR',
        amount: near(Math.log(3)),
        share: 1,
        sales: { units: 3, days: 30, since: 70 * DAY, until: 100 * DAY },
      },
    ])
  })

  test('popularity tells all units where no time is known', async () => {
    const model = modelOf('popularity', { ...alike(2), purchases: [{ 0: 1 }, { 0: 2 }] })
    const { reasons } = await recommendationOf(model, 0, { history: [bought(1)] })
    expect(reasons()).toMatchObject([{ kind: 'POPULAR', sales: { units: 3, days: null } }])
  })

  test('that the product was bought before is a reason, with the purchase', async () => {
    const model = modelOf('repeat', { ...alike(2), purchases: [{ 0: 3 }], days: [9] })
    const { reasons } = await recommendationOf(model, 0, { customer: 0, includePurchased: true })
    expect(plainReasons(reasons())).toEqual([
      {
        kind: 'BOUGHT_BEFORE',
        purchase: { ...bought(0, 3, 9), ...inOrders(3, 9) },
        amount: near(2),
        share: 1,
      },
    ])
  })

  test('sales alone account for the list of somebody of whom nothing is known', async () => {
    const model = modelOf('content', { ...alike(2), purchases: [{ 1: 2 }, { 1: 1 }], days: [40, 10] })
    const { reasons } = await recommendationOf(model, 1, { history: [] })
    // One unit of a month ago counts half.
    expect(plainReasons(reasons())).toEqual([
      {
        kind: 'POPULAR',
        amount: near(2.5),
        share: 1,
        sales: { units: 2, days: 30, since: 10 * DAY, until: 40 * DAY },
      },
    ])
  })
})

const day = fc.option(fc.integer({ min: 0, max: 400 }))

describe.each(['learned', 'notebook'] as const)('under the blend %s', (blend) => {
  describe.each([
    ['the reference', async () => reference],
    ['WebAssembly', () => openKernels({ threads: 1 })],
  ])('over %s', (_, open: () => Promise<Kernels>) => {
    /** Of any shop: cold products, unknown attributes, repeated products, dated or not; both kinds of list. */
    async function assertOfAll(check: (item: Recommendation, history: readonly HistoryEntry[]) => void) {
      const kernels = await open()
      await fc.assert(
        fc.asyncProperty(
          modelAndRequests({ blend, alpha: 40 }, 12, day),
          fc.boolean(),
          async ({ model, requests }, doubled) => {
            const recommender = new Recommender(model, kernels, { leastCustomers: 1 })
            for (const request of requests) {
              const repeated =
                doubled && request.history ? request.history.concat(request.history) : undefined
              const asked = { ...request, ...(repeated && { history: repeated }) }
              const [{ items }] = await recommender.recommend([asked])
              for (const item of items) check(item, historyOf(model, asked))
            }
            recommender.close()
          },
        ),
      )
      await kernels.close()
    }

    test('the amounts sum to the hybrid score', async () => {
      await assertOfAll(({ hybrid, reasons }) => {
        const amounts = reasons().map(({ amount }) => amount)
        // 1e-4 of the score is promised. Beyond it there is only the last bit of each term.
        const tolerance = 1e-4 * Math.abs(hybrid) + 1e-12 * (1 + sum(amounts.map(Math.abs)))
        expect(Math.abs(sum(amounts) - hybrid)).toBeLessThanOrEqual(tolerance)
      })
    })

    test('the shares sum to 1, the heaviest reason first, and none that adds nothing', async () => {
      await assertOfAll(({ reasons }) => {
        const sizes = reasons().map(({ amount }) => Math.abs(amount))
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
        expect(sizes).not.toContain(0)
        reasons().forEach(({ share }, i) => expect(share).toBeCloseTo(sizes[i] / sum(sizes), 12))
      })
    })

    test('a reason names purchases of the history, each of them once in its kind', async () => {
      await assertOfAll(({ reasons }, history) => {
        const named = reasons().map(
          (reason) => `${reason.kind} ${'purchase' in reason && reason.purchase.product}`,
        )
        expect(new Set(named).size).toBe(named.length)
        for (const purchase of reasons().flatMap(purchasesOf)) expect(history).toContainEqual(purchase)
      })
    })
  })
})

function purchasesOf(reason: Reason): readonly HistoryEntry[] {
  if ('purchase' in reason) return [reason.purchase]
  return 'purchases' in reason ? reason.purchases : []
}

test('a purchase speaks through taste by its own part of the equation’s solution and by its item weight', async () => {
  await fc.assert(
    fc.asyncProperty(modelAndRequests({ blend: 'learned' }), async ({ model, requests }) => {
      const recommender = new Recommender(model, reference, { leastCustomers: 1 })
      for (const request of requests) {
        const history = historyOf(model, request)
        const [{ items }] = await recommender.recommend([request])
        const terms = tasteTerms(model, history)
        for (const { product, sources, reasons } of items) {
          // What cancels to 0 has no causes.
          const weightOf = (name: string) => {
            const its = sources.find(({ source }) => source === name)
            return its?.contribution ? its.weight : 0
          }
          for (const reason of reasons()) {
            if (reason.kind !== 'TASTE') continue
            const place = history.findIndex((entry) => entry.product === reason.purchase.product)
            expect(reason.amount).toBeCloseTo(
              weightOf('collaborative') * terms[place][product] +
                weightOf('ease') * itemWeight(model, reason.purchase.product, product),
              3,
            )
          }
        }
      }
      recommender.close()
    }),
  )
})

/** B_ij. */
function itemWeight({ itemWeights: { weights } }: Model, from: number, to: number): number {
  const entry = weights.indices.subarray(weights.indptr[from], weights.indptr[from + 1]).indexOf(to)
  return entry < 0 ? 0 : weights.values[weights.indptr[from] + entry]
}

/** Per purchase and product, (y_j − ȳ)·xᵢ/σ by its definition. */
function tasteTerms({ itemFactors: { rows, columns, data } }: Model, history: readonly HistoryEntry[]) {
  const row = rowsOf([history], rows)
  const equation = normalEquation('hu-koren-volinsky', 1, 1)
  const products = Array.from({ length: rows }, (_, product) => product)
  const factorsOf = (product: number) => Array.from(data.subarray(product * columns, (product + 1) * columns))
  const known = products.filter((product) => factorsOf(product).some((value) => value !== 0))
  const score = (x: readonly number[], product: number) => sum(factorsOf(product).map((y, d) => x[d] * y))
  const mean = (x: readonly number[]) => sum(known.map((product) => score(x, product))) / known.length
  const whole = denseSolution(row, 0, data, columns, equation)
  const variance = sum(known.map((product) => (score(whole, product) - mean(whole)) ** 2)) / known.length
  // Scores that barely differ are left to the tests of calibration.
  fc.pre(variance === 0 || variance > 0.02 ** 2)
  return history.map(({ product }) => {
    const entry = row.indices.indexOf(product)
    const part = denseSolution(row, 0, data, columns, equation, (other) => other === entry)
    return products.map((j) => (score(part, j) - mean(part)) / Math.sqrt(variance || 1))
  })
}
