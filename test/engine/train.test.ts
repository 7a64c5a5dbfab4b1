import { describe, expect, test } from 'vitest'
import { trainModel } from '../../src/engine/train.ts'
import { LEAST_CUSTOMERS } from '../../src/engine/validation-split.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { PRIOR_WEIGHTS } from '../../src/model/blend-weights.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { type SmallEvent, smallBrowsing } from '../data/small-browsing.ts'
import type { Sale } from '../model/small-shop.ts'
import { smallShop } from '../model/small-shop.ts'

const kernels = referenceKernels()

/** Of views and cart entries. */
const PRIOR_OF_INTEREST = { viewed: PRIOR_WEIGHTS.discovery.viewed, cart: PRIOR_WEIGHTS.discovery.cart }
const configuration = configure('default', { factors: 2, iterations: 2 })

/** Customers who come back for another product of the category they bought from first. */
function loyalToCategories(customers: number) {
  const categories: Record<string, string> = {}
  for (let product = 0; product < 40; product++) categories[`p${product}`] = `c${product % 8}`
  const sales = Array.from({ length: customers }, (_, c): Sale[] => [
    { customer: `u${c}`, product: `p${c % 40}`, day: c },
    { customer: `u${c}`, product: `p${(c + 8 * (1 + (c % 4))) % 40}`, day: c + 200 },
  ])
  return smallShop(sales.flat(), { categories })
}

/** Two products that go together, in one order. */
const pairOf = (c: number, day: number, customer: string): Sale[] =>
  ['a', 'b'].map((side) => ({
    customer,
    product: `${side}${c % 20}`,
    day,
    order: `${customer} ${day}`,
  }))

