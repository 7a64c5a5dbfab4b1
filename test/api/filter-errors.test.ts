import { describe, expect, test } from 'vitest'
import { CONNECTIONS, fieldsTaking, hasErrorUnion, pageField } from './connections.ts'
import { servingGrocery } from './serving.ts'

const { ask, url } = await servingGrocery()

/** Filters within filters, so many deep. */
const nested = (depth: number): object => (depth === 0 ? {} : { not: nested(depth - 1) })
const many = (conditions: number) => ({
  attributes: Array.from({ length: conditions }, () => ({ name: 'brand', anyOf: ['Alp'] })),
})

const BAD: [string, object, string[], string][] = [
  [
    'an attribute that there is none of',
    {
      and: [
        {},
        {
          attributes: [
            { name: 'brand', anyOf: [] },
            { name: 'colour', anyOf: ['red'] },
          ],
        },
      ],
    },
    ['and', '1', 'attributes', '1', 'name'],
    'There is no attribute "colour": with labels there are category, brand; with numbers grams, price.',
  ],
  [
    'bounds of labels',
    { attributes: [{ name: 'brand', min: 1 }] },
    ['attributes', '0', 'name'],
    '"brand" has labels and no bounds: use "anyOf" and "noneOf".',
  ],
  [
    'labels of a number',
    { attributes: [{ name: 'grams', anyOf: ['250'] }] },
    ['attributes', '0', 'name'],
    '"grams" is a number and has no labels: use "min" and "max".',
  ],
  [
    'a lower bound above the upper one',
    { not: { price: { min: 5, max: 4 } } },
    ['not', 'price'],
    '"min" is 5 and "max" 4: nothing lies between.',
  ],
  [
    'the same of an attribute',
    { or: [{ attributes: [{ name: 'grams', min: 2, max: 1 }] }] },
    ['or', '0', 'attributes', '0'],
    '"min" is 2 and "max" 1: nothing lies between.',
  ],
  [
    'filters six deep',
    nested(6),
    ['not', 'not', 'not', 'not', 'not', 'not'],
    'Filters may stand in filters 5 deep; this one stands deeper.',
  ],
  ['more than 100 conditions', many(101), [], 'A filter may have 100 conditions; this one has more.'],
]

const FILTERED = fieldsTaking('filter').filter((field) => field in CONNECTIONS)

describe.each(FILTERED)('%s refuses', (coordinate) => {
  const place = CONNECTIONS[coordinate]
  const query = `query ($filter: ProductFilter) {
    ${pageField(place, ', filter: $filter')}
  }`

  test.each(BAD)('%s, and says where', async (_what, filter, path, message) => {
    const { status, data, errors } = await ask(query, { filter })
    expect(status).toBe(200)
    if (hasErrorUnion(coordinate)) {
      expect(errors).toBeUndefined()
      expect(data[place.path[0]]).toEqual({ message, path: ['filter', ...path] })
    } else {
      expect(errors).toEqual([
        expect.objectContaining({
          message,
          path: place.path.slice(0, coordinate === 'Query.recommendations' ? 1 : 2),
          extensions: { code: 'BAD_USER_INPUT', inputPath: ['filter', ...path] },
        }),
      ])
    }
  })

  test('none of what just fits', async () => {
    // A category's list has one condition of its own.
    for (const filter of [nested(5), many(coordinate === 'Category.popular' ? 99 : 100)]) {
      expect((await ask(query, { filter })).errors).toBeUndefined()
    }
  })
})

test.each(BAD)(
  'a stream of explanations refuses %s before it begins',
  async (_what, filter, path, message) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({
        query: `subscription ($filter: ProductFilter) {
        explanationStream(externalId: "ann", filter: $filter) { explanation { text } }
      }`,
        variables: { filter },
      }),
    })
    const [, event] = /^data: (\{.*)$/m.exec(await response.text()) ?? []
    expect(JSON.parse(event).errors).toEqual([
      expect.objectContaining({
        message,
        extensions: { code: 'BAD_USER_INPUT', inputPath: ['filter', ...path] },
      }),
    ])
  },
)

describe('a bad filter spoils nothing else of the operation', () => {
  const bad = 'filter: { price: { min: 2, max: 1 } }'

  test('where the field has a result union: all else is answered', async () => {
    const { data, errors } = await ask(`{
      bad: recommend(input: { history: [] }, ${bad}) { __typename }
      good: recommend(input: { history: [] }, first: 2) { ... on RecommendationConnection { edges { node { rank } } } }
      trending(first: 1) { edges { node { rank } } }
    }`)
    expect(errors).toBeUndefined()
    expect(data.bad).toEqual({ __typename: 'InvalidInputError' })
    expect(data.good.edges).toHaveLength(2)
    expect(data.trending.edges).toHaveLength(1)
  })

  test('and where it is a boost’s: the others are scored all the same', async () => {
    const { data, errors } = await ask(`{
      bad: recommend(input: { history: [] }, ranking: { boosts: [{ multiplier: 2, ${bad} }] }) {
        ... on InvalidInputError { path }
      }
      good: recommend(input: { history: [] }, first: 2) { ... on RecommendationConnection { edges { node { rank } } } }
    }`)
    expect(errors).toBeUndefined()
    expect(data.bad).toEqual({ path: ['ranking', 'boosts', '0', 'filter', 'price'] })
    expect(data.good.edges).toHaveLength(2)
  })

  test('elsewhere there is one error, at its place, and none of the list beside it', async () => {
    const { errors } = await ask(`{
      customer(externalId: "ann") { ... on Customer {
        bad: recommendations(${bad}) { strategy }
        good: recommendations(first: 1) { strategy }
      } }
    }`)
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['customer', 'bad'],
        extensions: { code: 'BAD_USER_INPUT', inputPath: ['filter', 'price'] },
      }),
    ])
  })
})
