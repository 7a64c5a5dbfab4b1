import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HistoryEntry } from '../../src/engine/history-entry.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Configuration } from '../../src/model/configuration.ts'
import { smallModel } from './small-model.ts'

const model = (blend: Configuration['blend']) =>
  smallModel({
    factors: [[1, 0], [0.5, 0.5], [0, 1], [0.25, 1], null],
    features: [
      [1, 0, 0],
      [3, 1, 0],
      [0, 1, 1],
      [0, 0, 1],
      [1, 1, 1],
    ],
    purchases: [
      { 0: 1, 1: 1 },
      { 0: 1, 1: 2 },
      { 1: 1, 2: 1 },
    ],
    popularity: [2, 4, 1, 0, 0],
    categories: [0, 0, 1, 1, 0],
    configuration: { blend },
  })

const history = (quantities: readonly number[]): HistoryEntry[] =>
  quantities.map((quantity, product) => ({ product, quantity, purchasedAt: null }))

const contentOf = async (recommender: Recommender, quantities: readonly number[]) => {
  const [list] = await recommender.recommend([{ history: history(quantities), first: 10 }])
  for (const { hybrid, sources, reasons } of list.items) {
    expect(hybrid).toSatisfy(Number.isFinite)
    for (const { value } of sources) expect(value ?? 0).toSatisfy(Number.isFinite)
    expect(reasons().reduce((total, { amount }) => total + amount, 0)).toBeCloseTo(hybrid, 8)
  }
  return new Map(
    list.items.map(({ product, sources }) => [
      product,
      sources.find(({ source }) => source === 'content')!.value,
    ]),
  )
}

test('the likeness to a history is a cosine, however little or much was bought', async () => {
  const recommender = new Recommender(model('learned'), referenceKernels())
  for (const quantity of [Number.MIN_VALUE, 1e-300, 1e-200, 1e-30, 1, 1e30, 1e200, Number.MAX_VALUE]) {
    const values = await contentOf(recommender, [quantity])
    // (1,0,0) and (3,1,0): 3/√10 = 0.949; (1,1,1): 1/√3.
    expect(values.get(1)).toBeCloseTo(3 / Math.sqrt(10), 12)
    expect(values.get(4)).toBeCloseTo(1 / Math.sqrt(3), 12)
  }
  recommender.close()
})

test('quantities of the same proportions give the same likeness over 1e±300, in every blend', async () => {
  const kernels = await openKernels({ threads: 1 })
  const recommenders = (['learned', 'notebook'] as const).map(
    (blend) => new Recommender(model(blend), kernels),
  )
  const quantities = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(quantities, fc.integer({ min: -300, max: 300 }), async (plain, power) => {
      const scaled = plain.map((quantity) => quantity * 10 ** power)
      for (const recommender of recommenders) {
        const expected = await contentOf(recommender, plain)
        const found = await contentOf(recommender, scaled)
        for (const [product, value] of found)
          if (expected.has(product) && value !== null) expect(value).toBeCloseTo(expected.get(product)!, 10)
      }
    }),
    { numRuns: 60 },
  )
  for (const recommender of recommenders) recommender.close()
  await kernels.close()
})

test('a basket that names the greatest quantity there is twice is answered', async () => {
  const recommender = new Recommender(model('learned'), referenceKernels())
  const [list] = await recommender.recommend([
    { history: [...history([Number.MAX_VALUE]), ...history([Number.MAX_VALUE])], first: 10 },
  ])
  for (const { hybrid } of list.items) expect(hybrid).toSatisfy(Number.isFinite)
  recommender.close()
})
