import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Arrangement } from '../../src/engine/arrangement.ts'
import { InvalidRequestError } from '../../src/engine/errors.ts'
import type { Recommendation, RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Model } from '../../src/model/model.ts'
import { listOf, modelAndRequests, smallModel } from './small-model.ts'

const sku = (product: number) => `product ${product}`

async function using<Result>(
  model: Model,
  use: (recommender: Recommender) => Promise<Result>,
): Promise<Result> {
  const recommender = new Recommender(model, referenceKernels())
  return use(recommender).finally(() => recommender.close())
}

/** The whole list, in its order. */
async function listed(
  model: Model,
  request: Omit<RecommendationRequest, 'first' | 'offset'>,
): Promise<readonly Recommendation[]> {
  const first = model.products.size
  const [{ items }] = await using(model, (recommender) => recommender.recommend([{ ...request, first }]))
  return items
}

const productsOf = (items: readonly Recommendation[]) => items.map(({ product }) => product)

function cosine({ content: { columns, data } }: Model, a: number, b: number): number {
  let sum = 0
  for (let d = 0; d < columns; d++) sum += data[a * columns + d] * data[b * columns + d]
  return sum
}

/** An arranged list by its definition, from the whole list by score alone. No draws: these have a test of their own. */
function arrangedByDefinition(
  model: Model,
  byScore: readonly Recommendation[],
  { boosts = [], pins = [], diversity = 0, maxPerCategory = Infinity, minScore = -Infinity }: Arrangement,
): { product: number; final: number }[] {
  const factorOf = (product: number) => {
    let factor = 1
    for (const { filter, multiplier } of boosts)
      if (filter.include?.includes(sku(product))) factor *= multiplier
    return factor
  }
  const pool = byScore
    .map(({ product, hybrid, reasons, sources }, place) => {
      const factor = factorOf(product)
      // What nothing is known of comes last in the blend that ranks everything, and by popularity.
      const ranksAll = model.summary.configuration.blend === 'learned' || sources[0].source === 'popularity'
      const isBlank = ranksAll && reasons().length === 0
      return { product, place, factor, isBlank, final: hybrid < 0 ? hybrid / factor : hybrid * factor }
    })
    .sort((a, b) => {
      if (a.isBlank !== b.isBlank) return a.isBlank ? 1 : -1
      // Scores that differ by rounding alone stand as the blend, which ranks in single precision, put them.
      if (a.factor === b.factor && Math.abs(a.final - b.final) < 1e-6) return a.place - b.place
      return b.final - a.final || a.product - b.product
    })
  const high = pool[0]?.final ?? 0
  const low = Math.min(high, ...pool.slice(0, 100).map(({ final }) => final))
  const pinned = new Map(
    pins.flatMap(({ product, position }) => {
      const entry = pool.find((one) => one.product === product)
      return entry ? [[position, entry] as const] : []
    }),
  )
  const list: typeof pool = []
  const category = (product: number) => model.category.codes[product]
  const isFree = ({ product }: (typeof pool)[number]) =>
    !list.some((one) => one.product === product) &&
    ![...pinned.values()].some((one) => one.product === product) &&
    (category(product) < 0 ||
      list.filter((one) => category(one.product) === category(product)).length < maxPerCategory)
  for (;;) {
    const pin = pinned.get(list.length + 1)
    if (pin) {
      list.push(pin)
      continue
    }
    const free = pool.filter(({ final }) => final >= minScore).filter(isFree)
    const window = free.filter(({ isBlank }) => isBlank === free[0].isBlank).slice(0, 100)
    const value = ({ product, final }: (typeof pool)[number]) => {
      const likeness = Math.max(...list.map((one) => cosine(model, product, one.product)))
      return (
        (1 - diversity) * (high > low ? (final - low) / (high - low) : 0) -
        (list.length > 0 ? diversity * likeness : 0)
      )
    }
    const best = diversity === 0 ? window[0] : window.toSorted((a, b) => value(b) - value(a))[0]
    if (best === undefined) break
    list.push(best)
  }
  const late = [...pinned].sort(([a], [b]) => a - b).map(([, entry]) => entry)
  for (const entry of late) if (!list.includes(entry)) list.push(entry)
  return list
}

