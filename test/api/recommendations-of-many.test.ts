import { describe, expect, test } from 'vitest'
import { CUSTOMERS, LINES } from './grocery.ts'
import { servingGrocery } from './serving.ts'

const { ask } = await servingGrocery()

const LIST = `strategy edges { cursor node { rank product { sku } scores { hybrid } reasons { amount } } }
  pageInfo { hasNextPage endCursor }`
const MANY = /* GraphQL */ `
  query (
    $externalIds: [String!], $customerIds: [ID!], $first: Int, $includePurchased: Boolean! = false
    $filter: ProductFilter, $ranking: RankingInput
  ) {
    recommendations(
      externalIds: $externalIds, customerIds: $customerIds, first: $first
      includePurchased: $includePurchased, filter: $filter, ranking: $ranking
    ) {
      __typename
      ... on CustomerRecommendations { customer { externalId } recommendations { ${LIST} } }
      ... on UnknownCustomerError { externalId message }
    }
  }
`
const ONE = /* GraphQL */ `
  query ($externalId: String!, $first: Int, $includePurchased: Boolean! = false, $filter: ProductFilter, $ranking: RankingInput) {
    customer(externalId: $externalId) {
      ... on Customer {
        recommendations(first: $first, includePurchased: $includePurchased, filter: $filter, ranking: $ranking) { ${LIST} }
      }
    }
  }
`
const idOf = async (externalId: string): Promise<string> =>
  (await ask(`{ customer(externalId: "${externalId}") { ... on Customer { id } } }`)).data.customer.id

describe('the recommendations of many customers', () => {
  test.each([
    {},
    { first: 3, includePurchased: true },
    { filter: { categories: { anyOf: ['tins', 'dairy'] } }, ranking: { diversity: 0.5, maxPerCategory: 3 } },
  ])('are those that each would get alone, in the order of the ids: %j', async (options) => {
    const externalIds = ['gus', 'ann', 'hal', 'tin-lover-3', 'gus']
    const { data, errors } = await ask(MANY, { externalIds, ...options })
    expect(errors).toBeUndefined()
    expect(data.recommendations.map(({ customer }: any) => customer.externalId)).toEqual(externalIds)
    for (const { customer, recommendations } of data.recommendations) {
      const alone = await ask(ONE, { externalId: customer.externalId, ...options })
      expect(recommendations).toEqual(alone.data.customer.recommendations)
    }
  })

  test('come by global ids as well', async () => {
    const customerIds = [await idOf('ben'), await idOf('ann')]
    const { data } = await ask(MANY, { customerIds, first: 2 })
    expect(data.recommendations).toEqual(
      (await ask(MANY, { externalIds: ['ben', 'ann'], first: 2 })).data.recommendations,
    )
  })

  test('have an error in the place of who is unknown', async () => {
    const gone = Buffer.from('Customer:nobody').toString('base64')
    const error = {
      __typename: 'UnknownCustomerError',
      externalId: 'nobody',
      message: 'There is no customer nobody: customers are named as in the order history.',
    }
    for (const ids of [
      { externalIds: ['ann', 'nobody', 'ben'] },
      { customerIds: [await idOf('ann'), gone, await idOf('ben')] },
    ]) {
      const { data, errors } = await ask(MANY, { ...ids, first: 1 })
      expect(errors).toBeUndefined()
      const [ann, nobody, ben] = data.recommendations
      expect(nobody).toEqual(error)
      expect([ann, ben].map(({ customer }) => customer.externalId)).toEqual(['ann', 'ben'])
    }
  })

  test('may be those of nobody, and of 100', async () => {
    expect((await ask(MANY, { externalIds: [] })).data).toEqual({ recommendations: [] })
    const externalIds = Array.from({ length: 100 }, (_, i) => CUSTOMERS[i % CUSTOMERS.length])
    const { data } = await ask(MANY, { externalIds, first: 1 })
    expect(data.recommendations).toHaveLength(100)
  })

  test('of what is no id of a customer are an error in its place, of the others what they are', async () => {
    const [ann, product] = ['Customer:ann', 'Product:tea'].map((text) => Buffer.from(text).toString('base64'))
    const query = MANY.replace(
      '... on UnknownCustomerError',
      '... on InvalidInputError { message path } ... on UnknownCustomerError',
    )
    const { data, errors } = await ask(query, { customerIds: [ann, product, 'ann', ann] })
    expect(errors).toBeUndefined()
    const [first, ofProduct, ofNone, last] = data.recommendations
    expect(first.customer.externalId).toBe('ann')
    expect(last).toEqual(first)
    expect(ofProduct).toEqual({
      __typename: 'InvalidInputError',
      message: `"${product}" is the id of a Product: pass the id of a Customer.`,
      path: ['customerIds', '1'],
    })
    expect(ofNone).toEqual({
      __typename: 'InvalidInputError',
      message: '"ann" is not a global id: pass an "id" exactly as it was received.',
      path: ['customerIds', '2'],
    })
  })

  test.each<[string, object, string, string]>([
    [
      'of 101',
      { externalIds: Array(101).fill('ann') },
      'externalIds',
      '"externalIds" holds 101 ids: send at most 100.',
    ],
    [
      'of 101 global ids',
      { customerIds: Array(101).fill(Buffer.from('Customer:ann').toString('base64')) },
      'customerIds',
      '"customerIds" holds 101 ids: send at most 100.',
    ],
    ['of no ids', {}, 'customerIds', 'Pass exactly one of "customerIds" and "externalIds".'],
    [
      'of both kinds of ids',
      { customerIds: [], externalIds: [] },
      'customerIds',
      'Pass exactly one of "customerIds" and "externalIds".',
    ],
  ])('are not those %s', async (_what, variables, argument, message) => {
    const { data, errors } = await ask(MANY, variables)
    expect(data).toBeNull()
    expect(errors).toEqual([
      expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT', inputPath: [argument] } }),
    ])
  })
})

const skusForAnn = async (options: object): Promise<string[]> =>
  (await ask(ONE, { externalId: 'ann', first: 100, ...options })).data.customer.recommendations.edges.map(
    ({ node }: any) => node.product.sku,
  )

const products = (list: any[]) => list.map(({ node: { product, scores } }) => [product.sku, scores.hybrid])

describe('recommended for you', () => {
  test('what is bought comes back only when it is asked for', async () => {
    const bought = new Set(LINES.filter(({ customer }) => customer === 'ann').map(({ sku }) => sku))
    expect((await skusForAnn({})).filter((sku) => bought.has(sku))).toEqual([])
    expect(
      (await skusForAnn({ includePurchased: true })).filter((sku) => bought.has(sku)).toSorted(),
    ).toEqual([...bought].toSorted())
  })

  test('for who never bought: what sells lately, as trending has it', async () => {
    const { data } = await ask(ONE, { externalId: 'hal', first: 30 })
    const { strategy, edges } = data.customer.recommendations
    expect(strategy).toBe('POPULARITY')
    const trending = (await ask(`{ trending(first: 30) { ${LIST} } }`)).data.trending
    expect(products(edges)).toEqual(products(trending.edges))
  })
})
