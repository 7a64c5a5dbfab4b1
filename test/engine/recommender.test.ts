import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UnknownCustomerError, UnknownProductError } from '../../src/engine/errors.ts'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import type { RecommendationList } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { fixedWeights, LEARNED_SOURCES } from '../../src/model/blend-weights.ts'
import type { Model } from '../../src/model/model.ts'
import { counting } from './counting.ts'
import { plainList, plainReasons } from './plain.ts'
import { modelAndRequests, smallModel } from './small-model.ts'

/** One factor a product, the last product cold; λ = 1, α = 1. */
const shop = {
  factors: [[1], [2], [3], null],
  features: [
    [1, 0],
    [0, 1],
    [0.6, 0.8],
    [1, 0],
  ],
  purchases: [{ 0: 1 }, {}, { 0: 1, 1: 2 }],
  popularity: [3, 1, 3, 0],
  blendWeights: fixedWeights({ collaborative: 0.6, content: 0.4 }),
}
const bought = (product: number, quantity = 1): HistoryEntry => ({ product, quantity, purchasedAt: null })

const silent = (source: string) => ({ source, value: null, weight: 0, contribution: null })
/** What a source of weight 0 says is told all the same. */
const idle = (source: string, value: number) => ({ source, value, weight: 0, contribution: 0 })
/** The shop, by one source alone. */
const shopBy = (source: 'collaborative' | 'content') =>
  smallModel({ ...shop, blendWeights: fixedWeights({ [source]: 1 }) })

const products = ({ items }: RecommendationList) => items.map(({ product }) => product)
const near = (value: number) => expect.closeTo(value, 5)
const tasteOf = (product: number, amount: number, share: number) => ({
  kind: 'TASTE',
  purchase: bought(product),
  amount: near(amount),
  share: near(share),
})
const likenessTo = (product: number, similarity: number, amount: number, share = 1) => ({
  kind: 'RESEMBLANCE',
  purchase: bought(product),
  similarity: near(similarity),
  sharedAttributes: [],
  amount: near(amount),
  share: near(share),
})
/** As every list has it that nothing else was asked of. */
const byScore = (score: number) => ({
  arranged: { placement: 'RANKED', boost: 1, final: near(score), similarityAbove: null },
})
/** The shop's cosines to product 0 are 1, 0, 0.6 and 1: mean 0.65, variance 0.1675. */
const z = (cosine: number) => (cosine - 0.65) / Math.sqrt(0.1675)

