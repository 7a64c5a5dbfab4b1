import { describe, expect, test } from 'vitest'
import { type Answer, serving } from './serving.ts'
import { COLD_CUSTOMER, customerId } from './shop.ts'

// Whole lists with all that can be asked of them.
const { ask } = await serving({ limits: { cost: 1e6, nodes: 1e6 } })

const RECOMMENDATIONS = /* GraphQL */ `
  query ($externalId: String!, $first: Int!, $after: String, $includePurchased: Boolean! = false) {
    modelInfo { version }
    customer(externalId: $externalId) {
      ... on Customer {
        externalId
        segment
        purchases(first: 100) { edges { node { quantity lastPurchasedAt product { sku } } } }
        recommendations(first: $first, after: $after, includePurchased: $includePurchased) {
          strategy
          edges {
            cursor
            node {
              rank
              modelVersion
              strategy
              product { sku name category price }
              scores {
                hybrid
                collaborative { value weight contribution }
                content { value weight contribution }
                nearest { value weight contribution }
                coPurchase { value weight contribution }
                ease { value weight contribution }
                category { value weight contribution }
                seller { value weight contribution }
                popularity { value weight contribution }
                repeat { value weight contribution }
              }
              reasons { __typename amount share ... on TasteReason { purchase { quantity product { sku } } } }
              explanation {
                text source model promptVersion generatedAt
                evidence { key reason { __typename } }
              }
            }
          }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  }
`

describe('a customer’s recommendations', async () => {
  const { data, errors } = await ask(RECOMMENDATIONS, { externalId: customerId(5), first: 10 })
  const { segment, purchases, recommendations } = data.customer
  const nodes = recommendations.edges.map(({ node }: { node: object }) => node)
  const bought = purchases.edges.map(({ node }: { node: { product: { sku: string } } }) => node.product.sku)

  test('come without errors, best first', () => {
    expect(errors).toBeUndefined()
    expect(recommendations.strategy).toBe('HYBRID')
    expect(nodes.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const scores = nodes.map(({ scores: { hybrid } }: { scores: { hybrid: number } }) => hybrid)
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a))
  })

  test('leave out what was bought', () => {
    expect(bought).toHaveLength(5)
    for (const { product } of nodes) expect(bought).not.toContain(product.sku)
  })

  test('have scores that sum to the hybrid score', () => {
    for (const { scores } of nodes) {
      const { hybrid: _, ...parts } = scores
      const sum = Object.values<any>(parts).reduce((total, part) => total + (part?.contribution ?? 0), 0)
      expect(sum).toBeCloseTo(scores.hybrid, 5)
    }
  })

  test('have reasons that sum to the score, those of taste one for each purchase', () => {
    for (const { scores, reasons } of nodes) {
      const total = reasons.reduce((sum: number, { amount }: { amount: number }) => sum + amount, 0)
      expect(total).toBeCloseTo(scores.hybrid, 9)
      const skus = reasons.flatMap(({ purchase }: { purchase?: { product: { sku: string } } }) =>
        purchase ? [purchase.product.sku] : [],
      )
      expect(skus.toSorted()).toEqual(bought.toSorted())
    }
  })

  test('say the model that made them', () => {
    for (const { modelVersion, strategy } of nodes) {
      expect(modelVersion).toBe(data.modelInfo.version)
      expect(strategy).toBe('HYBRID')
    }
  })

  test('are explained by a template that names the product', () => {
    for (const { product, explanation } of nodes) {
      expect(explanation).toMatchObject({ source: 'TEMPLATE', model: null, promptVersion: 'template-6' })
      expect(explanation.text).toContain(`“${product.name}”`)
      expect(explanation.evidence[0].key).toBe('e1')
    }
  })

  test('come with the customer’s segment and purchases, latest first', () => {
    expect(segment).toEqual(expect.any(String))
    const times = purchases.edges.map(
      ({ node }: { node: { lastPurchasedAt: string } }) => node.lastPurchasedAt,
    )
    expect(times).toEqual(times.toSorted().toReversed())
  })
})

