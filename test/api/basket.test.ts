import { describe, expect, test } from 'vitest'
import { serving } from './serving.ts'
import { sku } from './shop.ts'

const { ask } = await serving()

const RECOMMEND = /* GraphQL */ `
  query ($history: [PurchaseInput!]!, $first: Int! = 5, $after: String, $includePurchased: Boolean! = false) {
    recommend(history: $history, first: $first, after: $after, includePurchased: $includePurchased) {
      __typename
      ... on RecommendationConnection {
        strategy
        edges {
          node {
            rank
            product { sku category }
            scores { hybrid }
            reasons { amount ... on TasteReason { purchase { quantity lastPurchasedAt product { sku } } } }
            explanation { text }
          }
        }
        pageInfo { endCursor }
      }
      ... on UnknownProductError { message skus }
    }
  }
`

describe('an anonymous basket', () => {
  test('is answered with products that are not in it, each with its reasons', async () => {
    const { data, errors } = await ask(RECOMMEND, {
      history: [{ sku: sku(0) }, { sku: sku(4), quantity: 2 }],
    })
    expect(errors).toBeUndefined()
    expect(data.recommend.strategy).toBe('HYBRID')
    expect(data.recommend.edges).toHaveLength(5)
    for (const { node } of data.recommend.edges) {
      expect([sku(0), sku(4)]).not.toContain(node.product.sku)
      const quantities = Object.fromEntries(
        node.reasons
          .filter((reason: object) => 'purchase' in reason)
          .map(({ purchase }: { purchase: { product: { sku: string }; quantity: number } }) => [
            purchase.product.sku,
            purchase.quantity,
          ]),
      )
      expect(quantities).toEqual({ [sku(0)]: 1, [sku(4)]: 2 })
    }
  })

  test('prefers the category that it is full of', async () => {
    const history = [{ sku: sku(0) }, { sku: sku(4) }, { sku: sku(8) }]
    const { edges } = (await ask(RECOMMEND, { history, first: 9 })).data.recommend
    const categories = edges.map(
      ({ node }: { node: { product: { category: string } } }) => node.product.category,
    )
    const same = categories.filter((category: string) => category === 'bed_bath_table')
    expect(same.length).toBeGreaterThan(9 / 2)
  })

  test('adds up what it holds twice', async () => {
    const twice = await ask(RECOMMEND, { history: [{ sku: sku(0) }, { sku: sku(0) }] })
    const two = await ask(RECOMMEND, { history: [{ sku: sku(0), quantity: 2 }] })
    expect(twice.data).toEqual(two.data)
  })

  test('may be empty: popularity answers', async () => {
    const { data } = await ask(RECOMMEND, { history: [] })
    expect(data.recommend.strategy).toBe('POPULARITY')
    expect(data.recommend.edges).toHaveLength(5)
  })

  test('is answered like a customer who bought just the same', async () => {
    const query = /* GraphQL */ `{
      customer(externalId: "customer-3") {
        ... on Customer {
          purchases { edges { node { quantity product { sku } } } }
          recommendations(first: 5) { edges { node { product { sku } scores { hybrid } } } }
        }
      }
    }`
    const { customer } = (await ask(query)).data
    const history = customer.purchases.edges.map(
      ({ node }: { node: { quantity: number; product: { sku: string } } }) => ({
        sku: node.product.sku,
        quantity: node.quantity,
      }),
    )
    const { recommend } = (await ask(RECOMMEND, { history })).data
    const bare = recommend.edges.map(({ node }: { node: { product: { sku: string }; scores: object } }) => ({
      node: { product: { sku: node.product.sku }, scores: node.scores },
    }))
    expect(bare).toEqual(customer.recommendations.edges)
  })

  test('with unknown products is told all of them', async () => {
    const history = [{ sku: 'nothing' }, { sku: sku(1) }, { sku: 'nowhere' }, { sku: 'nothing' }]
    const { data, errors } = await ask(RECOMMEND, { history })
    expect(errors).toBeUndefined()
    expect(data.recommend).toEqual({
      __typename: 'UnknownProductError',
      message: expect.stringContaining('nowhere'),
      skus: ['nothing', 'nowhere'],
    })
  })

  test.each([0, -1, 1e9])('cannot hold a quantity of %d', async (quantity) => {
    const { errors } = await ask(RECOMMEND, { history: [{ sku: sku(1), quantity }] })
    expect(errors?.[0]).toMatchObject({
      message: `The quantity of "sku-1" is ${quantity}: it must be above 0 and at most 1000000.`,
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })
})
