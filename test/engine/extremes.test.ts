import * as fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  LEAST_PRICE,
  LEAST_QUANTITY,
  MOST_MEASURE,
  MOST_PRICE,
  MOST_QUANTITY,
  MOST_TIME,
} from '../../src/data/ranges.ts'
import type { RecommendationRequest } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { recentSales } from '../../src/engine/recent-sales.ts'
import { trainModel } from '../../src/engine/train.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { openModel, writeModel } from '../../src/model/model-file.ts'
import type { Model } from '../../src/model/model.ts'
import { type Sale, smallShop } from '../model/small-shop.ts'
import { smallModel, soldAt } from './small-model.ts'

const DAY = 86_400_000

/** Every number of a value, by the path to it. */
function* numbersOf(value: unknown, path = ''): Generator<[string, number]> {
  if (typeof value === 'number') yield [path, value]
  else if (ArrayBuffer.isView(value)) {
    let i = 0
    for (const element of value as Float64Array) yield [`${path}[${i++}]`, element]
  } else if (value instanceof Map)
    for (const [key, element] of value) yield* numbersOf(element, `${path}.${key}`)
  else if (typeof value === 'object' && value !== null)
    for (const [key, element] of Object.entries(value)) yield* numbersOf(element, `${path}.${key}`)
}

