import { expect } from 'vitest'
import { GOODS } from './grocery.ts'
import type { Serving } from './serving.ts'

const LIST = `{
  strategy
  edges { node {
    product { sku }
    strategy
    scores { hybrid final boost placement similarityAbove
      collaborative { value } content { value } nearest { value } coPurchase { value } category { value }
      seller { value } popularity { value } sameOrder { value } repeat { value } }
    reasons {
      __typename amount share
      ... on SameOrderReason { purchase { product { sku } } orders }
      ... on BoughtTogetherReason { purchase { product { sku } } customers }
      ... on ResemblanceReason { purchase { product { sku } } similarity }
      ... on BoughtBeforeReason { purchase { quantity lastPurchasedAt } }
      ... on PopularReason { sales { units days } }
    }
  } }
}`

export interface Listed {
  readonly sku: string
  readonly score: number
  readonly reasons: any[]
}

/** A list's products with scores and reasons, once what holds of every ready-made list has been checked. */
export async function listed(
  { ask }: Serving,
  query: string,
  strategy: string,
  source: string,
): Promise<Listed[]> {
  const { data, errors } = await ask(`{ ${query.replace('LIST', LIST)} }`)
  expect(errors).toBeUndefined()
  const list = data.list ?? data.customer?.list ?? data.product?.list ?? data.category?.list
  expect(list.strategy).toBe(strategy)
  return list.edges.map(({ node }: any) => {
    const { hybrid, final, boost, placement, similarityAbove, ...sources } = node.scores
    expect({ boost, final, placement, similarityAbove }).toEqual({
      boost: 1,
      final: hybrid,
      placement: 'RANKED',
      similarityAbove: null,
    })
    // One source alone speaks: its value is the score.
    expect(Object.entries(sources).filter(([, score]) => score !== null)).toEqual([
      [source, { value: hybrid }],
    ])
    const amounts = node.reasons.reduce((sum: number, { amount }: any) => sum + amount, 0)
    expect(amounts).toBeCloseTo(hybrid, 9)
    if (hybrid !== 0)
      expect(node.reasons.reduce((sum: number, { share }: any) => sum + share, 0)).toBeCloseTo(1, 9)
    return { sku: node.product.sku, score: hybrid, reasons: node.reasons }
  })
}

/** The products of the greatest values above 0, ties in the order of the catalogue. */
export function best(value: (sku: string) => number): [string, number][] {
  return GOODS.map(({ sku }) => [sku, value(sku)] as [string, number])
    .filter(([, one]) => one > 0)
    .sort(([, a], [, b]) => b - a)
}
export const scoresOf = (list: readonly Listed[]) => list.map(({ sku, score }) => [sku, score])

export const close = (expected: readonly [string, number][]) =>
  expected.map(([sku, value]) => [sku, expect.closeTo(value, 9)])