describe.each([
  ['the reference', async () => referenceKernels()],
  ['WebAssembly', () => openKernels({ threads: 1 })],
])('a recommender over %s', (_, open: () => Promise<Kernels>) => {
  let kernels: Kernels
  beforeAll(async () => {
    kernels = await open()
  })
  afterAll(() => kernels?.close())

  async function using<Result>(
    model: Model,
    use: (recommender: Recommender) => Promise<Result>,
  ): Promise<Result> {
    const recommender = new Recommender(model, kernels, { leastCustomers: 1 })
    return use(recommender).finally(() => recommender.close())
  }
  const recommend = async (model: Model, ...requests: Parameters<Recommender['recommend']>[0]) =>
    using(model, (recommender) => recommender.recommend(requests))

  describe('recommend', () => {
    test('ranks by the sum of the sources’ calibrated scores, and says each one’s part', async () => {
      // x = 2·1 / (14 + 1 + 1) = 1/8. Collaborative scores 1/8, 2/8, 3/8: z = −√1.5, 0, √1.5.
      // The profile is product 0's.
      const [list] = await recommend(smallModel(shop), { customer: 0, first: 3 })
      const [taste, likeness] = [0.6 * Math.sqrt(1.5), 0.4 * z(0.6)]
      // Of what the shop sold no time is known: each unit counts half. One of product 0's two customers, its only one,
      // bought product 1.
      const others = (coPurchase: number | null, units: number) =>
        LEARNED_SOURCES.slice(2).map((source) => {
          if (source === 'popularity') return idle(source, units / 2)
          return source === 'coPurchase' && coPurchase !== null
            ? idle(source, near(coPurchase))
            : silent(source)
        })
      expect(plainList(list)).toEqual({
        strategy: 'HYBRID',
        hasMore: false,
        items: [
          {
            rank: 1,
            product: 2,
            hybrid: near(taste + likeness),
            ...byScore(taste + likeness),
            sources: [
              { source: 'collaborative', value: near(3 / 8), weight: 0.6, contribution: near(taste) },
              { source: 'content', value: near(0.6), weight: 0.4, contribution: near(likeness) },
              ...others(null, 0),
            ],
            reasons: [
              tasteOf(0, taste, taste / (taste - likeness)),
              likenessTo(0, 0.6, likeness, -likeness / (taste - likeness)),
            ],
          },
          {
            // Cold: the collaborative source says nothing, which is what it says of the average product.
            rank: 2,
            product: 3,
            hybrid: near(0.4 * z(1)),
            ...byScore(0.4 * z(1)),
            sources: [
              silent('collaborative'),
              { source: 'content', value: near(1), weight: 0.4, contribution: near(0.4 * z(1)) },
              ...others(null, 0),
            ],
            reasons: [likenessTo(0, 1, 0.4 * z(1))],
          },
          {
            rank: 3,
            product: 1,
            hybrid: near(0.4 * z(0)),
            ...byScore(0.4 * z(0)),
            sources: [
              { source: 'collaborative', value: near(2 / 8), weight: 0.6, contribution: near(0) },
              { source: 'content', value: near(0), weight: 0.4, contribution: near(0.4 * z(0)) },
              ...others(1 / Math.SQRT2, 2),
            ],
            reasons: [likenessTo(0, 0, 0.4 * z(0))],
          },
        ],
      })
    })

    test('returns what was bought only where asked to', async () => {
      const model = smallModel(shop)
      const [without, including] = await recommend(
        model,
        { customer: 2, first: 4 },
        { customer: 2, first: 4, includePurchased: true },
      )
      expect(products(without).toSorted()).toEqual([2, 3])
      expect(products(including).toSorted()).toEqual([0, 1, 2, 3])
    })

    test('answers a customer who never bought by popularity, ties to the lower index', async () => {
      const [list, anonymous] = await recommend(
        smallModel({ ...shop, purchases: [{ 0: 6 }, {}, { 1: 2, 2: 6 }] }),
        { customer: 1, first: 3 },
        { history: [], first: 3 },
      )
      // Units of unknown time count half.
      expect(list).toMatchObject({ strategy: 'POPULARITY', hasMore: true })
      expect(list.items.map(({ product, hybrid }) => [product, hybrid])).toEqual([
        [0, 3],
        [2, 3],
        [1, 1],
      ])
      expect(plainList(list).items[0].reasons).toEqual([
        { kind: 'POPULAR', amount: 3, share: 1, sales: { units: 6, days: null, since: null, until: null } },
      ])
      expect(list.items[0].sources).toEqual([{ source: 'popularity', value: 3, weight: 1, contribution: 3 }])
      expect(plainList(anonymous)).toEqual(plainList(list))
    })

    test('asks content alone about a history of cold products', async () => {
      const [list] = await recommend(smallModel(shop), { history: [bought(3)], first: 4 })
      expect(list.strategy).toBe('HYBRID')
      expect(products(list)).toEqual([0, 2, 1])
      expect(list.items[0].sources.slice(0, 2)).toEqual([
        { source: 'collaborative', value: null, weight: 0, contribution: null },
        expect.objectContaining({ source: 'content', value: expect.closeTo(1, 6), weight: 0.4 }),
      ])
      expect(plainReasons(list.items[0].reasons())).toEqual([likenessTo(3, 1, 0.4 * z(1))])
    })

    test('asks the collaborative source alone after a history without features, and scores the cold as average', async () => {
      const model = smallModel({ ...shop, features: [null, [0, 1], [0.6, 0.8], [1, 0]] })
      const [list] = await recommend(model, { customer: 0, first: 4 })
      expect(list).toMatchObject({ strategy: 'HYBRID', hasMore: false })
      // Product 1 is the average of the three that have factors.
      expect(products(list)).toEqual([2, 1, 3])
      expect(list.items.slice(1).map(({ hybrid }) => hybrid)).toEqual([near(0), 0])
      expect(list.items[0].sources[0]).toMatchObject({ value: expect.closeTo(3 / 8, 5), weight: 0.6 })
      expect(list.items[0].sources[1].value).toBeNull()
      expect(list.items[0].reasons()).toEqual([tasteOf(0, 0.6 * Math.sqrt(1.5), 1)])
    })

    test('falls back on popularity where no source knows any of the history', async () => {
      const model = smallModel({ ...shop, features: [[1, 0], [0, 1], [0.6, 0.8], null] })
      const [list] = await recommend(model, { history: [bought(3)], first: 2 })
      expect(list.strategy).toBe('POPULARITY')
    })

    test('lets a source of weight 0 add nothing, and where it alone knows the history falls back on popularity', async () => {
      const [list] = await recommend(shopBy('content'), { customer: 0, first: 1 })
      expect(list.strategy).toBe('HYBRID')
      expect(products(list)).toEqual([3])
      expect(plainReasons(list.items[0].reasons())).toEqual([likenessTo(0, 1, z(1))])
      const [cold] = await recommend(shopBy('collaborative'), { history: [bought(3)], first: 1 })
      expect(cold.strategy).toBe('POPULARITY')
    })

    test('scores all alike where a source cannot tell products apart', async () => {
      const model = smallModel({ ...shop, factors: [[2], [2], [2], [2]] })
      const [list] = await recommend(model, { customer: 0, first: 3 })
      for (const { sources } of list.items) expect(sources[0].contribution).toBeCloseTo(0, 9)
    })

    test('an empty page still tells whether there is more', async () => {
      const [none, end] = await recommend(
        smallModel(shop),
        { customer: 0, first: 0 },
        { customer: 0, first: 5, offset: 3 },
      )
      expect(none).toMatchObject({ items: [], hasMore: true })
      expect(end).toMatchObject({ items: [], hasMore: false })
    })

    test('an empty batch is answered with nothing', async () => {
      expect(await recommend(smallModel(shop))).toEqual([])
    })

    test('a history that repeats a product is one that bought it more often, in an order for each time', async () => {
      const repeated = [bought(0, 1), bought(1), { ...bought(0, 2), purchasedAt: 5 }, bought(0, 1)]
      const [once, often] = await recommend(
        smallModel(shop),
        {
          history: [{ ...bought(0, 4), purchasedAt: 5, orders: 2 }, bought(1)],
          first: 4,
          includePurchased: true,
        },
        { history: repeated, first: 4, includePurchased: true },
      )
      expect(plainList(often)).toEqual(plainList(once))
      const repeat = often.items
        .find(({ product }) => product === 0)!
        .sources.find(({ source }) => source === 'repeat')
      expect(repeat!.value).toBe(2)
    })

    test.each([
      [{ customer: 3, first: 1 }, /no customer 3: the model has 3/],
      [{ customer: -1, first: 1 }, /no customer -1/],
      [{ history: [bought(4)], first: 1 }, /no product 4: the model has 4/],
      [{ history: [bought(0, 0)], first: 1 }, /quantity must be above 0, not 0/],
      [{ history: [bought(0, NaN)], first: 1 }, /quantity must be above 0, not NaN/],
      [
        { history: [{ ...bought(0), orders: 0 }], first: 1 },
        /orders must be a whole number of at least 1, not 0/,
      ],
      [
        { history: [{ ...bought(0), purchasedAt: 5, firstPurchasedAt: 6 }], first: 1 },
        /firstPurchasedAt must be a time in ms since 1970 up to purchasedAt, or null, not 6/,
      ],
      [{ customer: 0, first: -1 }, /first must be a whole number of at least 0, not -1/],
      [{ customer: 0, first: 1, offset: 0.5 }, /offset must be a whole number of at least 0, not 0.5/],
      [{ first: 1 }, /neither a customer nor a history/],
    ])('refuses %o', async (request, message) => {
      await expect(recommend(smallModel(shop), request)).rejects.toThrow(message)
    })

    test('returns exactly as many as are asked for and exist, and its pages make one list', async () => {
      await fc.assert(
        fc.asyncProperty(modelAndRequests(), async ({ model, requests }) => {
          await using(model, async (recommender) => {
            for (const { first, offset = 0, ...request } of requests) {
              const all = await recommender.recommend([{ ...request, first: model.products.size }])
              const pages = await recommender.recommend([
                { ...request, first, offset },
                { ...request, first, offset: offset + first },
              ])
              const [one, two] = pages.map((page) => plainList(page).items)
              expect([...one, ...two]).toEqual(plainList(all[0]).items.slice(offset, offset + 2 * first))
              expect(all[0].items.map(({ rank }) => rank)).toEqual(all[0].items.map((_item, i) => i + 1))
              expect(pages[0].hasMore).toBe(offset + first < all[0].items.length)
            }
          })
        }),
      )
    })

    test('a ranking is that of the list, whichever page of it was asked for', async () => {
      await fc.assert(
        fc.asyncProperty(modelAndRequests(), async ({ model, requests }) => {
          await using(model, async (recommender) => {
            const lists = await recommender.recommend(requests)
            const ranked = await recommender.rank(requests)
            requests.forEach(({ first, offset = 0 }, i) => {
              const page = ranked[i].ranking.products.slice(offset, offset + first)
              expect(page).toEqual(products(lists[i]))
              expect(ranked[i].strategy).toBe(lists[i].strategy)
            })
          })
        }),
      )
    })

    test('the parts sum to the hybrid score, and the ranking follows it', async () => {
      await fc.assert(
        fc.asyncProperty(modelAndRequests(), async ({ model, requests }) => {
          const { discovery, nextOrder } = model.summary.blendWeights!
          const lists = await recommend(model, ...requests)
          lists.forEach(({ items, strategy }, l) => {
            const weights = requests[l].includePurchased ? nextOrder : discovery
            items.forEach(({ hybrid, sources, reasons }, i) => {
              const sum = sources.reduce((total, { contribution }) => total + (contribution ?? 0), 0)
              expect(sum).toBeCloseTo(hybrid, 10)
              for (const { source, value, weight } of strategy === 'HYBRID' ? sources : [])
                expect(weight).toBe(
                  value === null ? 0 : weights[LEARNED_SOURCES.find((one) => one === source)!],
                )
              // What nothing is known of comes last.
              if (i > 0 && reasons().length > 0) expect(hybrid).toBeLessThanOrEqual(items[i - 1].hybrid)
            })
          })
        }),
      )
    })

    test.each(['learned', 'notebook'] as const)(
      'a batch under the blend %s gives what its requests would get alone, for one fold-in and no search more than one',
      async (blend) => {
        await fc.assert(
          fc.asyncProperty(modelAndRequests({ blend }), async ({ model, requests }) => {
            const { kernels: counted, calls } = counting(kernels)
            const recommender = new Recommender(model, counted, { leastCustomers: 1 })
            const together = await recommender.recommend(requests)
            expect(calls.solve).toBe(1)
            const searches = calls.topK
            const alone = []
            let most = 0
            for (const request of requests) {
              const before = calls.topK
              alone.push(...(await recommender.recommend([request])))
              most = Math.max(most, calls.topK - before)
            }
            recommender.close()
            expect(searches).toBeLessThanOrEqual(most)
            if (blend === 'notebook') expect(searches).toBeLessThanOrEqual(1)
            expect(together.map(plainList)).toEqual(alone.map(plainList))
          }),
        )
      },
    )
  })

  describe('similar', () => {
    test('gives the nearest in content, twins first, never the product itself', async () => {
      const model = smallModel(shop)
      const [list, first] = await using(model, (recommender) =>
        recommender.similar([
          { product: 0, first: 3 },
          { product: 0, first: 1 },
        ]),
      )
      expect(list).toEqual({
        items: [
          { rank: 1, product: 3, similarity: expect.closeTo(1, 12) },
          { rank: 2, product: 2, similarity: expect.closeTo(0.6, 12) },
        ],
        // Product 1 has nothing in common with it.
        hasMore: false,
      })
      expect(first).toEqual({ items: list.items.slice(0, 1), hasMore: true })
    })

    test('knows nothing similar to a product of which nothing is known, nor it to others', async () => {
      const model = smallModel({ ...shop, features: [[1, 0], null, [0.6, 0.8], null] })
      const [unknown, known] = await using(model, (recommender) =>
        recommender.similar([
          { product: 1, first: 3 },
          { product: 0, first: 3 },
        ]),
      )
      expect(unknown).toEqual({ items: [], hasMore: false })
      expect(known.items.map(({ product }) => product)).toEqual([2])
    })

    test('pages, and asks the core once for a batch', async () => {
      const { kernels: counted, calls } = counting(kernels)
      const recommender = new Recommender(smallModel(shop), counted, { leastCustomers: 1 })
      const [all, page, beyond] = await recommender.similar([
        { product: 2, first: 3 },
        { product: 2, first: 1, offset: 1 },
        { product: 2, first: 2, offset: 7 },
      ])
      recommender.close()
      expect(calls.cosine).toBe(1)
      expect(page).toEqual({ items: all.items.slice(1, 2), hasMore: true })
      expect(beyond).toEqual({ items: [], hasMore: false })
    })

    test('refuses a product the model does not have', async () => {
      await expect(
        using(smallModel(shop), (recommender) => recommender.similar([{ product: 4, first: 1 }])),
      ).rejects.toThrow(/no product 4: the model has 4/)
    })
  })

  test('a shop that says nothing of its products is answered by what its customers bought', async () => {
    const model = smallModel({ ...shop, features: [null, null, null, null] })
    await using(model, async (recommender) => {
      const [list] = await recommender.recommend([{ customer: 0, first: 4 }])
      expect(list.strategy).toBe('HYBRID')
      expect(products(list)).toEqual([2, 1, 3])
      expect(await recommender.similar([{ product: 0, first: 4 }])).toEqual([{ items: [], hasMore: false }])
    })
  })
})

describe('a recommender', () => {
  const recommender = new Recommender(smallModel(shop), referenceKernels(), { leastCustomers: 1 })

  test('finds customers and products by the shop’s own ids', () => {
    expect(recommender.customerIndex('customer 2')).toBe(2)
    expect(recommender.productIndex('product 3')).toBe(3)
    expect(() => recommender.customerIndex('nobody')).toThrow(new UnknownCustomerError('nobody'))
    expect(() => recommender.productIndex('nothing')).toThrow(new UnknownProductError(['nothing']))
  })

  test('tells a customer’s history, the latest first, the undated last', () => {
    const model = { ...recommender.model, lastPurchased: Float64Array.of(NaN, NaN, 7) }
    expect(new Recommender(model, referenceKernels(), { leastCustomers: 1 }).history(2)).toEqual([
      { product: 1, quantity: 2, purchasedAt: 7, orders: 2, firstPurchasedAt: null },
      { product: 0, quantity: 1, purchasedAt: null },
    ])
    expect(recommender.history(1)).toEqual([])
    expect(() => recommender.history(9)).toThrow(/no customer 9/)
  })
})