const product = fc.nat(11)
const anyArrangement: fc.Arbitrary<Arrangement> = fc.record(
  {
    diversity: fc.constantFrom(0, 0.25, 0.5, 1),
    maxPerCategory: fc.integer({ min: 1, max: 3 }),
    minScore: fc.constantFrom(-0.5, 0, 0.5),
    boosts: fc.array(
      fc.record({
        filter: fc.record({ include: fc.array(product.map(sku), { maxLength: 5 }) }),
        multiplier: fc.constantFrom(0.1, 0.5, 2, 10),
      }),
      { maxLength: 3 },
    ),
    pins: fc
      .uniqueArray(fc.tuple(product, fc.integer({ min: 1, max: 14 })), {
        maxLength: 3,
        selector: ([pinned]) => pinned,
      })
      .map((pins) =>
        pins.filter(([, position], i) => pins.findIndex(([, other]) => other === position) === i),
      )
      .map((pins) => pins.map(([pinned, position]) => ({ product: pinned, position }))),
  },
  { requiredKeys: [] },
)

describe('an arranged list of the default blend', () => {
  test('is what its definition makes of the whole list by score', async () => {
    await fc.assert(
      fc.asyncProperty(modelAndRequests(), anyArrangement, async ({ model, requests: [request] }, wanted) => {
        const size = model.products.size
        const arrangement = {
          ...wanted,
          ...(wanted.pins && { pins: wanted.pins.filter((pin) => pin.product < size) }),
        }
        const list = listOf(request)
        const byScore = await listed(model, list)
        // A pin may name what the blend cannot score: such lists are left to a test of their own.
        fc.pre((arrangement.pins ?? []).every((pin) => productsOf(byScore).includes(pin.product)))
        const items = await listed(model, { ...list, arrangement })
        const expected = arrangedByDefinition(model, byScore, arrangement)
        expect(productsOf(items)).toEqual(expected.map((entry) => entry.product))
        items.forEach(({ rank, hybrid, arranged: { boost, final, placement } }, place) => {
          expect(rank).toBe(place + 1)
          expect(final).toBe(hybrid < 0 ? hybrid / boost : hybrid * boost)
          expect(final).toBeCloseTo(expected[place].final, 9)
          const isPinned = (arrangement.pins ?? []).some((pin) => pin.product === items[place].product)
          expect(placement).toBe(isPinned ? 'PINNED' : 'RANKED')
        })
      }),
      { numRuns: 300 },
    )
  })

  test('is the same page by page', async () => {
    await fc.assert(
      fc.asyncProperty(
        modelAndRequests(),
        anyArrangement,
        fc.option(fc.record({ explorationRate: fc.constantFrom(0.3, 1), seed: fc.integer() }), { nil: {} }),
        fc.integer({ min: 1, max: 5 }),
        async ({ model, requests: [request] }, wanted, exploring, first) => {
          const pins = (wanted.pins ?? []).filter((pin) => pin.product < model.products.size)
          const arrangement = { ...wanted, pins, ...exploring }
          const list = { ...listOf(request), arrangement }
          const whole = await listed(model, list)
          const pages = await using(model, async (recommender) => {
            const products: number[] = []
            for (let offset = 0; ; offset += first) {
              const [{ items, hasMore }] = await recommender.recommend([{ ...list, first, offset }])
              products.push(...productsOf(items))
              if (!hasMore) return products
            }
          })
          expect(pages).toEqual(productsOf(whole))
        },
      ),
    )
  })
})

