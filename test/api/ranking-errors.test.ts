import { describe, expect, test } from 'vitest'
import { at, CONNECTIONS, fieldsTaking, hasErrorUnion, pageField } from './connections.ts'
import { GOODS } from './grocery.ts'
import { servingGrocery } from './serving.ts'

const { ask } = await servingGrocery()

const boost = (multiplier: number, filter: object = {}) => ({ multiplier, filter })
const pin = (sku: string, position: number) => ({ sku, position })

const BAD: [object, string[], string][] = [
  [{ diversity: 1.01 }, ['diversity'], '"diversity" is 1.01: from 0 to 1 is possible.'],
  [{ diversity: -0.01 }, ['diversity'], '"diversity" is -0.01: from 0 to 1 is possible.'],
  [{ maxPerCategory: 0 }, ['maxPerCategory'], '"maxPerCategory" is 0: whole numbers from 1 are possible.'],
  [
    { explorationRate: 1.5, seed: 1 },
    ['explorationRate'],
    '"explorationRate" is 1.5: from 0 to 1 is possible.',
  ],
  [
    { explorationRate: 0.1 },
    ['seed'],
    '"seed" is missing: by it the pages of an exploring list agree; pass another with each visit.',
  ],
  [
    { boosts: Array.from({ length: 6 }, () => boost(2)) },
    ['boosts'],
    '"boosts" are 6: at most 5 are possible.',
  ],
  [
    { boosts: [boost(2), boost(10.1)] },
    ['boosts', '1', 'multiplier'],
    '"boosts.1.multiplier" is 10.1: from 0.1 to 10 is possible.',
  ],
  [
    { boosts: [boost(0)] },
    ['boosts', '0', 'multiplier'],
    '"boosts.0.multiplier" is 0: from 0.1 to 10 is possible.',
  ],
  [
    { boosts: [boost(2), boost(2, { not: { price: { min: 2, max: 1 } } })] },
    ['boosts', '1', 'filter', 'not', 'price'],
    '"min" is 2 and "max" 1: nothing lies between.',
  ],
  [
    { pins: [pin('tea', 0)] },
    ['pins', '0', 'position'],
    '"pins.0.position" is 0: whole numbers from 1 to 1000 are possible.',
  ],
  [
    { pins: [pin('tea', 1001)] },
    ['pins', '0', 'position'],
    '"pins.0.position" is 1001: whole numbers from 1 to 1000 are possible.',
  ],
  [
    { pins: [pin('tea', 3), pin('soap', 3)] },
    ['pins', '1', 'position'],
    '"pins.1.position" is 3, as another pin\'s: each place holds one product.',
  ],
  [
    { pins: [pin('tea', 3), pin('tea', 4)] },
    ['pins', '1'],
    '"pins.1" names a product that another pin names: each product has one place.',
  ],
  [
    { pins: [pin('tea', 1), pin('nothing', 2)] },
    ['pins', '1', 'sku'],
    `Unknown product "nothing": pin a product by its SKU in the shop's data.`,
  ],
  [
    { pins: Array.from({ length: 101 }, (_, i) => pin(GOODS[i % GOODS.length].sku, i + 1)) },
    ['pins'],
    '"pins" are 101: at most 100 are possible.',
  ],
]

const FITTING = [
  { diversity: 0, maxPerCategory: 1, explorationRate: 0, minScore: -1e9 },
  { diversity: 1, maxPerCategory: 2_147_483_647, explorationRate: 1, seed: -1, minScore: 1e9 },
  { boosts: [boost(0.1), boost(10), boost(1), boost(1), boost(1)] },
  { pins: [pin('tea', 1), pin('soap', 1000)], seed: 5 },
  {
    diversity: null,
    maxPerCategory: null,
    boosts: null,
    pins: null,
    explorationRate: null,
    seed: null,
    minScore: null,
  },
  {},
]

const RANKED = fieldsTaking('ranking').filter((coordinate) => coordinate in CONNECTIONS)

test('all lists of recommendations can be ranked', () => {
  expect(RANKED).toEqual(
    fieldsTaking('ranking').filter((field) => field !== 'Subscription.explanationStream'),
  )
  expect(RANKED).toHaveLength(8)
})

describe.each(RANKED)('%s refuses a ranking', (coordinate) => {
  const place = CONNECTIONS[coordinate]
  const query = `query ($ranking: RankingInput) { ${pageField(place, ', ranking: $ranking')} }`

  test.each(BAD)('of %j, and says where', async (ranking, path, message) => {
    const { data, errors } = await ask(query, { ranking })
    const inputPath = ['ranking', ...path]
    if (hasErrorUnion(coordinate)) expect(at(place, data)).toEqual({ message, path: inputPath })
    else {
      expect(errors).toEqual([
        expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT', inputPath } }),
      ])
    }
  })

  test.each(FITTING)('but not what just fits: %j', async (ranking) => {
    const { data, errors } = await ask(query, { ranking })
    expect(errors).toBeUndefined()
    expect(at(place, data).edges).toEqual(expect.any(Array))
  })
})

test('thousands of boosts are refused before any of their filters is looked at', async () => {
  const filter = { attributes: [{ name: 'no such attribute' }] }
  const boosts = Array.from({ length: 1000 }, () => boost(2, filter))
  const { data } = await ask(
    `query ($ranking: RankingInput) { recommend(input: { history: [] }, ranking: $ranking) {
      ... on InvalidInputError { path }
    } }`,
    { ranking: { boosts } },
  )
  expect(data.recommend).toEqual({ path: ['ranking', 'boosts'] })
})