describe('trainModel', () => {
  test('weighs the sources on the last orders of repeat customers', async () => {
    const { summary } = await trainModel(loyalToCategories(80), configuration, kernels)
    const { customers, discovery, heldOut } = summary.blendWeights!
    expect(customers).toBe(80)
    expect(discovery).not.toEqual(PRIOR_WEIGHTS.discovery)
    // What was bought first tells the next product; what sells most does not.
    expect(heldOut!.discovery.customers).toBe(80)
    expect(heldOut!.discovery.blend.ndcg10).toBeGreaterThan(
      heldOut!.discovery.sources.popularity.ndcg10 + 0.1,
    )
  })

  test('weighs the sources for baskets on what goes with what, which says nothing of the next order', async () => {
    // Twenty pairs go together. Who comes back for a pair bought something else before.
    const back = Array.from({ length: 60 }, (_, c) => [
      { customer: `u${c}`, product: `other${c % 7}`, day: c, order: `u${c} ${c}` },
      ...pairOf(c, c + 100, `u${c}`),
    ])
    const once = Array.from({ length: 120 }, (_, c) => pairOf(c, c, `v${c}`))
    const shop = smallShop([...back, ...once].flat())
    const { summary } = await trainModel(shop, configuration, kernels)
    const { discovery, basket } = summary.blendWeights!.heldOut!
    // All last orders, and of every third customer who came once one product.
    expect(basket!.customers).toBe(60 + 40)
    expect(basket!.blend.ndcg10).toBeGreaterThan(0.9)
    expect(discovery.blend.ndcg10).toBeLessThan(0.5)
  })

  test('weighs what was viewed on sessions, and changes no other weight by them', async () => {
    const shop = loyalToCategories(80)
    // Whoever looks at a product looks next at the one that its buyers bought as well.
    const events = Array.from({ length: 120 }, (_, c): SmallEvent[] =>
      [`p${c % 40}`, `p${(c + 8 * (1 + (c % 4))) % 40}`].map((product, i) => ({
        who: `visitor ${c}`,
        product,
        day: 500 + c + i / 1000,
        session: `s${c}`,
      })),
    )
    const train = async (some: readonly SmallEvent[]) => {
      const { summary } = await trainModel({ ...shop, browsing: smallBrowsing(some) }, configuration, kernels)
      return summary.blendWeights!
    }
    const { summary } = await trainModel(shop, configuration, kernels)
    expect(summary.blendWeights).toMatchObject({ discovery: PRIOR_OF_INTEREST, nextOrder: PRIOR_OF_INTEREST })
    const fitted = await train(events.flat())
    expect(fitted.sessions).toBe(120)
    expect(fitted.discovery.viewed).toBeGreaterThan(0)
    expect(await train(events.slice(0, 99).flat())).toEqual(summary.blendWeights)
    for (const list of ['discovery', 'basket', 'nextOrder'] as const)
      expect({ ...fitted[list], ...PRIOR_OF_INTEREST }).toEqual(summary.blendWeights![list])
    // What is looked at next has nothing to do with what was: views count for nothing.
    const unrelated = events.map(([first, next], c) => [first, { ...next, product: `p${(c * 7 + 3) % 40}` }])
    expect((await train(unrelated.flat())).discovery.viewed).toBeLessThan(fitted.discovery.viewed)
  })

  test('leaves a basket the weights of discovery where there are too few', async () => {
    const { summary } = await trainModel(loyalToCategories(80), configuration, kernels)
    const { discovery, basket, heldOut } = summary.blendWeights!
    expect(heldOut!.basket).toBeNull()
    expect(basket).toEqual(discovery)
  })

  test('uses the prior weights where repeat customers are too few', async () => {
    const { summary } = await trainModel(loyalToCategories(LEAST_CUSTOMERS - 1), configuration, kernels)
    expect(summary.blendWeights).toEqual(PRIOR_WEIGHTS)
  })

  test('fits everything else on all of the data', async () => {
    const shop = loyalToCategories(80)
    const model = await trainModel(shop, configuration, kernels)
    const plain = await fitModel(shop, model.summary.configuration, kernels)
    expect(model.itemFactors).toEqual(plain.itemFactors)
    expect(model.popularity).toEqual(plain.popularity)
    expect(model.segmentProfiles).toEqual(plain.segmentProfiles)
  })

  test('gives the same model when done again', async () => {
    const again = await trainModel(loyalToCategories(80), configuration, kernels)
    expect(again.version).toBe((await trainModel(loyalToCategories(80), configuration, kernels)).version)
  })

  test('finds no weights for the notebook’s blend, which states its own', async () => {
    const shop = loyalToCategories(80)
    const other = { ...configuration, blend: 'notebook' as const }
    const model = await trainModel(shop, other, kernels)
    expect(model.summary).not.toHaveProperty('blendWeights')
    expect(model.version).toBe((await fitModel(shop, other, kernels)).version)
  })

  test('tells how far it is, both fits counted', async () => {
    const calls: [number, number][] = []
    const onIteration = (done: number, of: number) => calls.push([done, of])
    await trainModel(loyalToCategories(80), configuration, kernels, { onIteration })
    expect(calls).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ])
  })

  test('stops when told to', async () => {
    const options = { signal: AbortSignal.abort() }
    await expect(trainModel(loyalToCategories(80), configuration, kernels, options)).rejects.toThrow()
  })

  test('stops when told to while weights are found and the model is fitted', async () => {
    const stop = new AbortController()
    const onIteration = (done: number) => done === 3 && stop.abort(new Error('enough'))
    const options = { signal: stop.signal, onIteration }
    await expect(trainModel(loyalToCategories(80), configuration, kernels, options)).rejects.toThrow()
  })

  test('fails when finding weights does, and only when the fit beside it has ended', async () => {
    const calls: number[] = []
    const failing: Kernels = {
      ...kernels,
      openVectors: () => {
        throw new Error('no memory')
      },
    }
    const training = trainModel(loyalToCategories(80), configuration, failing, {
      effort: 'quick',
      onIteration: (done) => calls.push(done),
    })
    await expect(training).rejects.toThrow('no memory')
    expect(calls).toEqual([1, 2, 3, 4])
  })
})
