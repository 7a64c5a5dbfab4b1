/** `recommend(input: { page })`: the page that somebody looks at, over HTTP. */
import { afterAll, describe, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { serving } from './serving.ts'
import { customerId, sku, smallRecommender } from './shop.ts'

const events = openEvents(IN_MEMORY)
const { model } = await smallRecommender()
const recommender = new Recommender(model, referenceKernels(), { events, leastCustomers: 1 })
const { ask } = await serving({ recommender })
afterAll(() => events.close())

const RECOMMEND = `query ($input: RecommendInput!, $first: Int! = 40, $after: String, $filter: ProductFilter) {
  recommend(input: $input, first: $first, after: $after, filter: $filter) {
    __typename
    ... on RecommendationConnection {
      strategy
      edges { node {
        product { sku category } scores { hybrid viewed { contribution } }
        reasons { __typename amount ... on ViewedReason { product { sku } viewedAt } }
        explanation { text }
      } }
      notes { kind message subject }
      pageInfo { endCursor }
    }
    ... on InvalidInputError { message path }
  }
}`

async function recommend(input: object, rest = {}) {
  const { data, errors } = await ask(RECOMMEND, { input, ...rest })
  expect(errors).toBeUndefined()
  return data.recommend
}

const skusOf = ({ edges }: any): string[] => edges.map(({ node }: any) => node.product.sku)
const nodesOf = ({ edges }: any): any[] => edges.map(({ node }: any) => node)
const costOf = async (input: object): Promise<number> =>
  (await ask(RECOMMEND, { input })).extensions.cost.requested

const PEOPLE = {
  nobody: {},
  'a visitor': { visitor: 'v' },
  'a customer': { customer: customerId(3) },
  'somebody with a basket': { basket: [{ sku: sku(30) }] },
  'a customer with a basket': { customer: customerId(3), basket: [{ sku: sku(30) }] },
}
await events.append([{ visitor: 'v', product: sku(1), kind: 'VIEW', at: Date.now() - 1000 }])

describe.each(Object.entries(PEOPLE))('for %s', (_who, person) => {
  test('a product page has a list with that product as viewed, and without it', async () => {
    const before = Date.now()
    const plain = await recommend(person)
    const list = await recommend({ ...person, page: { product: sku(9) } })
    expect(list.strategy).toBe('HYBRID')
    expect(list.notes).toEqual([])
    expect(skusOf(list)).not.toContain(sku(9))
    expect(skusOf(list)).not.toEqual(skusOf(plain))
    const reasons = nodesOf(list).flatMap((node) => node.reasons)
    const ofPage = reasons.filter(({ product }: any) => product?.sku === sku(9))
    expect(ofPage.length).toBeGreaterThan(0)
    for (const { viewedAt } of ofPage) expect(Date.parse(viewedAt)).toBeGreaterThanOrEqual(before)
    for (const { scores, reasons: own } of nodesOf(list)) {
      const sum = own.reduce((total: number, { amount }: any) => total + amount, 0)
      expect(sum).toBeCloseTo(scores.hybrid, 9)
    }
    const texts = nodesOf(list).map(({ explanation }) => explanation.text)
    expect(texts.join(' ')).toMatch(
      /“Product No\. 9” you are looking at|you are looking at the “Product No\. 9”/,
    )
    expect(texts.join(' ')).not.toMatch(/“Product No\. 9” you (bought|chose|looked)/)
  })

  test('a category page has the list of the filter', async () => {
    const category = 'toys'
    const list = await recommend({ ...person, page: { category } })
    const filtered = await recommend(person, { filter: { categories: { anyOf: [category] } } })
    expect(nodesOf(list)).toEqual(nodesOf(filtered))
    expect(new Set(nodesOf(list).map(({ product }) => product.category))).toEqual(new Set([category]))
  })

  test('an unknown product or category is noted, and the list is made without it', async () => {
    const list = await recommend({ ...person, page: { product: 'nothing', category: 'nowhere' } })
    expect(nodesOf(list)).toEqual(nodesOf(await recommend(person)))
    expect(list.notes).toEqual([
      {
        kind: 'UNKNOWN_PRODUCT',
        message: 'Unknown product "nothing": the list is made without it.',
        subject: 'nothing',
      },
      {
        kind: 'UNKNOWN_CATEGORY',
        message: 'Unknown category "nowhere": the list is not limited to it.',
        subject: 'nowhere',
      },
    ])
  })

  test('a list pages on the same page only', async () => {
    const input = { ...person, page: { product: sku(9) } }
    const whole = await recommend(input, { first: 8 })
    const { pageInfo } = await recommend(input, { first: 4 })
    const rest = await recommend(input, { first: 4, after: pageInfo.endCursor })
    expect(skusOf(rest)).toEqual(skusOf(whole).slice(4))
    for (const page of [undefined, { product: sku(10) }, { product: sku(9), category: 'toys' }]) {
      const other = await recommend({ ...person, page }, { after: pageInfo.endCursor })
      expect(other.__typename).toBe('InvalidInputError')
    }
  })
})

test('a category page narrows the filter that the client sends', async () => {
  const filter = { categories: { anyOf: ['toys', 'garden_tools'] }, exclude: [sku(2)] }
  const list = await recommend({ page: { category: 'toys' } }, { filter })
  expect(nodesOf(list)).toEqual(
    nodesOf(await recommend({}, { filter: { categories: { anyOf: ['toys'] }, exclude: [sku(2)] } })),
  )
  expect(nodesOf(list).length).toBeGreaterThan(0)
})

test('an explanation stream is made for the page', async () => {
  const { url } = await serving({ recommender })
  const query = `subscription ($input: RecommendInput) { explanationStream(input: $input, first: 5) {
    recommendation { product { sku category } } explanation { text }
  } }`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables: { input: { page: { product: sku(9), category: 'toys' } } } }),
  })
  const text = await response.text()
  const sent = [...text.matchAll(/^data: (\{.*\})$/gm)].map(
    ([, data]) => JSON.parse(data).data.explanationStream.recommendation.product,
  )
  const list = await recommend({ page: { product: sku(9), category: 'toys' } }, { first: 5 })
  expect(sent.map((product) => product.sku).toSorted()).toEqual(skusOf(list).toSorted())
  expect(new Set(sent.map((product) => product.category))).toEqual(new Set(['toys']))
})

test('a page costs more than none', async () => {
  const none = await costOf({})
  expect(await costOf({ page: {} })).toBe(none)
  expect(await costOf({ page: { product: sku(9) } })).toBeGreaterThan(none)
  expect(await costOf({ page: { category: 'toys' } })).toBeGreaterThan(none)
})
