import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SourceScore } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Model } from '../../src/model/model.ts'
import { plainList } from './plain.ts'
import { modelAndRequests, smallModel } from './small-model.ts'

const recommend = async (model: Model, ...requests: Parameters<Recommender['recommend']>[0]) =>
  new Recommender(model, referenceKernels()).recommend(requests)
const valueOf = (sources: readonly SourceScore[], wanted: string) =>
  sources.find(({ source }) => source === wanted)?.value ?? null

/**
 * A catalogue of 252 products in a circle of features, ever further from product 0 either way round, with factors
 * that rise with the index: the sources' hundred best overlap only in part.
 */
const size = 252
const circle = smallModel({
  factors: Array.from({ length: size }, (_, i) => [1 + i]),
  features: Array.from({ length: size }, (_, i) => [
    Math.cos((2 * Math.PI * i) / size),
    Math.sin((2 * Math.PI * i) / size),
  ]),
  purchases: [{ 0: 1 }],
  configuration: { blend: 'notebook' },
})

describe('the notebook’s blend', () => {
  test('unites each source’s hundred best, a source that did not bring a product being null', async () => {
    const [{ items, strategy, hasMore }] = await recommend(circle, { customer: 0, first: size })
    expect(strategy).toBe('HYBRID')
    expect(hasMore).toBe(false)
    const broughtBy = (source: string) =>
      items
        .flatMap(({ product, sources }) => (valueOf(sources, source) === null ? [] : [product]))
        .toSorted((a, b) => a - b)
    // The last hundred have the greatest factors; the fifty to either side of 0 are nearest to it.
    const last = Array.from({ length: 100 }, (_, i) => 152 + i)
    const nearest = [
      ...Array.from({ length: 50 }, (_, i) => 1 + i),
      ...Array.from({ length: 50 }, (_, i) => 202 + i),
    ]
    expect(broughtBy('collaborative')).toEqual(last)
    expect(broughtBy('content')).toEqual(nearest)
    expect(items).toHaveLength(150)
  })

  test('adds raw scores by weight', async () => {
    const [{ items }] = await recommend(circle, { customer: 0, first: size })
    for (const { product, hybrid, sources } of items) {
      const expected =
        0.6 * (valueOf(sources, 'collaborative') ?? 0) + 0.4 * (valueOf(sources, 'content') ?? 0)
      expect(hybrid).toBeCloseTo(expected, 9)
      const cosine = valueOf(sources, 'content')
      if (cosine !== null) expect(cosine).toBeCloseTo(Math.cos((2 * Math.PI * product) / size), 9)
    }
    const ranked = items.map(({ hybrid }) => hybrid)
    expect(ranked).toEqual(ranked.toSorted((a, b) => b - a))
  })

  test('gives each source’s part of the score to the purchase as a reason', async () => {
    const [{ items }] = await recommend(circle, { customer: 0, first: size })
    for (const { sources, reasons } of items) {
      const liked = valueOf(sources, 'collaborative')
      const alike = valueOf(sources, 'content')
      const amounts = new Map(reasons().map(({ kind, amount }) => [kind, amount]))
      expect(amounts.get('TASTE') ?? null).toEqual(liked === null ? null : expect.closeTo(0.6 * liked, 9))
      expect(amounts.get('RESEMBLANCE') ?? null).toEqual(
        alike === null ? null : expect.closeTo(0.4 * alike, 9),
      )
    }
  })

  test('takes the greatest similarity to anything bought', async () => {
    const model = smallModel({
      factors: [[1], [1], [1], [1]],
      features: [
        [1, 0],
        [0, 1],
        [0.6, 0.8],
        [0.8, 0.6],
      ],
      purchases: [{ 0: 1, 1: 1 }],
      configuration: { blend: 'notebook' },
    })
    const [{ items }] = await recommend(model, { customer: 0, first: 4 })
    expect(items.map(({ product }) => product)).toEqual([2, 3])
    for (const { sources } of items) expect(valueOf(sources, 'content')).toBeCloseTo(0.8, 12)
    const resembled = items.map(({ reasons }) =>
      reasons().flatMap((reason) => (reason.kind === 'RESEMBLANCE' ? [reason.purchase.product] : [])),
    )
    expect(resembled).toEqual([[1], [0]])
  })

  test('pages of a list agree, however long the pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        modelAndRequests({ blend: 'notebook' }),
        fc.nat(5),
        async ({ model, requests }, first) => {
          const [request] = requests
          const [all, ...lists] = await recommend(
            model,
            { ...request, first: 3 * first, offset: 0 },
            { ...request, first, offset: 0 },
            { ...request, first, offset: first },
            { ...request, first, offset: 2 * first },
          )
          expect(lists.flatMap((list) => plainList(list).items)).toEqual(plainList(all).items)
        },
      ),
    )
  })
})
