import { describe, expect, test } from 'vitest'
import { serving } from './serving.ts'
import { sku } from './shop.ts'

const { ask } = await serving()

const RECOMMEND = /* GraphQL */ `
  query ($history: [PurchaseInput!]!, $first: Int! = 5, $after: String, $includePurchased: Boolean! = false) {
    recommend(input: { history: $history, includePurchased: $includePurchased }, first: $first, after: $after) {
      __typename
      ... on RecommendationConnection {
        strategy
        notes { kind message subject }
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
      ... on InvalidInputError { message path }
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

  test('is the same in any order, and pages of one are pages of the other', async () => {
    const history = [{ sku: sku(0) }, { sku: sku(9) }, { sku: sku(4) }]
    const whole = (await ask(RECOMMEND, { history, first: 10 })).data.recommend
    const { pageInfo } = (await ask(RECOMMEND, { history, first: 5 })).data.recommend
    const reversed = { history: history.toReversed(), first: 5, after: pageInfo.endCursor }
    expect((await ask(RECOMMEND, reversed)).data.recommend.edges).toEqual(whole.edges.slice(5))
  })

  test('may be empty: popularity answers', async () => {
    const { data } = await ask(RECOMMEND, { history: [] })
    expect(data.recommend.strategy).toBe('POPULARITY')
    expect(data.recommend.edges).toHaveLength(5)
  })

  test('is answered like a customer with the same purchases', async () => {
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

  test('with unknown products is ranked by the known ones, and says which were unknown', async () => {
    const history = [{ sku: 'nothing' }, { sku: sku(1) }, { sku: 'nowhere' }, { sku: 'nothing' }]
    const { data, errors } = await ask(RECOMMEND, { history })
    expect(errors).toBeUndefined()
    const { notes, ...list } = data.recommend
    const { notes: none, ...known } = (await ask(RECOMMEND, { history: [{ sku: sku(1) }] })).data.recommend
    expect(list).toEqual(known)
    expect(none).toEqual([])
    expect(notes).toEqual([
      {
        kind: 'UNKNOWN_PRODUCT',
        message: 'Unknown product "nothing": the list is made without it.',
        subject: 'nothing',
      },
      {
        kind: 'UNKNOWN_PRODUCT',
        message: 'Unknown product "nowhere": the list is made without it.',
        subject: 'nowhere',
      },
    ])
  })

  test('of unknown products alone gets what a newcomer gets', async () => {
    const { notes, ...list } = (await ask(RECOMMEND, { history: [{ sku: 'nothing' }] })).data.recommend
    const { notes: none, ...newcomer } = (await ask(RECOMMEND, { history: [] })).data.recommend
    expect(list).toEqual(newcomer)
    expect(list.strategy).toBe('POPULARITY')
    expect([notes.length, none.length]).toEqual([1, 0])
  })

  test.each([0, -1, 1e9])('cannot hold a quantity of %d', async (quantity) => {
    const { data, errors } = await ask(RECOMMEND, { history: [{ sku: sku(2) }, { sku: sku(1), quantity }] })
    expect(errors).toBeUndefined()
    expect(data.recommend).toEqual({
      __typename: 'InvalidInputError',
      message: `The quantity of "sku-1" is ${quantity}: it must be above 0 and at most 1000000.`,
      path: ['input', 'history', '1', 'quantity'],
    })
  })

  test('cannot hold more than 100 purchases', async () => {
    const history = Array.from({ length: 101 }, () => ({ sku: sku(1) }))
    const { data } = await ask(RECOMMEND, { history })
    expect(data.recommend).toEqual({
      __typename: 'InvalidInputError',
      message: 'The history holds 101 purchases: send at most 100.',
      path: ['input', 'history'],
    })
    expect((await ask(RECOMMEND, { history: history.slice(1) })).data.recommend.edges).toHaveLength(5)
  })

  test('may be requested for another moment: later sales do not count', async () => {
    const query = `query ($at: DateTime) { recommend(input: { history: [{ sku: "${sku(0)}" }], at: $at }) {
      ... on RecommendationConnection { edges { node { scores { popularity { value } } } } }
    } }`
    const soldBy = async (at: string | null) =>
      (await ask(query, { at })).data.recommend.edges.map(({ node }: any) => node.scores.popularity.value)
    const unsold = await soldBy('2017-12-31T00:00:00Z')
    expect(unsold.every((value: number) => value === 0)).toBe(true)
    expect((await soldBy(null)).some((value: number) => value > 0)).toBe(true)
  })

  test('may hold products that are recommended again, with that option', async () => {
    const history = [{ sku: sku(0) }]
    const skus = async (includePurchased: boolean) =>
      (await ask(RECOMMEND, { history, includePurchased, first: 100 })).data.recommend.edges.map(
        ({ node }: any) => node.product.sku,
      )
    expect(await skus(false)).not.toContain(sku(0))
    expect(await skus(true)).toContain(sku(0))
  })
})
