import { describe, expect, test } from 'vitest'
import { normalEquation } from '../../src/data/confidence.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { featuresOfCustomer } from '../../src/model/customer-features.ts'
import { FitError, fitModel, observations } from '../../src/model/fit.ts'
import { smallShop } from './small-shop.ts'

const kernels = referenceKernels()
const configuration = configure('default', { factors: 2, iterations: 3, alpha: 2 })
const shop = smallShop(
  [
    { customer: 'ana', product: 'tea', day: 10, price: 4, quantity: 3 },
    { customer: 'ana', product: 'pot', day: 20, price: 30 },
    { customer: 'ana', product: 'tea', day: 15, price: 8 },
    { customer: 'bo', product: 'tea', price: NaN },
    { customer: 'bo', product: 'cup', day: 12, price: 9 },
  ],
  {
    customers: ['window shopper'],
    products: ['tea', 'pot', 'cup', 'never sold'],
    categories: { tea: 'food' },
  },
)
const DAY = 86_400_000

describe('fitModel', async () => {
  const model = await fitModel(shop, configuration, kernels)

  test('holds each customer’s purchases, counted', () => {
    expect(model.histories).toEqual({
      rows: 3,
      columns: 4,
      indptr: Uint32Array.of(0, 0, 2, 4),
      indices: Uint32Array.of(0, 1, 0, 2),
      values: Float32Array.of(4, 1, 1, 1),
    })
  })

  test('remembers in how many orders each was bought, and when first and last', () => {
    expect(model.orderCounts).toEqual(Uint32Array.of(2, 1, 1, 1))
    expect(model.firstPurchased).toEqual(Float64Array.of(10 * DAY, 20 * DAY, NaN, 12 * DAY))
    expect(model.lastPurchased).toEqual(Float64Array.of(15 * DAY, 20 * DAY, NaN, 12 * DAY))
  })

  test('counts an order once however many of its lines name the product, and each sale at its own time', async () => {
    const { orderCounts, sales } = await fitModel(
      smallShop([
        { customer: 'ana', product: 'tea', order: 'one', day: 3, quantity: 5 },
        { customer: 'ana', product: 'tea', order: 'one', day: 3 },
        { customer: 'ana', product: 'tea', order: 'two', day: 1 },
        { customer: 'ana', product: 'tea', order: 'three', quantity: 2 },
      ]),
      configuration,
      kernels,
    )
    expect(orderCounts).toEqual(Uint32Array.of(3))
    expect(sales).toEqual({
      indptr: Uint32Array.of(0, 2),
      times: Float64Array.of(DAY, 3 * DAY),
      units: Float32Array.of(1, 6),
      undated: Float64Array.of(2),
      undatedOrders: Uint32Array.of(1),
      buyers: Uint32Array.of(1),
      // The first sale is two days older, and counts half after 30.
      faded: Float64Array.of(1 + 2 ** (-2 / 30)),
    })
  })

  test.each([
    ['quantity', [4, 1, 1, 1]],
    ['orders', [2, 1, 1, 1]],
    ['log-quantity', [Math.fround(Math.log2(5)), 1, 1, 1]],
    ['binary', [1, 1, 1, 1]],
  ] as const)('gives ALS the observation %s', async (observation, r) => {
    const found = observations(model.histories, model, { ...configuration, observation })
    expect([...found.values]).toEqual(r)
    // The factors are those of a shop that sold such quantities.
    const asked = { ...configuration, observation }
    const same = { ...configuration, observation: 'quantity' } as const
    const sales = [
      { customer: 'ana', product: 'tea', quantity: r[0] },
      { customer: 'ana', product: 'pot' },
      { customer: 'bo', product: 'tea' },
      { customer: 'bo', product: 'cup' },
    ]
    const plain = smallShop(sales, {
      customers: ['window shopper'],
      products: ['tea', 'pot', 'cup', 'never sold'],
    })
    expect((await fitModel(shop, asked, kernels)).itemFactors).toEqual(
      (await fitModel(plain, same, kernels)).itemFactors,
    )
  })

  test('counts what was sold and averages what was paid', () => {
    expect(model.popularity).toEqual(Float32Array.of(5, 1, 1, 0))
    // Three at 4 and one at 8; the one of unknown price does not count.
    expect(model.price).toEqual(Float64Array.of(5, 30, 9, NaN))
  })

  test('says what it was made from', () => {
    expect(model.summary).toMatchObject({
      formatVersion: 6,
      configuration,
      kernelVariant: 'reference',
      dataFingerprint: '0'.repeat(64),
      interactions: 5,
      customers: 2,
      products: 4,
      purchases: 4,
    })
    expect(model.version).toBe(model.summary.tensorHash.slice(0, 12))
  })

  test('says how the loss fell, iteration by iteration', async () => {
    const { loss, lossByIteration } = model.summary
    const shorter = await fitModel(shop, { ...configuration, iterations: 2 }, kernels)
    expect(lossByIteration).toEqual([...shorter.summary.lossByIteration, loss])
    expect(lossByIteration[0]).toBeGreaterThan(loss)
  })

  test('knows what was bought in one order', async () => {
    const sales = [
      { customer: 'ana', product: 'tea', order: 'first' },
      { customer: 'ana', product: 'pot', order: 'first' },
      { customer: 'bo', product: 'tea', order: 'second' },
    ]
    const { baskets } = await fitModel(smallShop(sales), configuration, kernels)
    expect(baskets.together).toMatchObject({
      indptr: Uint32Array.of(0, 1, 2),
      indices: Uint32Array.of(1, 0),
      values: Float32Array.of(1, 1),
    })
    expect(baskets.orders).toEqual(Uint32Array.of(2, 1))
  })

  test('keeps what customers are compared by, null where it is unknown', () => {
    expect(featuresOfCustomer(model.customerFeatures, 1)).toEqual({
      recencyDays: 0,
      frequency: 3,
      monetary: 50,
      averageOrderValue: 16.66667,
      distinctProducts: 2,
      reviewScore: null,
      deliveryDelayDays: null,
    })
    expect(Object.values(featuresOfCustomer(model.customerFeatures, 0))).toEqual(Array(7).fill(null))
  })

  test('gives products nobody bought zero factors', () => {
    expect(model.itemFactors).toMatchObject({ rows: 4, columns: 2 })
    expect([...model.itemFactors.data.subarray(6)]).toEqual([0, 0])
    expect(model.itemFactors.data.subarray(0, 6).every((value) => value !== 0)).toBe(true)
  })

  test('learns to score what was bought near 1', async () => {
    const sure = await fitModel(shop, { ...configuration, alpha: 1000, iterations: 20 }, kernels)
    const foldIn = kernels.openFoldIn(sure.itemFactors, normalEquation('hu-koren-volinsky', 1000, 0.1))
    const [x, y] = foldIn.solve(sure.histories).subarray(2, 4)
    for (const product of [0, 1]) {
      const [a, b] = sure.itemFactors.data.subarray(2 * product)
      expect(x * a + y * b).toBeCloseTo(1, 1)
    }
  })

  test('puts those who bought into segments', () => {
    expect(model.segments.codes[0]).toBe(-1)
    expect(model.segmentProfiles.reduce((sum, { customers }) => sum + customers, 0)).toBe(2)
  })

  test('is the same to the bit when done again, another with another seed', async () => {
    const again = await fitModel(shop, configuration, kernels)
    const other = await fitModel(shop, { ...configuration, seed: 7 }, kernels)
    expect(again.summary.tensorHash).toBe(model.summary.tensorHash)
    expect(other.summary.tensorHash).not.toBe(model.summary.tensorHash)
  })

  test('tells how far it is', async () => {
    const calls: [number, number][] = []
    await fitModel(shop, configuration, kernels, { onIteration: (done, of) => calls.push([done, of]) })
    expect(calls).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
  })

  test('stops when told to', async () => {
    await expect(fitModel(shop, configuration, kernels, { signal: AbortSignal.abort() })).rejects.toThrow()
  })

  test('refuses a shop that has sold nothing', async () => {
    const empty = smallShop([], { customers: ['ana'], products: ['tea'] })
    await expect(fitModel(empty, configuration, kernels)).rejects.toThrow(
      new FitError('There are no purchases to learn from: give a data set with some.'),
    )
  })
})
