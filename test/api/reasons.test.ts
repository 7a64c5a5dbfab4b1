import { describe, expect, test } from 'vitest'
import { serving } from './serving.ts'
import { customerId, sku } from './shop.ts'

const { ask } = await serving()

const REASONS = /* GraphQL */ `
  query ($externalId: String!, $first: Int, $includePurchased: Boolean!) {
    customer(externalId: $externalId) {
      ... on Customer {
        recommendations(first: 40, includePurchased: $includePurchased) {
          edges {
            node {
              product { sku category }
              scores {
                hybrid
                category { contribution }
                popularity { contribution }
                repeat { contribution }
                coPurchase { contribution }
              }
              reasons(first: $first) {
                type: __typename
                amount
                share
                ... on TasteReason { purchase { product { sku } } }
                ... on ResemblanceReason {
                  purchase { product { sku category } }
                  similarity
                  sharedAttributes { attribute value purchasedValue }
                }
                ... on BoughtTogetherReason { purchase { product { sku } } customers }
                ... on PopularInCategoryReason {
                  category
                  sales { units days }
                  purchases { product { category } }
                }
                ... on PopularReason { sales { units days } }
                ... on BoughtBeforeReason { purchase { product { sku } quantity } }
              }
            }
          }
        }
      }
    }
  }
`

// What a query returns is for its test to know.
async function nodesOf(variables: object): Promise<any[]> {
  const all = { externalId: customerId(5), includePurchased: true, ...variables }
  const { data, errors } = await ask(REASONS, all)
  expect(errors).toBeUndefined()
  return data.customer.recommendations.edges.map(({ node }: { node: object }) => node)
}

describe('the reasons of a recommendation', async () => {
  const nodes = await nodesOf({})
  const ofType = (type: string) =>
    nodes.flatMap(({ reasons, ...node }) =>
      reasons.flatMap((reason: any) => (reason.type === type ? [{ ...node, reason }] : [])),
    )

  test('sum to its score, and their shares to 1', () => {
    for (const { scores, reasons } of nodes) {
      const sum = (field: string) => reasons.reduce((total: number, reason: any) => total + reason[field], 0)
      expect(sum('amount')).toBeCloseTo(scores.hybrid, 9)
      expect(sum('share')).toBeCloseTo(1, 9)
    }
  })

  test('say what a product resembles, and by which attributes', () => {
    const resembling = ofType('ResemblanceReason')
    expect(resembling.length).toBeGreaterThan(0)
    for (const { product, reason } of resembling) {
      expect(Math.abs(reason.similarity)).toBeLessThanOrEqual(1)
      const category = reason.sharedAttributes.filter(
        ({ attribute }: { attribute: string }) => attribute === 'category',
      )
      const { category: bought } = reason.purchase.product
      const isShared = bought === product.category
      expect(category).toEqual(
        isShared ? [{ attribute: 'category', value: bought, purchasedValue: bought }] : [],
      )
    }
    const priced = resembling.flatMap(({ product, reason }) =>
      reason.sharedAttributes
        .filter(({ attribute }: { attribute: string }) => attribute === 'price')
        .map(({ value, purchasedValue }: { value: string; purchasedValue: string }) => ({
          value,
          purchasedValue,
          product,
          purchase: reason.purchase,
        })),
    )
    expect(priced.length).toBeGreaterThan(0)
    for (const { value, purchasedValue, product, purchase } of priced) {
      // Product No. p costs 10 + p.
      expect(product.sku).toBe(sku(Number(value) - 10))
      expect(purchase.product.sku).toBe(sku(Number(purchasedValue) - 10))
    }
  })

  test('give each source’s contribution to what it comes from', () => {
    const pairs = [
      ['PopularInCategoryReason', 'category'],
      ['PopularReason', 'popularity'],
      ['BoughtBeforeReason', 'repeat'],
    ]
    for (const [type, source] of pairs) {
      const told = ofType(type)
      expect(told.length).toBeGreaterThan(0)
      for (const { scores, reason } of told)
        expect(reason.amount).toBeCloseTo(scores[source].contribution, 12)
    }
    for (const { scores, reasons } of nodes) {
      const together = reasons.filter((reason: any) => reason.type === 'BoughtTogetherReason')
      const amount = together.reduce((total: number, reason: any) => total + reason.amount, 0)
      expect(amount).toBeCloseTo(scores.coPurchase?.contribution ?? 0, 9)
    }
  })

  test('count customers and units', () => {
    for (const { reason } of ofType('BoughtTogetherReason'))
      expect(reason.customers).toBeGreaterThanOrEqual(1)
    for (const { product, reason } of ofType('PopularInCategoryReason')) {
      expect(reason.category).toBe(product.category)
      expect(reason.sales).toEqual({ units: expect.any(Number), days: null })
      for (const purchase of reason.purchases) expect(purchase.product.category).toBe(product.category)
    }
    for (const { reason } of ofType('PopularReason'))
      expect(reason.sales).toEqual({ units: expect.any(Number), days: 30 })
    for (const { product, reason } of ofType('BoughtBeforeReason'))
      expect(reason.purchase.product.sku).toBe(product.sku)
  })

  test('may be limited to the largest', async () => {
    for (const [i, { reasons }] of (await nodesOf({ first: 2 })).entries())
      expect(reasons).toEqual(nodes[i].reasons.slice(0, 2))
    for (const { reasons } of await nodesOf({ first: 0 })) expect(reasons).toEqual([])
  })

  test('cannot be limited to a number below 0', async () => {
    const { errors } = await ask(REASONS, {
      externalId: customerId(5),
      includePurchased: false,
      first: -1,
    })
    expect(errors?.[0]).toMatchObject({
      message: '"first" is -1: ask for 0 reasons or more.',
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })
})
