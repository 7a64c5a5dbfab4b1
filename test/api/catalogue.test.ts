import { describe, expect, test } from 'vitest'
import { unitsOf } from './filters.ts'
import { CUSTOMERS, GOODS, LATEST } from './grocery.ts'
import { servingGrocery } from './serving.ts'

const { ask, recommender } = await servingGrocery()

const of = (name: string) => GOODS.filter((one) => one.category === name)
const unitsSold = (name: string) => of(name).reduce((sum, { sku }) => sum + unitsOf(sku), 0)

describe('the categories', () => {
  test('come with what they hold and what was sold, those that sell most first, ties by name', async () => {
    const { data, errors } = await ask('{ categories { edges { node { name productCount unitsSold } } } }')
    expect(errors).toBeUndefined()
    const names = [...new Set(GOODS.map(({ category }) => category))].filter((name) => name !== null)
    const expected = names
      .map((name) => ({ name, productCount: of(name).length, unitsSold: unitsSold(name) }))
      .toSorted((a, b) => b.unitsSold - a.unitsSold || (a.name < b.name ? -1 : 1))
    expect(data.categories.edges.map(({ node }: any) => node)).toEqual(expected)
    // By hand: 36 tins, of which twelve lovers bought 5 units each; milk 10, butter 4, cheese 1, crème 1; soap none.
    expect(expected[0]).toEqual({ name: 'tins', productCount: 36, unitsSold: 60 })
    expect(expected[1]).toEqual({ name: 'dairy', productCount: 4, unitsSold: 16 })
    expect(expected.at(-1)).toEqual({ name: 'household', productCount: 1, unitsSold: 0 })
  })

  test('are found by name', async () => {
    const { data } = await ask('{ category(name: "sweets") { ... on Category { name productCount } } }')
    expect(data.category).toEqual({ name: 'sweets', productCount: 3 })
  })

  test.each(['Sweets', '', 'none'])('that there are none of are an answer of their own: %j', async (name) => {
    const query = `query ($name: String!) { category(name: $name) {
      __typename ... on UnknownCategoryError { category } ... on NotFoundError { message }
    } }`
    const { data, errors } = await ask(query, { name })
    expect(errors).toBeUndefined()
    expect(data.category).toEqual({
      __typename: 'UnknownCategoryError',
      category: name,
      message: `There is no category ${name}: those there are, are listed by "categories".`,
    })
  })
})

test('the attributes that can be filtered by come with their labels, or the least and the greatest of them', async () => {
  const { data, errors } = await ask('{ productAttributes { name labels range { min max } } }')
  expect(errors).toBeUndefined()
  expect(data.productAttributes).toEqual([
    { name: 'category', labels: ['bakery', 'dairy', 'sweets', 'drinks', 'household', 'tins'], range: null },
    { name: 'brand', labels: ['Hearth', 'Paris', 'Alp', 'Orchard', 'Dawn'], range: null },
    { name: 'grams', labels: null, range: { min: 60, max: 1000 } },
    { name: 'price', labels: null, range: { min: 1, max: 8 } },
  ])
})

test('the model says what it is, and what it was trained on', async () => {
  const { data, errors } = await ask(/* GraphQL */ `{
    modelInfo {
      version preset factors regularization alpha iterations loss customers products interactions
      dataFingerprint kernelVariant segments { name customers } lossByIteration blend
      sourceWeights { source discovery nextOrder } seed latestPurchaseAt servingSince
    }
  }`)
  expect(errors).toBeUndefined()
  const { modelInfo } = data
  const { configuration, loss } = recommender.model.summary
  expect(modelInfo).toMatchObject({
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
    preset: 'default',
    blend: 'learned',
    factors: 8,
    iterations: 5,
    seed: configuration.seed,
    customers: CUSTOMERS.length - 1,
    products: GOODS.length,
    // Thirteen orders by hand hold 30 lines, and the tin lovers' 24 hold 48.
    interactions: 30 + 48,
    dataFingerprint: 'b'.repeat(64),
    kernelVariant: 'reference',
    latestPurchaseAt: new Date(LATEST).toISOString(),
    segments: [
      { name: 'Households', customers: 7 },
      { name: 'Tin lovers', customers: 12 },
    ],
  })
  expect(modelInfo.lossByIteration).toHaveLength(5)
  expect(modelInfo.lossByIteration.at(-1)).toBe(loss)
  expect(modelInfo.lossByIteration).toEqual(
    modelInfo.lossByIteration.toSorted((a: number, b: number) => b - a),
  )
  expect(modelInfo.sourceWeights.map(({ source }: any) => source)).toEqual([
    'collaborative',
    'content',
    'nearest',
    'coPurchase',
    'ease',
    'category',
    'seller',
    'popularity',
    'repeat',
    'viewed',
    'cart',
  ])
  const since = Date.parse(modelInfo.servingSince)
  expect(since).toBeLessThanOrEqual(Date.now())
  expect(since).toBeGreaterThan(Date.now() - 600_000)
})
