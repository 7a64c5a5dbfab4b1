import { describe, expect, test } from 'vitest'
import { all, partsOf } from './parts.ts'
import { servingGrocery } from './serving.ts'

const { ask, url } = await servingGrocery()

const LISTS: Record<string, string> = {
  'recommended for you':
    'customer(externalId: "ann") { ... on Customer { recommendations(first: 3) { LIST } } }',
  'also bought': 'customer(externalId: "ann") { ... on Customer { alsoBought(first: 3) { LIST } } }',
  'buy again': 'customer(externalId: "ann") { ... on Customer { buyAgain(first: 3) { LIST } } }',
  related: 'product(sku: "jam") { ... on Product { recommendations(first: 3) { LIST } } }',
  complementary:
    'product(sku: "bread") { ... on Product { recommendations(intent: COMPLEMENTARY, first: 3) { LIST } } }',
  trending: 'trending(first: 3) { LIST }',
  popular: 'category(name: "bakery") { ... on Category { popular(first: 3) { LIST } } }',
  basket:
    'recommend(input: { history: [{ sku: "bread" }] }, first: 3) { ... on RecommendationConnection { LIST } }',
  'an empty basket':
    'recommend(input: { history: [] }, first: 3) { ... on RecommendationConnection { LIST } }',
  many: 'recommendations(externalIds: ["ann"], first: 3) { ... on CustomerRecommendations { recommendations { LIST } } }',
  // Of products pinned or drawn the list's own source says nothing.
  'buy again, with a pin':
    'customer(externalId: "ann") { ... on Customer { buyAgain(first: 3, ranking: PINS) { LIST } } }',
  'related, with a pin':
    'product(sku: "jam") { ... on Product { recommendations(first: 3, ranking: PINS) { LIST } } }',
  'trending, by chance': 'trending(first: 3, ranking: { explorationRate: 1, seed: 4 }) { LIST }',
}
const PINS = '{ pins: [{ sku: "mystery", position: 1 }, { sku: "soap", position: 3 }] }'
const bread = Buffer.from('Product:bread').toString('base64')

const ALL = /* GraphQL */ `
  strategy
  edges {
    node {
      rank modelVersion strategy
      product { sku availability { isShown } }
      scores { hybrid final boost placement }
      reasons { __typename amount share }
      first: reasons(first: 1) { amount }
      whatIf(withoutPurchases: []) { ... on WhatIf { rank score strategy } }
      withoutBread: whatIf(withoutPurchases: ["${bread}"]) { __typename ... on UnknownPurchaseError { skus } }
      decisivePurchases(first: 3) { outcome atLeast purchases { product { sku } } }
      explanation { text locale evidence { key reason { amount } } sentences { text evidence } }
      emPortugues: explanation(locale: PT_BR) { text locale }
    }
  }
`

const fieldOf = (name: string, list: string) => LISTS[name].replace('PINS', PINS).replace('LIST', list)

function nodesIn(value: any): any[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn)
  if (typeof value !== 'object' || value === null) return []
  return value.edges ? value.edges.map(({ node }: any) => node) : Object.values(value).flatMap(nodesIn)
}

describe.each(Object.keys(LISTS))('%s', async (name) => {
  const { data, errors } = await ask(`{ ${fieldOf(name, ALL)} }`)

  test('answers everything that can be asked of a recommendation', () => {
    expect(errors).toBeUndefined()
    const nodes = nodesIn(data)
    expect(nodes).toHaveLength(3)
    nodes.forEach(({ rank, reasons, scores, first, explanation, emPortugues, product }, place) => {
      expect(rank).toBe(place + 1)
      expect(product.availability.isShown).toBe(true)
      const total = reasons.reduce((sum: number, { amount }: any) => sum + amount, 0)
      expect(total).toBeCloseTo(scores.hybrid, 9)
      expect(first).toEqual(reasons.slice(0, 1).map(({ amount }: any) => ({ amount })))
      expect(explanation.text).toBe(explanation.sentences.map(({ text }: any) => text).join(' '))
      expect([explanation.locale, emPortugues.locale]).toEqual(['EN', 'PT_BR'])
    })
  })

  test('is the same where no purchase is taken out', () => {
    for (const { rank, scores, strategy, whatIf } of nodesIn(data))
      expect(whatIf).toEqual({ rank, score: expect.closeTo(scores.hybrid, 9), strategy })
  })

  test('knows what its places depend on', () => {
    for (const { decisivePurchases, withoutBread } of nodesIn(data)) {
      const holdsBread = !/^(trending|popular|related|an empty)/.test(name)
      expect(withoutBread.__typename).toBe(holdsBread ? 'WhatIf' : 'UnknownPurchaseError')
      if (decisivePurchases.outcome === 'FOUND')
        expect(decisivePurchases.purchases).toHaveLength(decisivePurchases.atLeast)
      else expect(decisivePurchases).toEqual({ outcome: 'NONE', atLeast: null, purchases: [] })
    }
  })

  test('may be deferred, whole or its explanations alone, and comes to the same', async () => {
    const accept = 'multipart/mixed'
    const plain = 'edges { node { rank product { sku } explanation { text } } }'
    const [{ data: expected }] = await all(
      partsOf(url, `{ ${fieldOf(name, plain)} }`, { accept: 'application/json' }),
    )
    const deferred = [
      `{ ... @defer { ${fieldOf(name, plain)} } }`,
      `{ ${fieldOf(name, 'edges { node { rank product { sku } ... @defer { explanation { text } } } }')} }`,
    ]
    for (const query of deferred) {
      const parts = await all(partsOf(url, query, { accept }))
      expect(parts.length).toBeGreaterThan(1)
      expect(parts.flatMap(({ errors: failures = [] }) => failures)).toEqual([])
      expect(merged(parts)).toEqual(expected)
    }
  })
})

/** The parts of an incremental delivery, in the older format, as one answer. */
function merged([first, ...others]: any[]): any {
  const { data } = structuredClone(first)
  for (const { path, data: part } of others.flatMap(({ incremental = [] }) => incremental)) {
    const place = path.reduce((value: any, step: string | number) => value[step], data)
    for (const [key, value] of Object.entries(part as object))
      place[key] = typeof place[key] === 'object' ? Object.assign(place[key], value) : value
  }
  return data
}
