import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { startServer } from '../../src/server/server.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { CONNECTIONS, pages } from './connections.ts'
import { anyStates, isShown } from './filters.ts'
import { GOODS, groceryRecommender } from './grocery.ts'
import { servingGrocery } from './serving.ts'
import { AVAILABLE, iso, SET, setting } from './setting-availability.ts'

const serving = await servingGrocery()
const { ask } = serving
const { set, availabilityOf, skus } = setting(serving)
const skusOf = ({ edges }: any) => edges.map(({ node }: any) => node.product.sku)

describe('a product that is hidden', () => {
  test('is in no list from the next request on, and back when it is shown again', async () => {
    const { 'Customer.purchases': _, ...lists } = CONNECTIONS
    const before = await pages(serving, lists, ', first: 100')
    const held = Object.keys(lists).filter((name) => before[name].ids.includes('tin-1'))
    expect(held).toEqual(
      expect.arrayContaining([
        'Query.products',
        'Query.searchProducts',
        'Query.trending',
        'Query.recommend',
        'Category.popular',
        'Product.similar',
      ]),
    )
    await set({ sku: 'tin-1', hidden: true })
    const after = await pages(serving, lists, ', first: 100')
    for (const name of Object.keys(lists))
      expect([name, after[name].ids]).toEqual([name, before[name].ids.filter((id) => id !== 'tin-1')])
    await set({ sku: 'tin-1', hidden: false })
    expect(await pages(serving, lists, ', first: 100')).toEqual(before)
  })

  test('is still found by its id, and among what was bought', async () => {
    await set({ sku: 'jam', hidden: true })
    const { data } = await ask(`{
      product(sku: "jam") { ... on Product { name recommendations(first: 1) { edges { node { product { sku } } } } } }
      customer(externalId: "dan") { ... on Customer {
        purchases { edges { node { product { sku } } } }
        buyAgain { edges { node { product { sku } } } }
      } }
    }`)
    expect(data.product).toEqual({
      name: 'Plum jam',
      recommendations: { edges: [{ node: { product: { sku: 'honey' } } }] },
    })
    expect(skusOf(data.customer.purchases).toSorted()).toEqual(['butter', 'jam'])
    expect(skusOf(data.customer.buyAgain)).toEqual(['butter'])
    await set({ sku: 'jam', hidden: false })
  })
})

test('what is out of stock is in lists all the same, but in none that filter by it', async () => {
  await set({ sku: 'tea', inStock: false })
  expect(await skus()).toContain('tea')
  expect(await skus('filter: { inStock: true }')).toEqual(
    GOODS.map(({ sku }) => sku).filter((sku) => sku !== 'tea'),
  )
  expect(await skus('filter: { inStock: false }')).toEqual(['tea'])
  await set({ sku: 'tea', inStock: true })
})

describe('all changes are made, or none', () => {
  test('not with unknown products, which are all named', async () => {
    const answer = await set(
      { sku: 'soap', hidden: true },
      { sku: 'nothing', hidden: true },
      { sku: 'nowhere', hidden: true },
      { sku: 'nothing', inStock: false },
    )
    expect(answer).toEqual({
      __typename: 'UnknownProductError',
      message: 'There is no product nothing, nowhere: products are named by their SKUs in the order history.',
      skus: ['nothing', 'nowhere'],
    })
    expect(await availabilityOf('soap')).toEqual(AVAILABLE)
  })

  test('not with a time that ends before it begins', async () => {
    const answer = await set(
      { sku: 'soap', hidden: true },
      { sku: 'tea', validFrom: '2024-06-02T00:00:00Z', validUntil: '2024-06-01T00:00:00Z' },
    )
    expect(answer).toEqual({
      __typename: 'InvalidInputError',
      message: expect.stringContaining(
        'its time would begin (2024-06-02T00:00:00.000Z) after it ends (2024-06-01T00:00:00.000Z)',
      ),
      path: ['input', 'products', '1', 'validUntil'],
    })
    expect(await availabilityOf('soap')).toEqual(AVAILABLE)
    expect(await availabilityOf('tea')).toEqual(AVAILABLE)
  })

  test('not more than 1,000 at once', async () => {
    const answer = await set(...Array.from({ length: 1001 }, () => ({ sku: 'soap', hidden: true })))
    expect(answer).toEqual({
      __typename: 'InvalidInputError',
      message: '"products" holds 1001 changes: send at most 1000 at once.',
      path: ['input', 'products'],
    })
    expect(await availabilityOf('soap')).toEqual(AVAILABLE)
  })

  test('of a product that stands twice the later builds on the former', async () => {
    const answer = await set(
      { sku: 'soap', hidden: true },
      { sku: 'soap', inStock: false },
      { sku: 'soap', hidden: null },
    )
    const now = { ...AVAILABLE, isShown: false, hidden: true, inStock: false }
    expect(answer.products).toEqual([now, now, now].map((availability) => ({ sku: 'soap', availability })))
    await set({ sku: 'soap', hidden: false, inStock: true })
  })
})

test('whatever is said of the products, lists hold those that it shows', async () => {
  await fc.assert(
    fc.asyncProperty(anyStates, async (states) => {
      const now = Date.now()
      const time = (offset: number | null | undefined) => (offset == null ? null : iso(now + offset))
      const changes = GOODS.map(({ sku }) => {
        const { hidden = false, inStock = true, from, until } = states[sku] ?? {}
        return { sku, hidden, inStock, validFrom: time(from), validUntil: time(until) }
      })
      const { products } = await set(...changes)
      const shown = GOODS.map(({ sku }) => sku).filter((sku) => isShown(states[sku]))
      expect(products.filter((one: any) => one.availability.isShown).map(({ sku }: any) => sku)).toEqual(
        shown,
      )
      expect(await skus()).toEqual(shown)
    }),
    { numRuns: 50 },
  )
})

test('what was set outlasts a restart, and a retrain', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-availability-'))
  afterAll(() => rm(folder, { recursive: true }))
  const file = join(folder, 'rationale.db')
  async function asked(iterations: number, query: string, variables: object = {}) {
    const availability = await openAvailability(file)
    const recommender = await groceryRecommender({ availability, iterations })
    const logger = pino({ level: 'silent' })
    const server = await startServer({ recommender, port: 0, logger, keyless: ['catalog', 'write'] })
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ query, variables })
    const response = await fetch(server.url, { method: 'POST', headers, body })
    await server.close()
    recommender.close()
    await availability.close()
    return (await response.json()) as any
  }
  const until = iso(Date.now() + 1e9)
  await asked(5, SET, {
    products: [
      { sku: 'milk', hidden: true },
      { sku: 'tea', inStock: false, validUntil: until },
    ],
  })
  const { data } = await asked(
    4,
    `{
    products(filter: { include: ["milk", "tea", "soap"] }) {
      edges { node { sku availability { isShown hidden inStock validFrom validUntil } } }
    }
    product(sku: "milk") { ... on Product { availability { hidden } } }
  }`,
  )
  expect(data.products.edges.map(({ node }: any) => node)).toEqual([
    { sku: 'tea', availability: { ...AVAILABLE, inStock: false, validUntil: until } },
    { sku: 'soap', availability: AVAILABLE },
  ])
  expect(data.product.availability).toEqual({ hidden: true })
})
