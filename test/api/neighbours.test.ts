import { describe, expect, test } from 'vitest'
import { GOODS } from './grocery.ts'
import { byContent, byCustomers, byFactors, isDescribed } from './grocery-likeness.ts'
import { servingGrocery } from './serving.ts'

const { ask, recommender } = await servingGrocery()

const NEIGHBOURS = /* GraphQL */ `
  query ($sku: String!, $by: Likeness!) {
    product(sku: $sku) {
      ... on Product {
        neighbours(by: $by, first: 100) { edges { rank similarity node { sku } } pageInfo { hasNextPage } }
        similar(first: 100) { edges { rank similarity node { sku } } pageInfo { hasNextPage } }
      }
    }
  }
`

const SPACES = [
  ['CONTENT', byContent, isDescribed],
  ['CO_PURCHASE', byCustomers, (sku: string) => byCustomers(sku, sku) > 0],
  ['FACTORS', byFactors(recommender.model), (sku: string) => byCustomers(sku, sku) > 0],
] as const

describe.each(SPACES)('neighbours by %s', (by, cosine, hasPlace) => {
  test.each(['bread', 'jam', 'tea', 'tin-4', 'tin-35'])(
    'of %s are those of the greatest cosines',
    async (sku) => {
      const { data, errors } = await ask(NEIGHBOURS, { sku, by })
      expect(errors).toBeUndefined()
      const { edges, pageInfo } = data.product.neighbours
      const others = GOODS.map((one) => one.sku).filter(
        (other) => other !== sku && hasPlace(other) && hasPlace(sku),
      )
      // What is not alike is not listed.
      const compared = others.filter((other) => cosine(sku, other) > 1e-4)
      expect(compared.length).toBeLessThan(others.length || 1)
      expect(pageInfo.hasNextPage).toBe(false)
      expect(edges.map(({ node }: any) => node.sku).toSorted()).toEqual(compared.toSorted())
      edges.forEach(({ rank, similarity, node }: any, place: number) => {
        expect(rank).toBe(place + 1)
        expect([node.sku, similarity]).toEqual([node.sku, expect.closeTo(cosine(sku, node.sku), 6)])
        if (place > 0) expect(similarity).toBeLessThanOrEqual(edges[place - 1].similarity)
      })
    },
  )
})

test('by hand: four customers bought bread, two of them butter and one jam besides', async () => {
  const { data } = await ask(NEIGHBOURS, { sku: 'bread', by: 'CO_PURCHASE' })
  const similarity = (sku: string) =>
    data.product.neighbours.edges.find(({ node }: any) => node.sku === sku)?.similarity
  // Bread: ann, ben, eve, fay. Butter: ann, ben, dan. Jam: ann, dan. Milk: ben, eve. Chocolate: cat, gus.
  expect(similarity('butter')).toBeCloseTo(2 / Math.sqrt(4 * 3), 6)
  expect(similarity('jam')).toBeCloseTo(1 / Math.sqrt(4 * 2), 6)
  expect(similarity('milk')).toBeCloseTo(2 / Math.sqrt(4 * 2), 6)
  expect(similarity('chocolate')).toBeUndefined()
})

test.each(['CONTENT', 'CO_PURCHASE', 'FACTORS'])(
  'of what nothing is known there are no neighbours by %s',
  async (by) => {
    const { data } = await ask(NEIGHBOURS, { sku: 'mystery', by })
    expect(data.product.neighbours).toEqual({ edges: [], pageInfo: { hasNextPage: false } })
  },
)

test('what was called similar is still answered, by content', async () => {
  const { data } = await ask(NEIGHBOURS, { sku: 'honey', by: 'CONTENT' })
  expect(data.product.similar.edges.length).toBeGreaterThan(10)
  expect(data.product.similar).toEqual(data.product.neighbours)
})
