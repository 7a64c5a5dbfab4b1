import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyRanking, expectArranged, type Place, type Ranking } from './arrangements.ts'
import { anyFilter, passes, unitsOf } from './filters.ts'
import { goods, LINES } from './grocery.ts'
import { servingGrocery } from './serving.ts'
import { setting } from './setting-availability.ts'

const serving = await servingGrocery()
const { ask } = serving
const { set } = setting(serving)

const PLACES = `edges { cursor node {
  rank product { sku } scores { hybrid boost final placement similarityAbove } reasons { amount }
} } pageInfo { hasNextPage hasPreviousPage endCursor }`

/** Lists of recommendations, and what must not be pinned to them. */
const LISTS: [string, string, (data: any) => any, readonly string[]][] = [
  [
    'recommendations',
    `customer(externalId: "ann") { ... on Customer { list: recommendations(ARGS) { ${PLACES} } } }`,
    ({ customer }) => customer.list,
    LINES.filter(({ customer }) => customer === 'ann').map(({ sku }) => sku),
  ],
  ['trending', `list: trending(ARGS) { ${PLACES} }`, ({ list }) => list, []],
  [
    'what is bought together',
    `product(sku: "bread") { ... on Product { list: recommendations(intent: COMPLEMENTARY, ARGS) { ${PLACES} } } }`,
    ({ product }) => product.list,
    ['bread'],
  ],
  [
    'a basket’s',
    `list: recommend(input: { history: [{ sku: "coffee" }, { sku: "jam" }] }, ARGS) {
      ... on RecommendationConnection { ${PLACES} } ... on InvalidInputError { message path }
    }`,
    ({ list }) => list,
    ['coffee', 'jam'],
  ],
  [
    'what may be bought again',
    `customer(externalId: "ann") { ... on Customer { list: buyAgain(ARGS) { ${PLACES} } } }`,
    ({ customer }) => customer.list,
    [],
  ],
]

const placesIn = ({ edges }: any): Place[] =>
  edges.map(({ node: { rank, product, scores, reasons } }: any) => {
    const amounts = reasons.reduce((sum: number, { amount }: any) => sum + amount, 0)
    expect(amounts).toBeCloseTo(scores.hybrid, 9)
    return { rank, sku: product.sku, ...scores }
  })

describe.each(LISTS)('%s', async (_name, field, listIn, left) => {
  async function listed(variables: object): Promise<any> {
    const args = 'first: $first, after: $after, last: $last, ranking: $ranking, filter: $filter'
    const declared = '$first: Int, $after: String, $last: Int, $ranking: RankingInput, $filter: ProductFilter'
    const { data, errors } = await ask(`query (${declared}) { ${field.replace('ARGS', args)} }`, variables)
    expect(errors).toBeUndefined()
    return listIn(data)
  }
  const whole = placesIn(await listed({ first: 100 }))
  const hybridsOf = (isIn: (sku: string) => boolean) =>
    new Map(whole.filter(({ sku }) => isIn(sku)).map(({ sku, hybrid }) => [sku, hybrid]))

  // Nothing but what was bought can be bought again.
  const isBought = (sku: string) => !field.includes('buyAgain') || whole.some((place) => place.sku === sku)

  test('is by score alone where nothing else is asked for', () => {
    expectArranged(
      whole,
      hybridsOf(() => true),
      {},
      () => false,
    )
  })

  test('is arranged as any ranking asks, under any filter', async () => {
    await fc.assert(
      fc.asyncProperty(anyRanking, fc.option(anyFilter), async (ranking, filter) => {
        const isIn = (sku: string) =>
          passes({ ...goods(sku), units: unitsOf(sku), inStock: true }, filter ?? {})
        const places = placesIn(await listed({ first: 100, ranking, filter }))
        const mayHold = (sku: string) => isIn(sku) && !left.includes(sku) && isBought(sku)
        expectArranged(places, hybridsOf(isIn), ranking, mayHold)
      }),
      { numRuns: 100 },
    )
  })

  test('has pages that agree with the whole, whatever is asked of it', async () => {
    const exploring = fc.record({ explorationRate: fc.constantFrom(0, 0.3, 1), seed: fc.integer() })
    const rankings = fc
      .tuple(anyRanking, exploring)
      .map(([ranking, more]) => Object.assign({}, ranking, more))
    await fc.assert(
      fc.asyncProperty(rankings, fc.integer({ min: 1, max: 20 }), async (ranking: Ranking, first) => {
        const expected = placesIn(await listed({ first: 100, ranking }))
        const pages: Place[] = []
        for (let after: string | null | undefined; after !== null; ) {
          const { pageInfo, ...page } = await listed({ ranking, first, after })
          pages.push(...placesIn(page))
          after = pageInfo.hasNextPage ? pageInfo.endCursor : null
        }
        expect(pages).toEqual(expected)
        const back = await listed({ last: first, ranking })
        expect(placesIn(back)).toEqual(expected.slice(-first))
      }),
      { numRuns: 25 },
    )
  })
})