describe('an arranged list', () => {
  /** 300 products of three categories, of falling scores; every third is of the same content. */
  const many = smallModel({
    factors: Array.from({ length: 300 }, () => null),
    features: Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? [1, 0] : [Math.sin(i), Math.cos(i)])),
    popularity: Array.from({ length: 300 }, (_, i) => 300 - i),
    categories: Array.from({ length: 300 }, (_, i) => (i < 280 ? 0 : 1 + (i % 2))),
    purchases: [{}],
  })

  test('looks as deep as it must to fill its places', async () => {
    const [{ items }] = await using(many, (recommender) =>
      recommender.recommend([{ list: 'POPULAR', first: 5, arrangement: { maxPerCategory: 2 } }]),
    )
    expect(productsOf(items)).toEqual([0, 1, 280, 281, 282])
  })

  test('gives every eligible product once when all places explore', async () => {
    const arrangement = { explorationRate: 1, seed: 7 }
    const items = await listed(many, { list: 'POPULAR', arrangement })
    expect(productsOf(items).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i))
    expect(items.filter(({ arranged }) => arranged.placement === 'EXPLORED').length).toBeGreaterThan(100)
  })

  test('explores as often as asked, blindly', async () => {
    const places = await Promise.all(
      Array.from({ length: 400 }, async (_, seed) => {
        const [{ items }] = await using(many, (recommender) =>
          recommender.recommend([
            { list: 'POPULAR', first: 1, arrangement: { explorationRate: 0.25, seed } },
          ]),
        )
        return items[0]
      }),
    )
    const drawn = places.filter(({ arranged }) => arranged.placement === 'EXPLORED')
    // Binomial, n = 400 and p = 1/4: four standard deviations are 35.
    expect(Math.abs(drawn.length - 100)).toBeLessThan(35)
    const mean = drawn.reduce((sum, { product: one }) => sum + one, 0) / drawn.length
    // Uniform over 0 … 299: four standard deviations of the mean of some 100 are 35.
    expect(Math.abs(mean - 149.5)).toBeLessThan(35)
  })

  test('never explores what is filtered out, or was bought', async () => {
    const model = smallModel({
      factors: [[1], [1], [1], [1]],
      features: [[1], [1], [1], [1]],
      purchases: [{ 0: 1 }],
    })
    const arrangement = { explorationRate: 1, seed: 3, pins: [{ product: 0, position: 1 }] }
    const items = await listed(model, { customer: 0, filter: { exclude: [sku(2)] }, arrangement })
    expect(productsOf(items).toSorted()).toEqual([1, 3])
  })

  test('at full diversity puts next what is least like all above', async () => {
    const items = await listed(
      smallModel({
        factors: [null, null, null, null],
        // 0 and 1 alike, 2 at a right angle, 3 opposite.
        features: [
          [1, 0],
          [1, 0],
          [0, 1],
          [-1, 0],
        ],
        popularity: [4, 3, 2, 1],
        purchases: [{}],
      }),
      { customer: 0, arrangement: { diversity: 1 } },
    )
    expect(items.map(({ product: one, arranged }) => [one, arranged.similarityAbove])).toEqual([
      [0, null],
      [3, -1],
      [2, 0],
      [1, 1],
    ])
  })

  test.each<[Arrangement, string[], string]>([
    [{ diversity: 1.5 }, ['diversity'], '"diversity" is 1.5: from 0 to 1 is possible.'],
    [{ diversity: NaN }, ['diversity'], 'is NaN'],
    [{ maxPerCategory: 0 }, ['maxPerCategory'], 'whole numbers from 1'],
    [{ explorationRate: -0.1, seed: 1 }, ['explorationRate'], 'is -0.1'],
    [{ explorationRate: 0.1 }, ['seed'], '"seed" is missing'],
    [{ explorationRate: 0.1, seed: 0.5 }, ['seed'], 'must be a whole number'],
    [{ minScore: Infinity }, ['minScore'], 'must be a number'],
    [{ boosts: [{ filter: {}, multiplier: 11 }] }, ['boosts', '0', 'multiplier'], 'from 0.1 to 10'],
    [{ boosts: [{ filter: {}, multiplier: 0 }] }, ['boosts', '0', 'multiplier'], 'from 0.1 to 10'],
    [
      { boosts: Array.from({ length: 6 }, () => ({ filter: {}, multiplier: 2 })) },
      ['boosts'],
      '"boosts" are 6: at most 5',
    ],
    [{ pins: [{ product: 0, position: 0 }] }, ['pins', '0', 'position'], 'from 1 to 1000'],
    [
      {
        pins: [
          { product: 0, position: 2 },
          { product: 1, position: 2 },
        ],
      },
      ['pins', '1', 'position'],
      'each place holds one product',
    ],
    [
      {
        pins: [
          { product: 0, position: 2 },
          { product: 0, position: 3 },
        ],
      },
      ['pins', '1'],
      'each product has one place',
    ],
  ])('with %j is refused, saying where', async (arrangement, path, message) => {
    const refused = listed(many, { list: 'POPULAR', arrangement })
    await expect(refused).rejects.toThrow(InvalidRequestError)
    await expect(refused).rejects.toThrow(
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    )
  })
})
