import * as fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProductFilterShape } from '../../src/graphql/ranking-input.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { CONNECTIONS, fieldsTaking, pages, VARIANTS } from './connections.ts'
import { anyFilter, anyStates, changesOf, isShown, passes, type State, unitsOf } from './filters.ts'
import { CUSTOMERS, GOODS, goods, groceryRecommender, LINES } from './grocery.ts'
import { byContent, byFactors, type Cosine } from './grocery-likeness.ts'
import { servingGrocery } from './serving.ts'

// Those of WebAssembly: filters are sets of bits to them.
const kernels = await openKernels({ threads: 1 })
afterAll(() => kernels.close())
const serving = await servingGrocery({ recommender: await groceryRecommender({ kernels }) })
const { availability } = serving.recommender

const FILTERED = fieldsTaking('filter', 'first').filter((field) => field !== 'Subscription.explanationStream')
const lists = {
  ...Object.fromEntries(FILTERED.map((coordinate) => [coordinate, CONNECTIONS[coordinate]])),
  ...Object.fromEntries(Object.entries(VARIANTS)),
}

const say = (states: Readonly<Record<string, State>>) => availability.set(changesOf(states, Date.now()))
beforeEach(() => say({}))

/** Every list, up to `first` of those that pass. */
async function ask(
  filter: ProductFilterShape | null,
  first = 100,
): Promise<Record<string, readonly string[]>> {
  const found = await pages(
    serving,
    lists,
    ', first: $first, filter: $filter',
    { filter, first },
    '($filter: ProductFilter, $first: Int!)',
  )
  return Object.fromEntries(Object.entries(found).map(([name, { ids }]) => [name, ids]))
}

const whole = await ask(null)

/** What the list may hold of the grocery, told by its orders and shelves alone. */
const bought = (customer: string) =>
  new Set(LINES.filter((line) => line.customer === customer).map((line) => line.sku))
const buyers = (sku: string) => CUSTOMERS.filter((customer) => bought(customer).has(sku))
const boughtAlongWith = (...skus: string[]) =>
  new Set(
    skus
      .flatMap(buyers)
      .flatMap((customer) => Array.from(bought(customer)))
      .filter((sku) => !skus.includes(sku)),
  )
const inOneOrderWith = (sku: string) => {
  const orders = new Set(LINES.filter((line) => line.sku === sku).map(({ order }) => order))
  return new Set(LINES.filter((line) => orders.has(line.order) && line.sku !== sku).map((line) => line.sku))
}
const all = (holds: (sku: string) => boolean) => new Set(GOODS.map(({ sku }) => sku).filter(holds))
const isDescribed = (sku: string) => !['candle', 'mystery'].includes(sku)
const isSold = (sku: string) => unitsOf(sku) > 0
/** What is not alike is not listed. */
const isLike = (cosine: Cosine, one: string, other: string) => one !== other && cosine(one, other) > 1e-4
const HOLDS: Record<string, Set<string>> = {
  'Query.products': all(() => true),
  'Query.searchProducts': all((sku) => sku.startsWith('tin-')),
  'Query.trending': all(isSold),
  'Query.recommend': all((sku) => !['tin-4', 'milk'].includes(sku)),
  'Query.recommendations': all((sku) => !bought('ann').has(sku)),
  'Category.popular': all((sku) => goods(sku).category === 'tins'),
  'Customer.recommendations': all((sku) => !bought('ann').has(sku)),
  'Customer.alsoBought': boughtAlongWith(...bought('ann')),
  'Customer.buyAgain': bought('ann'),
  'Product.neighbours': all((sku) => isDescribed(sku) && isLike(byContent, 'jam', sku)),
  'Product.recommendations': inOneOrderWith('bread'),
  'Product.recommendations of RELATED': all((sku) => isDescribed(sku) && isLike(byContent, 'jam', sku)),
  'Product.neighbours by customers': boughtAlongWith('bread'),
  'Product.neighbours by factors': all(
    (sku) => isSold(sku) && isLike(byFactors(serving.recommender.model), 'bread', sku),
  ),
  'Query.recommend of ALSO_BOUGHT': boughtAlongWith('tin-4', 'milk'),
}

describe('without a filter', () => {
  test.each(Object.keys(lists))('%s holds each product that it can, once', (name) => {
    expect(whole[name].toSorted()).toEqual([...HOLDS[name]].toSorted())
  })
})

test('a filter leaves of every list what passes it and is shown, in its order, and as many as asked for', async () => {
  let passed = 0
  await fc.assert(
    fc.asyncProperty(anyFilter, anyStates, fc.nat(60), async (filter, states, first) => {
      await say(states)
      const found = await ask(filter, first)
      const isIn = (sku: string) =>
        isShown(states[sku]) &&
        passes({ ...goods(sku), units: unitsOf(sku), inStock: states[sku]?.inStock ?? true }, filter)
      for (const [name, skus] of Object.entries(found)) {
        expect([name, skus]).toEqual([name, whole[name].filter(isIn).slice(0, first)])
        passed += skus.length
      }
    }),
    { numRuns: 150 },
  )
  expect(passed).toBeGreaterThan(5000)
})

test('the lists that are filtered are all that take a filter', () => {
  expect(fieldsTaking('filter').toSorted()).toEqual(
    [...FILTERED, 'Subscription.explanationStream'].toSorted(),
  )
  expect(Object.keys(HOLDS).toSorted()).toEqual(Object.keys(lists).toSorted())
})

describe('by hand', () => {
  test.each<[string, ProductFilterShape, string[]]>([
    ['a category', { categories: { anyOf: ['dairy'] } }, ['butter', 'milk', 'cheese', 'creme']],
    [
      'no label of several',
      { categories: { noneOf: ['tins', 'dairy', 'bakery', 'drinks', 'sweets'] } },
      ['candle', 'soap', 'mystery'],
    ],
    ['a seller', { sellers: { anyOf: ['mill'] } }, ['bread', 'rolls', 'croissant']],
    ['a price of at least 6, and of at most 7', { price: { min: 6, max: 7 } }, ['cheese', 'honey']],
    ['eight units sold', { minPopularity: 8 }, ['bread', 'milk']],
    ['these, of which one is unknown', { include: ['tea', 'nothing', 'jam'] }, ['jam', 'tea']],
    [
      'a label of an attribute',
      { attributes: [{ name: 'brand', anyOf: ['Alp'] }] },
      ['butter', 'milk', 'cheese', 'chocolate'],
    ],
    ['bounds of an attribute', { attributes: [{ name: 'grams', min: 340, max: 400 }] }, ['jam']],
    ['one or the other', { or: [{ include: ['soap'] }, { price: { min: 8 } }] }, ['coffee', 'soap']],
    [
      'neither',
      { not: { or: [{ categories: { anyOf: ['tins'] } }, { price: { max: 100 } }] } },
      ['candle', 'soap', 'mystery'],
    ],
    [
      'both',
      { and: [{ categories: { anyOf: ['sweets'] } }, { sellers: { noneOf: ['farm'] } }] },
      ['chocolate'],
    ],
    ['nothing of an empty list', { or: [] }, []],
    [
      'nothing stated',
      { price: {}, categories: {}, attributes: [{ name: 'grams' }], and: [] },
      GOODS.map(({ sku }) => sku),
    ],
  ])('%s', async (_what, filter, skus) => {
    expect((await ask(filter))['Query.products']).toEqual(skus)
  })
})