describe('paging through recommendations', () => {
  const variables = { externalId: customerId(5) }
  const pageOf = async (first: number, after?: string) =>
    (await ask(RECOMMENDATIONS, { ...variables, first, after })).data.customer.recommendations

  test('gives every product that was not bought once, in the order of one long page', async () => {
    const whole = await pageOf(100)
    const skus: string[] = []
    let page = await pageOf(20)
    for (;;) {
      skus.push(...page.edges.map(({ node }: { node: { product: { sku: string } } }) => node.product.sku))
      if (!page.pageInfo.hasNextPage) break
      page = await pageOf(20, page.pageInfo.endCursor)
    }
    expect(skus).toEqual(
      whole.edges.map(({ node }: { node: { product: { sku: string } } }) => node.product.sku),
    )
    expect(new Set(skus).size).toBe(skus.length)
  })

  test('counts ranks on, and knows what lies before', async () => {
    const first = await pageOf(3)
    const second = await pageOf(3, first.pageInfo.endCursor)
    expect(first.pageInfo.hasPreviousPage).toBe(false)
    expect(second.pageInfo.hasPreviousPage).toBe(true)
    expect(second.edges.map(({ node }: { node: { rank: number } }) => node.rank)).toEqual([4, 5, 6])
  })

  test('an empty page has no cursors', async () => {
    const { edges, pageInfo } = await pageOf(0)
    expect(edges).toEqual([])
    expect(pageInfo).toMatchObject({ hasNextPage: true, startCursor: null, endCursor: null })
  })
})

test('what was bought comes back when it is asked for', async () => {
  const variables = { externalId: customerId(5), first: 100, includePurchased: true }
  const { data } = await ask(RECOMMENDATIONS, variables)
  const { purchases, recommendations } = data.customer
  const skus = recommendations.edges.map(
    ({ node }: { node: { product: { sku: string } } }) => node.product.sku,
  )
  for (const { node } of purchases.edges) expect(skus).toContain(node.product.sku)
})

test('a customer who never bought is answered by popularity', async () => {
  const { data, errors } = await ask(RECOMMENDATIONS, { externalId: COLD_CUSTOMER, first: 3 })
  expect(errors).toBeUndefined()
  expect(data.customer).toMatchObject({ externalId: COLD_CUSTOMER, segment: null, purchases: { edges: [] } })
  expect(data.customer.recommendations.strategy).toBe('POPULARITY')
  for (const { node } of data.customer.recommendations.edges) {
    expect(node.reasons).toEqual([{ __typename: 'PopularReason', amount: node.scores.hybrid, share: 1 }])
    expect(node.scores.collaborative?.value ?? null).toBeNull()
    expect(node.explanation.text).toMatch(/sold (well, with )?\d+ units? in the 30 days to \d+ \w+ \d{4}/)
  }
})

test('an unknown customer is an answer of its own type', async () => {
  const query = `{ customer(externalId: "nobody") {
    __typename ... on UnknownCustomerError { externalId } ... on DomainError { message }
  } }`
  const { data, errors } = await ask(query)
  expect(errors).toBeUndefined()
  expect(data.customer).toEqual({
    __typename: 'UnknownCustomerError',
    externalId: 'nobody',
    message: expect.stringContaining('nobody'),
  })
})

describe('a customer is asked for by one id', () => {
  test('the shop’s own or the global one', async () => {
    const { id } = (await ask('{ customer(externalId: "customer-7") { ... on Customer { id } } }')).data
      .customer
    const { data } = await ask('query ($id: ID!) { customer(id: $id) { ... on Customer { externalId } } }', {
      id,
    })
    expect(data.customer).toEqual({ externalId: 'customer-7' })
  })

  test.each(['', '(id: "x", externalId: "y")'])('not by neither or both: customer%s', async (args) => {
    const { data, errors } = await ask(
      `{ customer${args} { __typename ... on InvalidInputError { message path } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.customer).toEqual({
      __typename: 'InvalidInputError',
      message: 'Pass exactly one of "id" and "externalId".',
      path: ['externalId'],
    })
  })

  test('not by that of a product', async () => {
    const product = (await ask('{ products(first: 1) { edges { node { id } } } }')).data.products.edges[0]
      .node.id
    const { data, errors } = await ask(
      `{ customer(id: "${product}") { ... on InvalidInputError { message path } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.customer).toEqual({
      message: `"${product}" is the id of a Product: pass the id of a Customer.`,
      path: ['id'],
    })
  })
})

test('all customers can be paged through', async () => {
  const query = `query ($after: String) { customers(first: 25, after: $after) {
    edges { node { externalId } } pageInfo { hasNextPage endCursor }
  } }`
  const seen: string[] = []
  let after: string | null = null
  do {
    const { customers }: Answer['data'] = (await ask(query, { after })).data
    seen.push(...customers.edges.map(({ node }: { node: { externalId: string } }) => node.externalId))
    after = customers.pageInfo.hasNextPage ? customers.pageInfo.endCursor : null
  } while (after !== null)
  expect(seen).toEqual([...Array.from({ length: 60 }, (_, c) => customerId(c)), COLD_CUSTOMER])
})
