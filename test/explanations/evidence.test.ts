import { describe, expect, test } from 'vitest'
import type { Reason, Source, SourceScore } from '../../src/engine/recommendation.ts'
import { gatherEvidence, productFacts } from '../../src/explanations/evidence.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { BARE_PRODUCT, smallShop } from '../api/shop.ts'

const model = await fitModel(
  smallShop(),
  configure('default', { factors: 4, iterations: 1 }),
  referenceKernels(),
)

describe('the facts of a product', () => {
  test('are its SKU, name and category', () => {
    expect(productFacts(model, 5)).toEqual({ sku: 'sku-5', name: 'Product No. 5', category: 'garden_tools' })
  })

  test('are null where the shop does not give them', () => {
    const bare = model.products.indexOf(BARE_PRODUCT)
    expect(productFacts(model, bare)).toEqual({ sku: BARE_PRODUCT, name: null, category: null })
  })
})

describe('supporting purchases', () => {
  test('are the two with the largest positive contributions', () => {
    const reasons = [
      reason(1, { contribution: -0.5, share: 0.5 }),
      reason(2, { contribution: 0.2, share: 0.2 }),
      reason(3, { contribution: 0.15, share: 0.15 }),
      reason(4, { contribution: 0.15, share: 0.15 }),
    ]
    expect(evidenceOf(reasons).supporting.map(({ purchase }) => purchase.product)).toEqual([2, 3])
  })

  test('leave out what has under a tenth of the weight, unless it is the strongest', () => {
    const faint = Array.from({ length: 20 }, (_, i) => reason(i + 1, { contribution: 0.05, share: 0.05 }))
    expect(evidenceOf(faint).supporting).toHaveLength(1)
  })

  test('carry the facts of what was bought', () => {
    expect(evidenceOf([reason(1, { contribution: 1, share: 1 })]).supporting[0].product).toEqual(
      productFacts(model, 1),
    )
  })

  test('tell a repurchase from a new product', () => {
    expect(evidenceOf([reason(0, { contribution: 1, share: 1 })]).repurchase).toBe(true)
    expect(evidenceOf([reason(1, { contribution: 1, share: 1 })]).repurchase).toBe(false)
  })

  test('are none where contributions are not computable', () => {
    expect(evidenceOf([reason(1, { contribution: null, share: null })]).supporting).toEqual([])
  })
})

describe('similar purchases', () => {
  test('are the two most similar, from a cosine of one half', () => {
    const reasons = [0.49, 0.5, 0.9, null, 0.7].map((similarity, i) => reason(i + 1, { similarity }))
    expect(evidenceOf(reasons).similar.map(({ similarity }) => similarity)).toEqual([0.9, 0.7])
    expect(evidenceOf(reasons.slice(0, 2)).similar.map(({ similarity }) => similarity)).toEqual([0.5])
  })

  test('leave out the product itself', () => {
    expect(evidenceOf([reason(0, { similarity: 1 })]).similar).toEqual([])
  })
})

describe('what a product shares with the history', () => {
  test('are the sources that raise its score, the greatest contribution first', () => {
    const sources = [
      score('coPurchase', 0.2),
      score('category', 0),
      score('seller', 0.7),
      score('popularity', 9),
      score('repeat', null),
    ]
    expect(evidenceOf([reason(1, {})], sources).shared).toEqual(['seller', 'coPurchase'])
  })

  test('no purchase supports it where the collaborative score decides next to nothing', () => {
    const reasons = [reason(1, { contribution: 0.5, share: 1 })]
    expect(evidenceOf(reasons, [score('collaborative', 0, 0)]).supporting).toEqual([])
    const liked = (contribution: number) => [score('collaborative', contribution), score('content', 0.9)]
    expect(evidenceOf(reasons, liked(0.09)).supporting).toEqual([])
    expect(evidenceOf(reasons, liked(0.11)).supporting).toHaveLength(1)
  })
})

test('the size of the history and the sales are the recommendation’s and the model’s', () => {
  const { historySize, popularity } = evidenceOf([reason(1, {}), reason(2, {})])
  expect(historySize).toBe(2)
  expect(popularity).toBe(model.popularity[0])
})

/** Evidence for product 0. */
function evidenceOf(reasons: Reason[], sources: SourceScore[] = []) {
  return gatherEvidence(model, 'HYBRID', { rank: 1, product: 0, hybrid: 1, sources, reasons })
}

function reason(product: number, scores: Partial<Reason>): Reason {
  return {
    purchase: { product, quantity: 1, purchasedAt: null },
    contribution: null,
    share: null,
    similarity: null,
    ...scores,
  }
}

function score(source: Source, contribution: number | null, weight = 1): SourceScore {
  return { source, value: contribution, weight, contribution }
}
