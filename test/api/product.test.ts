import { describe, expect, test } from 'vitest'
import { serving } from './serving.ts'
import { BARE_PRODUCT, sku } from './shop.ts'

const { ask } = await serving()

const PRODUCT = /* GraphQL */ `
  query ($sku: String!, $first: Int! = 5, $after: String) {
    product(sku: $sku) {
      __typename
      ... on Product {
        id
        sku
        name
        category
        price
        popularity
        similar(first: $first, after: $after) {
          edges { cursor rank similarity node { sku } }
          pageInfo { hasNextPage endCursor }
        }
      }
      ... on UnknownProductError { message skus }
    }
  }
`

describe('a product', () => {
  test('is found by its SKU', async () => {
    const { data, errors } = await ask(PRODUCT, { sku: sku(9) })
    expect(errors).toBeUndefined()
    expect(data.product).toMatchObject({
      sku: sku(9),
      name: 'Product No. 9',
      category: 'garden_tools',
      price: 19,
    })
    expect(data.product.popularity).toBeGreaterThan(0)
  })

  test('is found by its global id', async () => {
    const { id } = (await ask(PRODUCT, { sku: sku(9) })).data.product
    const { data } = await ask('query ($id: ID!) { product(id: $id) { ... on Product { sku } } }', { id })
    expect(data.product).toEqual({ sku: sku(9) })
  })

  test('without data has nulls, and nothing similar', async () => {
    const { data } = await ask(PRODUCT, { sku: BARE_PRODUCT })
    expect(data.product).toMatchObject({ name: null, category: null, price: null, popularity: 0 })
    expect(data.product.similar.edges).toEqual([])
  })

  test('that is unknown is an answer of its own type', async () => {
    const { data, errors } = await ask(PRODUCT, { sku: 'nothing' })
    expect(errors).toBeUndefined()
    expect(data.product).toEqual({
      __typename: 'UnknownProductError',
      message: expect.stringContaining('nothing'),
      skus: ['nothing'],
    })
  })
})

test.each(['', '(id: "x", sku: "y")'])(
  'a product is not asked for by neither id or both: product%s',
  async (args) => {
    const { data, errors } = await ask(`{ product${args} { ... on InvalidInputError { message path } } }`)
    expect(errors).toBeUndefined()
    expect(data.product).toEqual({ message: 'Pass exactly one of "id" and "sku".', path: ['sku'] })
  },
)

test('unknown customers, products and categories give the same kind of error', async () => {
  const { data, errors } = await ask(`{
    customer(externalId: "x") { ...notFound }
    product(sku: "x") { ...notFound }
    category(name: "x") { ...notFound }
  }
  fragment notFound on NotFoundError { __typename message }`)
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    customer: {
      __typename: 'UnknownCustomerError',
      message: 'There is no customer x: customers are named as in the order history.',
    },
    product: {
      __typename: 'UnknownProductError',
      message: 'There is no product x: products are named by their SKUs in the order history.',
    },
    category: {
      __typename: 'UnknownCategoryError',
      message: 'There is no category x: those there are, are listed by "categories".',
    },
  })
})

describe('similar products', () => {
  test('come most similar first, without the product itself', async () => {
    const { edges } = (await ask(PRODUCT, { sku: sku(9), first: 11 })).data.product.similar
    const similarities = edges.map(({ similarity }: { similarity: number }) => similarity)
    expect(similarities).toEqual(similarities.toSorted((a: number, b: number) => b - a))
    expect(edges.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    for (const { node } of edges) expect(node.sku).not.toBe(sku(9))
  })

  test('can be paged through', async () => {
    const whole = (await ask(PRODUCT, { sku: sku(9), first: 6 })).data.product.similar
    const first = (await ask(PRODUCT, { sku: sku(9), first: 3 })).data.product.similar
    const after = first.pageInfo.endCursor
    const second = (await ask(PRODUCT, { sku: sku(9), first: 3, after })).data.product.similar
    expect([...first.edges, ...second.edges]).toEqual(whole.edges)
  })
})

test('the whole catalogue can be paged through', async () => {
  const query = `query ($after: String) { products(first: 30, after: $after) {
    edges { node { sku } } pageInfo { hasNextPage hasPreviousPage endCursor }
  } }`
  const first = (await ask(query)).data.products
  const second = (await ask(query, { after: first.pageInfo.endCursor })).data.products
  expect([...first.edges, ...second.edges].map(({ node }) => node.sku)).toEqual([
    ...Array.from({ length: 48 }, (_, product) => sku(product)),
    BARE_PRODUCT,
  ])
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
})

test('the model says what it is', async () => {
  const { data, errors } = await ask(/* GraphQL */ `{
    modelInfo {
      version preset factors regularization alpha iterations loss customers products interactions
      dataFingerprint kernelVariant segments { name customers }
    }
  }`)
  expect(errors).toBeUndefined()
  expect(data.modelInfo).toMatchObject({
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
    preset: 'default',
    factors: 8,
    iterations: 5,
    customers: 60,
    products: 49,
    interactions: 300,
    kernelVariant: 'reference',
  })
  const members = data.modelInfo.segments.map(({ customers }: { customers: number }) => customers)
  expect(members.reduce((sum: number, count: number) => sum + count, 0)).toBe(60)
})
