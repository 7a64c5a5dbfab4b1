import { expect, test } from 'vitest'
import type { DenseMatrix, Kernels, TopKQuery } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { serving } from './serving.ts'
import { customerId, sku } from './shop.ts'

/** The real kernels, counting how often they are asked for customers' factors and for the best of all products. */
function counted(kernels: Kernels): { kernels: Kernels; calls: string[] } {
  const calls: string[] = []
  const watched: Kernels = {
    ...kernels,
    openFoldIn(itemFactors, equation) {
      const foldIn = kernels.openFoldIn(itemFactors, equation)
      return {
        ...foldIn,
        solve(histories) {
          calls.push('fold-in')
          return foldIn.solve(histories)
        },
      }
    },
    *openVectorsInPieces(vectors: DenseMatrix) {
      const index = yield* kernels.openVectorsInPieces(vectors)
      return {
        topK(query: TopKQuery) {
          calls.push('vectors')
          return index.topK(query)
        },
        close: () => index.close(),
      }
    },
    *openCosineInPieces(features, rows, columns, labels) {
      const index = yield* kernels.openCosineInPieces(features, rows, columns, labels)
      return {
        topK(query) {
          calls.push('cosine')
          return index.topK(query)
        },
        close: () => index.close(),
      }
    },
  }
  return { kernels: watched, calls }
}

const { kernels, calls } = counted(referenceKernels())
// More than 15 aliases and whole lists of what-ifs are let through: it is their batches that are counted.
const { ask } = await serving({ kernels, limits: { aliases: 50, cost: 1e6 } })

const FIRST_SKU = '{ edges { node { product { sku } } } }'

/**
 * What one operation asks of the kernels, if it fits a slice of the thread: the fewest calls of several runs. A slow
 * machine gives the thread to others in between, and then there are more batches.
 */
async function callsOf(query: string): Promise<string[]> {
  let fewest: string[] | undefined
  for (let run = 0; run < 12; run++) {
    calls.length = 0
    const { errors } = await ask(query)
    expect(errors).toBeUndefined()
    if (fewest === undefined || calls.length < fewest.length) fewest = [...calls]
  }
  return fewest!
}

/** The same without fold-ins, which may be of nobody. */
const searchesOf = async (query: string) => (await callsOf(query)).filter((call) => call !== 'fold-in')

test('the recommendations of 50 customers in a list take one fold-in and one search', async () => {
  const query = `{ customers(first: 50) { edges { node { recommendations(first: 5) ${FIRST_SKU} } } } }`
  expect(await callsOf(query)).toEqual(['fold-in', 'vectors'])
})

test('the recommendations of 50 customers by alias take one fold-in and one search', async () => {
  const aliases = Array.from(
    { length: 50 },
    (_, c) =>
      `c${c}: customer(externalId: "${customerId(c)}") { ...on Customer { recommendations { strategy } } }`,
  )
  expect(await callsOf(`{ ${aliases.join(' ')} }`)).toEqual(['fold-in', 'vectors'])
})

test('customers, nodes and baskets, pages and options of one operation take one fold-in and one search', async () => {
  const { data } = await ask(`{ customer(externalId: "${customerId(1)}") { ... on Customer { id } } }`)
  const query = `{
    customers(first: 10) { edges { node { recommendations(first: 3) { strategy } } } }
    node(id: "${data.customer.id}") { ... on Customer { recommendations(first: 7, includePurchased: true) { strategy } } }
    recommend(input: { history: [{ sku: "${sku(1)}" }] }) { ... on RecommendationConnection { strategy } }
  }`
  expect(await callsOf(query)).toEqual(['fold-in', 'vectors'])
})

test('the recommendations of a batch take one fold-in and one search, arranged or not', async () => {
  const ids = Array.from({ length: 60 }, (_, c) => `"${customerId(c)}"`)
  for (const ranking of ['', ', ranking: { minScore: -9, pins: [{ sku: "sku-7", position: 1 }] }']) {
    const query = `{ recommendations(externalIds: [${ids}], first: 3${ranking}) { __typename } }`
    expect(await callsOf(query)).toEqual(['fold-in', 'vectors'])
  }
})

const under = (name: string) =>
  `recommendations(first: 3, filter: { categories: { noneOf: ["${name}"] } }) { strategy }`

test('of lists under two filters each filter takes a search', async () => {
  const query = `{ customers(first: 20) { edges { node { a: ${under('toys')} b: ${under('garden_tools')} } } } }`
  expect(await callsOf(query)).toEqual(['fold-in', 'vectors', 'vectors'])
})

test('lists that go by orders and sales alone take no search', async () => {
  const query = `{
    customers(first: 20) { edges { node { buyAgain { strategy } alsoBought { strategy } } } }
    trending { strategy }
    product(sku: "${sku(1)}") { ... on Product { recommendations(intent: COMPLEMENTARY) { strategy } } }
  }`
  expect(await searchesOf(query)).toEqual([])
})

test('the products related to 40 products take one search', async () => {
  const query = '{ products(first: 40) { edges { node { recommendations(first: 5) { strategy } } } } }'
  expect(await searchesOf(query)).toEqual(['cosine'])
})

test('the products similar to 40 products take one search', async () => {
  const query = '{ products(first: 40) { edges { node { similar(first: 5) { edges { rank } } } } } }'
  expect(await callsOf(query)).toEqual(['cosine'])
})

test('what ifs about a whole list take a fold-in for every 16 of them, here 45', async () => {
  // And no search: so few products are ranked whole.
  const { data } = await ask(
    `{ customer(externalId: "${customerId(1)}") { ... on Customer { purchases { edges { node { product { id } } } } } } }`,
  )
  const ids = data.customer.purchases.edges.map(
    ({ node }: { node: { product: { id: string } } }) => node.product.id,
  )
  const whatIfs = ids.map(
    (id: string, i: number) => `w${i}: whatIf(withoutPurchases: ["${id}"]) { ... on WhatIf { rank } }`,
  )
  const query = `{ customer(externalId: "${customerId(1)}") { ... on Customer { recommendations(first: 9) {
    edges { node { ${whatIfs.join(' ')} } }
  } } } }`
  expect(await callsOf(query)).toEqual(['fold-in', 'vectors', 'fold-in', 'fold-in', 'fold-in'])
})
