import { describe, expect, test } from 'vitest'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { servingGrocery } from './serving.ts'

const apiKeys = new ApiKeyStore(IN_MEMORY)
const { url } = await servingGrocery({ apiKeys, requireKeys: true, limits: { rateLimit: null } })
const keys = {
  catalog: (await apiKeys.create('page', ['catalog'], null)).key,
  read: (await apiKeys.create('server', ['read'], null)).key,
}

async function ask(scope: keyof typeof keys, query: string): Promise<any> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${keys[scope]}` },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

const LISTED = `... on RecommendationConnection { edges { cursor node { product { sku popularity }
  scores { hybrid final popularity { value contribution } sameOrder { value contribution } }
  reasons { amount share ... on SameOrderReason { orders areFew } ... on BoughtTogetherReason { customers areFew }
    ... on PopularReason { sales { units areFew } } ... on PopularInCategoryReason { sales { units } }
    ... on PopularWithSellerReason { sales { units } } }
  explanation { text } } } }`

const LISTS = {
  'bought together': `recommend(first: 50, input: { list: COMPLEMENTARY, history: [{ sku: "bread" }, { sku: "jam" }] }) { ${LISTED} }`,
  'also bought': `recommend(first: 50, input: { list: ALSO_BOUGHT, history: [{ sku: "bread" }] }) { ${LISTED} }`,
  'for a basket': `recommend(first: 50, input: { history: [{ sku: "bread" }] }) { ${LISTED} }`,
  'for an empty basket': `recommend(first: 50, input: { history: [] }) { ${LISTED} }`,
  trending: `trending(first: 50) { ${LISTED} }`,
}

/** What reasons count. */
const countsOf = ({ reasons }: any): number[] =>
  reasons
    .map(({ orders, customers, sales }: any) => orders ?? customers ?? sales?.units)
    .filter((count: number | undefined) => count !== undefined)

const nodesOf = async (scope: keyof typeof keys, list: string): Promise<any[]> =>
  Object.values<any>((await ask(scope, `{ ${list} }`)).data)[0].edges.map(({ node }: any) => node)

describe.each(Object.entries(LISTS))('in the list %s', (name, list) => {
  test('who may not read customers is told a few for every count below 5', async () => {
    const [shown, exact] = await Promise.all([nodesOf('catalog', list), nodesOf('read', list)])
    expect(shown.map(({ product }) => product.sku)).toEqual(exact.map(({ product }) => product.sku))
    let few = 0
    shown.forEach((node, place) => {
      const counts = countsOf(node)
      const known = countsOf(exact[place])
      for (const count of counts) expect(count === 0 || count >= 4).toBe(true)
      expect(counts).toEqual(known.map((count: number) => (count > 0 && count < 5 ? 4 : count)))
      few += known.filter((count: number) => count > 0 && count < 5).length
      for (const { orders, customers, areFew } of node.reasons)
        if (areFew !== undefined) expect(areFew).toBe((orders ?? customers) === 4)
      expect(node.product.popularity === 0 || node.product.popularity >= 4).toBe(true)
      // Sentences say no number below five of others either.
      expect(node.explanation.text).not.toMatch(
        /\b([1-4]|one|two|three|four) (units?|orders?|other customers?)\b/,
      )
      expect(node.explanation.text).not.toMatch(/\banother customer\b/)
      expect(node.reasons.reduce((sum: number, { amount }: any) => sum + amount, 0)).toBeCloseTo(
        node.scores.hybrid,
        9,
      )
    })
    expect(few).toBeGreaterThan(0)
  })

  test('who may read customers is told them all', async () => {
    const nodes = await nodesOf('read', list)
    const counts = nodes.flatMap(countsOf)
    expect(counts.some((count) => count > 0 && count < 4)).toBe(true)
  })

  if (!name.startsWith('for a basket') && name !== 'also bought')
    test('scores that are counts are none below 4 to who may not', async () => {
      for (const { scores, reasons } of await nodesOf('catalog', list)) {
        expect(scores.hybrid === 0 || scores.hybrid > 3.999).toBe(true)
        expect(scores.final).toBe(scores.hybrid)
        const amounts = reasons.map(({ amount }: any) => amount)
        expect(new Set(amounts.filter((amount: number) => amount < 5)).size).toBeLessThanOrEqual(1)
      }
    })
})

const unitsOf = ({ data }: any) => [
  ...data.products.edges.map(({ node }: any) => node.popularity),
  ...data.categories.edges.map(({ node }: any) => node.unitsSold),
]

test('units of products and categories below 5 are a few', async () => {
  const query =
    '{ products(first: 100) { edges { node { sku popularity } } } categories { edges { node { name unitsSold } } } }'
  const [shown, exact] = await Promise.all([ask('catalog', query), ask('read', query)])
  expect(unitsOf(exact).some((units: number) => units > 0 && units < 4)).toBe(true)
  expect(unitsOf(shown)).toEqual(unitsOf(exact).map((units: number) => (units > 0 && units < 5 ? 4 : units)))
})

test.each([
  ['filter: { minPopularity: 2 }', ['filter', 'minPopularity']],
  ['filter: { not: { minPopularity: 1.5 } }', ['filter', 'not', 'minPopularity']],
  [
    'filter: { or: [{}, { and: [{ minPopularity: 4.9 }] }] }',
    ['filter', 'or', '1', 'and', '0', 'minPopularity'],
  ],
])('a filter does not find them out: %s', async (filter, path) => {
  const query = `{ recommend(first: 5, input: { history: [] }, ${filter}) { __typename
    ... on InvalidInputError { message path } ... on RecommendationConnection { edges { node { rank } } } } }`
  const { data } = await ask('catalog', query)
  expect(data.recommend).toEqual({
    __typename: 'InvalidInputError',
    message: expect.stringContaining('without scope "read" ask for 1 or less, or for 5 or more'),
    path,
  })
  expect((await ask('read', query)).data.recommend.edges).toBeDefined()
  const sold = query.replace(/minPopularity: [\d.]+/, 'minPopularity: 1')
  expect((await ask('catalog', sold)).data.recommend.edges).toBeDefined()
})

const hourOf = (hour: number) => new Date(Date.UTC(2024, 1, 10, hour)).toISOString()

const listAt = (scope: keyof typeof keys, hour: number) =>
  ask(
    scope,
    `{ trending(first: 50, at: "${hourOf(hour)}") { edges { node { product { sku } scores { hybrid } } } } }`,
  )

test('the moment of a single sale does not show to who may not read customers', async () => {
  const hours = [0, 1, 5, 12, 23]
  const shown = await Promise.all(hours.map((hour) => listAt('catalog', hour)))
  for (const list of shown) expect(list.data.trending).toEqual(shown[0].data.trending)
  const exact = await Promise.all(hours.map((hour) => listAt('read', hour)))
  expect(exact[0].data.trending.edges.length).toBeGreaterThan(0)
  expect(exact[4].data.trending).not.toEqual(exact[0].data.trending)
})