async function bakery(ranking: object): Promise<[string, number, string][]> {
  const query = `query ($ranking: RankingInput) { category(name: "bakery") { ... on Category {
    popular(ranking: $ranking) { ${PLACES} }
  } } }`
  const { data, errors } = await ask(query, { ranking })
  expect(errors).toBeUndefined()
  return data.category.popular.edges.map(({ node }: any) => [
    node.product.sku,
    node.scores.final,
    node.scores.placement,
  ])
}
const only = (sku: string) => ({ include: [sku] })

describe('by hand, what sells in the bakery: bread in 7 orders, rolls and croissants in 1', () => {
  test('a boost of 10 brings croissants to the top, and two boosts are multiplied', async () => {
    expect(await bakery({ boosts: [{ filter: only('croissant'), multiplier: 10 }] })).toEqual([
      ['croissant', 10, 'RANKED'],
      ['bread', 7, 'RANKED'],
      ['rolls', 1, 'RANKED'],
    ])
    const boosts = [
      { filter: only('rolls'), multiplier: 2 },
      { filter: { include: ['rolls', 'bread'] }, multiplier: 0.5 },
    ]
    expect(await bakery({ boosts })).toEqual([
      ['bread', 3.5, 'RANKED'],
      ['rolls', 1, 'RANKED'],
      ['croissant', 1, 'RANKED'],
    ])
  })

  test('a floor of 2 ends the list behind bread', async () => {
    expect(await bakery({ minScore: 2 })).toEqual([['bread', 7, 'RANKED']])
  })

  test('one of each category is bread alone', async () => {
    expect(await bakery({ maxPerCategory: 1 })).toEqual([['bread', 7, 'RANKED']])
  })

  test('croissants pinned to the second place stand there, and milk, of another category, nowhere', async () => {
    const pins = [
      { sku: 'croissant', position: 2 },
      { sku: 'milk', position: 1 },
    ]
    expect(await bakery({ pins })).toEqual([
      ['bread', 7, 'RANKED'],
      ['croissant', 1, 'PINNED'],
      ['rolls', 1, 'RANKED'],
    ])
  })

  test('pinned beyond the end they close up, and a floor leaves them', async () => {
    expect(await bakery({ pins: [{ sku: 'croissant', position: 9 }], minScore: 7 })).toEqual([
      ['bread', 7, 'RANKED'],
      ['croissant', 1, 'PINNED'],
    ])
  })

  test('nobody hidden can be pinned', async () => {
    await set({ sku: 'rolls', hidden: true })
    expect((await bakery({ pins: [{ sku: 'rolls', position: 1 }] })).map(([sku]) => sku)).toEqual([
      'bread',
      'croissant',
    ])
    await set({ sku: 'rolls', hidden: false })
    expect((await bakery({ pins: [{ sku: 'rolls', position: 1 }] })).map(([sku]) => sku)).toEqual([
      'rolls',
      'bread',
      'croissant',
    ])
  })
})