/** Where NaN says "unknown". */
const UNKNOWN =
  /\.(firstPurchased|lastPurchased|price|customerFeatures\.data|contentColumns\.numeric\.\d+\.values)\[/

function expectFinite(value: unknown): void {
  const wrong = [...numbersOf(value)].filter(
    ([path, number]) => !Number.isFinite(number) && !(Number.isNaN(number) && UNKNOWN.test(path)),
  )
  expect(wrong).toEqual([])
}

const quantity = fc.oneof(
  fc.constantFrom(LEAST_QUANTITY, 1, MOST_QUANTITY),
  fc.double({ min: LEAST_QUANTITY, max: MOST_QUANTITY, noNaN: true }),
)
const price = fc.oneof(
  fc.constantFrom(0, LEAST_PRICE, MOST_PRICE),
  fc.double({ min: LEAST_PRICE, max: MOST_PRICE, noNaN: true }),
)
/** Days since 1970: of data that was read, and of data that a program made. */
const day = fc.oneof(
  fc.integer({ min: 3, max: 21_000 }),
  fc.constantFrom(-MOST_TIME / DAY, -700_000, 0, 54_000, MOST_TIME / DAY),
)
const sale: fc.Arbitrary<Sale> = fc.record(
  {
    customer: fc.constantFrom('ann', 'bob', 'cy', 'dan', 'eve'),
    product: fc.constantFrom('cup', 'mug', 'pan', 'pot', 'tin', 'jar'),
    quantity,
    price,
    day,
    seller: fc.constantFrom('s', 't'),
  },
  { requiredKeys: ['customer', 'product'] },
)
const moment = fc.oneof(
  fc.constantFrom(-MOST_TIME, MOST_TIME, 0, Date.UTC(2118), Date.UTC(1), Date.UTC(9999)),
  fc.integer({ min: -MOST_TIME, max: MOST_TIME }),
)

const LISTS = [
  'FOR_YOU',
  'RELATED',
  'COMPLEMENTARY',
  'ALSO_BOUGHT',
  'BUY_AGAIN',
  'TRENDING',
  'POPULAR',
] as const

describe('whatever data is read, and whatever moment asked about', () => {
  test('no model, list or reason holds a number that is none', async () => {
    const kernels = await openKernels({ threads: 1 })
    const folder = await mkdtemp(join(tmpdir(), 'rationale-extremes-'))
    const measure = fc.constantFrom(0, 1e-100, -1e-100, 1, MOST_MEASURE, -MOST_MEASURE, NaN)
    await fc.assert(
      fc.asyncProperty(
        fc.array(sale, { minLength: 1, maxLength: 40 }),
        fc.array(measure, { minLength: 6, maxLength: 6 }),
        fc.array(moment, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('default', 'notebook' as const),
        async (sales, measures, moments, preset) => {
          const shop = smallShop(sales)
          const values = Float64Array.from({ length: shop.products.size }, (_, i) => measures[i])
          const dataset = { ...shop, numeric: [{ name: 'grams', values }] }
          const configuration = configure(preset, { factors: 2, iterations: 3 })
          const trained = await trainModel(dataset, configuration, kernels)
          expectFinite(trained)
          const file = join(folder, 'm')
          await writeModel(trained, file)
          const model = await openModel(file)
          const recommender = new Recommender(model, kernels)
          const histories = [
            { customer: 0 },
            { history: [{ product: 0, quantity: MOST_QUANTITY, purchasedAt: MOST_TIME }] },
            { history: [{ product: 0, quantity: Number.MIN_VALUE, purchasedAt: -MOST_TIME }] },
            { history: [] },
          ]
          const requests = moments.flatMap((at) =>
            LISTS.flatMap((list) =>
              histories.map((who) => Object.assign({ list, at, first: 10 }, who) as RecommendationRequest),
            ),
          )
          expectFinite((await recommender.recommend(requests)).map(({ items }) => items))
          recommender.close()
        },
      ),
      { numRuns: 40 },
    )
    await rm(folder, { recursive: true })
    await kernels.close()
  })

  test('the weights of a shop of repeat customers are numbers, with orders centuries apart', async () => {
    const kernels = await openKernels({ threads: 1 })
    const far = fc.constantFrom(3, 8_000, 15_000, 20_000, 54_000, -700_000)
    await fc.assert(
      fc.asyncProperty(fc.array(far, { minLength: 130, maxLength: 130 }), async (days) => {
        const sales = days.map((when, i) => ({
          customer: `c${i % 60}`,
          product: `p${(i * i) % 17}`,
          quantity: i % 9 === 0 ? MOST_QUANTITY : 1,
          day: when + (i % 50),
        }))
        const model = await trainModel(
          smallShop(sales),
          configure('default', { factors: 2, iterations: 2 }),
          kernels,
        )
        expect(model.summary.blendWeights?.customers).toBeGreaterThan(0)
        expectFinite(model)
      }),
      { numRuns: 10 },
    )
    await kernels.close()
  })
})

/** One sale a product. */
const selling = (...days: number[]): Model =>
  soldAt(
    smallModel({
      factors: days.map(() => [1]),
      features: days.map(() => [1]),
      purchases: [Object.fromEntries(days.map((_, product) => [product, 1]))],
    }),
    Float64Array.from(days, (sold) => sold * DAY),
  )

describe('what sold lately', () => {
  test('is told of moments a century before the latest sale, as of any other', () => {
    const century = 36_500
    const salesAt = recentSales(selling(0, 30, century))
    expect([...salesAt(30 * DAY).orders]).toEqual([0.5, 1, 0])
    expect([...salesAt(century * DAY).orders].map(Number.isFinite)).toEqual([true, true, true])
    expect([...salesAt(NaN).orders]).toEqual([0, 0, 0])
    expect([...recentSales(selling(0, 30))(NaN).orders]).toEqual([0, 0])
  })

  test('fades from sale to sale as from each to the moment: by the sum', () => {
    const days = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(days, fc.integer({ min: -100_000, max: 200_000 }), (sold, at) => {
        const model = soldAt(
          smallModel({ factors: [[1]], features: [[1]], purchases: sold.map(() => ({ 0: 1 })) }),
          Float64Array.from(sold, (time) => time * DAY),
        )
        const expected = sold
          .filter((time) => time <= at)
          .reduce((sum, time) => sum + 2 ** ((time - at) / 30), 0)
        const [orders] = recentSales(model)(at * DAY).orders
        expect(Math.abs(orders - expected)).toBeLessThanOrEqual(1e-12 * expected)
      }),
    )
  })
})
