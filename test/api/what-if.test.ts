import { describe, expect, test } from 'vitest'
import { serving } from './serving.ts'
import { BARE_PRODUCT, customerId, sku } from './shop.ts'

const { ask } = await serving()

const PURCHASES = /* GraphQL */ `
  query ($externalId: String!) {
    customer(externalId: $externalId) {
      ... on Customer { purchases { edges { node { product { id sku } quantity } } } }
    }
  }
`

const WHAT_IF = /* GraphQL */ `
  query ($externalId: String!, $first: Int!, $without: [ID!]!, $among: Int = 10) {
    customer(externalId: $externalId) {
      ... on Customer {
        recommendations(first: $first) {
          edges {
            node {
              rank
              product { sku }
              scores { hybrid }
              whatIf(withoutPurchases: $without) {
                __typename
                ... on WhatIf { rank score strategy }
                ... on DomainError { message }
                ... on UnknownProductError { skus }
                ... on UnknownPurchaseError { skus }
              }
              decisivePurchases(first: $among) { outcome atLeast purchases { product { id sku } } }
            }
          }
        }
      }
    }
  }
`

const RECOMMEND = /* GraphQL */ `
  query ($history: [PurchaseInput!]!) {
    recommend(input: { history: $history }, first: 48) {
      ... on RecommendationConnection { edges { node { rank product { sku } scores { hybrid } } } }
    }
  }
`

const externalId = customerId(5)
// What a query returns is for its test to know.
const purchases: any[] = (await ask(PURCHASES, { externalId })).data.customer.purchases.edges.map(
  ({ node }: { node: object }) => node,
)
const idOf = async (bySku: string) =>
  (await ask('query ($sku: String) { product(sku: $sku) { ... on Product { id } } }', { sku: bySku })).data
    .product.id

async function nodesOf(variables: object): Promise<any[]> {
  const { data, errors } = await ask(WHAT_IF, { externalId, first: 5, ...variables })
  expect(errors).toBeUndefined()
  return data.customer.recommendations.edges.map(({ node }: { node: object }) => node)
}

describe('what if', () => {
  test('a purchase had not been made: the product stands where the rest of the history puts it', async () => {
    const [removed, ...left] = purchases
    const history = left.map(({ product, quantity }) => ({ sku: product.sku, quantity }))
    const { edges } = (await ask(RECOMMEND, { history })).data.recommend
    const standing = new Map<string, object>(
      edges.map(({ node: { rank, product, scores } }: any) => [product.sku, { rank, score: scores.hybrid }]),
    )
    for (const { product, whatIf } of await nodesOf({ without: [removed.product.id] })) {
      expect(whatIf).toMatchObject({ __typename: 'WhatIf', strategy: 'HYBRID' })
      const { rank, score } = standing.get(product.sku) as { rank: number; score: number }
      expect(whatIf.rank).toBe(rank)
      expect(whatIf.score).toBeCloseTo(score, 9)
    }
  })

  test('nothing is taken out: it stands where it stands', async () => {
    for (const { rank, scores, whatIf } of await nodesOf({ without: [] }))
      expect(whatIf).toEqual({ __typename: 'WhatIf', rank, score: scores.hybrid, strategy: 'HYBRID' })
  })

  test('nothing had been bought: popularity says', async () => {
    const without = purchases.map(({ product }) => product.id)
    for (const { whatIf } of await nodesOf({ without, first: 2 }))
      expect(whatIf).toMatchObject({ strategy: 'POPULARITY', rank: expect.any(Number) })
  })

  test('something had not been bought that never was: all of it is named', async () => {
    const without = [purchases[0].product.id, await idOf(sku(47)), await idOf(BARE_PRODUCT)]
    for (const { whatIf } of await nodesOf({ without, first: 2 }))
      expect(whatIf).toEqual({
        __typename: 'UnknownPurchaseError',
        message: `There is no purchase of sku-47, ${BARE_PRODUCT} in the history.`,
        skus: ['sku-47', BARE_PRODUCT],
      })
  })

  test('something had not been bought that there is none of: it is named', async () => {
    const unknown = Buffer.from('Product:nothing').toString('base64')
    for (const { whatIf } of await nodesOf({ without: [unknown], first: 1 }))
      expect(whatIf).toMatchObject({ __typename: 'UnknownProductError', skus: ['nothing'] })
  })

  test('what is taken out is no product: the result says so', async () => {
    for (const { whatIf } of await nodesOf({ without: ['sku-1'], first: 1 }))
      expect(whatIf).toMatchObject({
        __typename: 'InvalidInputError',
        message: expect.stringContaining('"sku-1" is not a global id'),
      })
  })
})

describe('decisive purchases', () => {
  test('push the product out when they are taken out', async () => {
    for (const { product, decisivePurchases } of await nodesOf({ without: [], among: 3 })) {
      if (decisivePurchases.outcome !== 'FOUND') continue
      const { purchases: decisive, atLeast } = decisivePurchases
      expect(decisive).toHaveLength(atLeast)
      const without = decisive.map((purchase: any) => purchase.product.id)
      const again = await nodesOf({ without, first: 5 })
      const { whatIf } = again.find((node) => node.product.sku === product.sku)
      expect(whatIf.rank ?? Infinity).toBeGreaterThan(3)
    }
  })

  test('are none for what is not among the first', async () => {
    const nodes = await nodesOf({ without: [], among: 3 })
    expect(nodes.map(({ decisivePurchases: { atLeast } }) => atLeast === 0)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
  })

  test.each([0, 11, -1])('are not told of the first %d places', async (among) => {
    const { errors } = await ask(WHAT_IF, { externalId, first: 1, without: [], among })
    expect(errors?.[0]).toMatchObject({
      message: `"first" is ${among}: ask for 1 to 10 places.`,
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })
})
