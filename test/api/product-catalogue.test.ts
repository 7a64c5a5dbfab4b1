/** The catalogue over HTTP: written, read in one batch, removed. */
import { afterAll, describe, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import type { CatalogueStore } from '../../src/store/catalogue.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { serving } from './serving.ts'
import { sku, smallRecommender, smallShop } from './shop.ts'

const store = openCatalogue(IN_MEMORY)
/** The SKUs of each read. */
const reads: (readonly string[])[] = []
const catalogue: CatalogueStore = Object.assign(Object.create(store), {
  get: (skus: readonly string[]) => {
    reads.push(skus)
    return store.get(skus)
  },
  upsert: store.upsert.bind(store),
  remove: store.remove.bind(store),
})
const { model } = await smallRecommender()
const { ask } = await serving({ recommender: new Recommender(model, referenceKernels(), { catalogue }) })
afterAll(() => store.close())

const UPSERT = `mutation ($products: [ProductInput!]!) {
  upsertProducts(input: { products: $products }) {
    __typename
    ... on UpsertProductsPayload { changed revision }
    ... on InvalidInputError { message path paths }
  }
}`

const REMOVE = `mutation ($skus: [String!]!) {
  removeProducts(input: { skus: $skus }) {
    __typename
    ... on RemoveProductsPayload { changed revision }
    ... on InvalidInputError { message path paths }
  }
}`

const FIELDS = 'sku name category price currency imageUrl url attributes { name value }'

async function productOf(number: number) {
  const { data } = await ask(`{ product(sku: "${sku(number)}") { ... on Product { ${FIELDS} } } }`)
  return data.product
}

async function upsert(...products: object[]) {
  const { data, errors } = await ask(UPSERT, { products })
  expect(errors).toBeUndefined()
  return data.upsertProducts
}

describe('upsertProducts', () => {
  test('is given back by the product at once, and what is not stated is of the model', async () => {
    const before = await productOf(1)
    expect(before).toMatchObject({ sku: sku(1), currency: null, imageUrl: null, url: null })
    const stated = {
      name: 'A new name',
      price: 12.5,
      currency: 'EUR',
      imageUrl: 'https://shop.example/1.svg',
      url: '/products/1',
      attributes: [{ name: 'colour', value: 'blue' }],
    }
    expect(await upsert({ sku: sku(1), ...stated })).toMatchObject({
      __typename: 'UpsertProductsPayload',
      changed: 1,
    })
    expect(await productOf(1)).toEqual({ ...before, ...stated })
    await upsert({ sku: sku(1), name: null, price: null, attributes: [] })
    expect(await productOf(1)).toEqual({
      ...before,
      currency: 'EUR',
      imageUrl: stated.imageUrl,
      url: stated.url,
    })
  })

  test('takes products that the model does not know', async () => {
    const { changed, revision } = await upsert({ sku: 'unknown', name: 'Unknown' })
    expect(changed).toBe(1)
    expect(await upsert({ sku: 'unknown', name: 'Unknown' })).toMatchObject({ changed: 0, revision })
    expect(await store.get(['unknown'])).toMatchObject([{ name: 'Unknown' }])
  })

  test('changes nothing if one product is invalid, and names each that is', async () => {
    const revision = await store.revision()
    const bad = {
      sku: 'c',
      attributes: [
        { name: 'a', value: 'x' },
        { name: 'a', value: 'y' },
      ],
    }
    expect(await upsert({ sku: 'a' }, { sku: 'b', price: -1 }, bad)).toEqual({
      __typename: 'InvalidInputError',
      message:
        'Product 1: "price" is -1: it must be 0, or 0.000001 to 1000000000000000. ' +
        'Product 2: Two attributes are named "a": leave one out.',
      path: ['input', 'products', '1', 'price'],
      paths: [
        ['input', 'products', '1', 'price'],
        ['input', 'products', '2', 'attributes', '1', 'name'],
      ],
    })
    expect(await store.revision()).toBe(revision)
  })

  test('takes at most 1,000 products', async () => {
    const products = Array.from({ length: 1001 }, (_, n) => ({ sku: `many ${n}` }))
    expect(await upsert(...products)).toMatchObject({
      message: '"products" holds 1001 products: send at most 1000 at once.',
      path: ['input', 'products'],
    })
    expect(await upsert(...products.slice(1))).toMatchObject({ changed: 1000 })
  })
})

describe('removeProducts', () => {
  test('marks products, and names every SKU that cannot be one', async () => {
    await upsert({ sku: 'old' })
    const { data } = await ask(REMOVE, { skus: ['old', 'never known'] })
    expect(data.removeProducts).toMatchObject({ __typename: 'RemoveProductsPayload', changed: 2 })
    expect(await store.get(['old'])).toMatchObject([{ removed: true }])
    const refused = await ask(REMOVE, { skus: ['', 'old', ''] })
    expect(refused.data.removeProducts).toMatchObject({
      __typename: 'InvalidInputError',
      paths: [
        ['input', 'skus', '0'],
        ['input', 'skus', '2'],
      ],
    })
  })
})

test('the products of a field are one read, and none is read twice in an operation', async () => {
  reads.length = 0
  const { data, errors } = await ask(`{
    products(first: 5) { edges { node { ${FIELDS} } } }
    product(sku: "${sku(1)}") { ... on Product { name url } }
    trending(first: 5) { edges { node { product { name price imageUrl } } } }
  }`)
  expect(errors).toBeUndefined()
  expect(data.products.edges).toHaveLength(5)
  // Of eleven products. Fields that are ready at the same time share a read.
  expect(reads.length).toBeLessThanOrEqual(3)
  expect(new Set(reads.flat()).size).toBe(reads.flat().length)
})

test('what the catalogue does not state is what the model compares products by', async () => {
  const shop = smallShop()
  const numbers = Array.from({ length: shop.products.size }, (_, product) => product % 2 === 0)
  const trained = await fitModel(
    {
      ...shop,
      categorical: [
        { name: 'colour', labels: ['red'], codes: Int32Array.from(numbers, (even) => (even ? 0 : -1)) },
      ],
      numeric: [{ name: 'weight', values: Float64Array.from(numbers, (even) => (even ? 0.5 : 2)) }],
    },
    configure('default', { factors: 2, iterations: 1 }),
    referenceKernels(),
  )
  const plain = await serving({ recommender: new Recommender(trained, referenceKernels()) })
  const attributesOf = async (number: number) => {
    const { data } = await plain.ask(
      `{ product(sku: "${sku(number)}") { ... on Product { attributes { name value } } } }`,
    )
    return data.product.attributes
  }
  expect(await attributesOf(2)).toEqual([
    { name: 'colour', value: 'red' },
    { name: 'weight', value: '0.5' },
  ])
  expect(await attributesOf(3)).toEqual([{ name: 'weight', value: '2' }])
})

describe('without a catalogue', () => {
  test('products are those of the model, and nothing can be written', async () => {
    const plain = await serving()
    const { data } = await plain.ask(`{ product(sku: "${sku(2)}") { ... on Product { ${FIELDS} } } }`)
    expect(data.product).toMatchObject({
      sku: sku(2),
      attributes: null,
      currency: null,
      imageUrl: null,
      url: null,
    })
    const { errors } = await plain.ask(UPSERT, { products: [{ sku: 'a' }] })
    expect(errors![0]).toMatchObject({ extensions: { code: 'NO_STORE' } })
  })
})
