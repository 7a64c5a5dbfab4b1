import { describe, expect, test } from 'vitest'
import { encodeCursor } from '../../src/graphql/cursors.ts'
import { serving } from './serving.ts'

const { ask } = await serving()

const modelVersion: string = (await ask('{ modelInfo { version } }')).data.modelInfo.version

/** Every connection of the API, as a field that takes the given arguments. */
const CONNECTIONS: [string, (args: string) => string][] = [
  ['Query.customers', (args) => `{ customers(${args}) { edges { cursor } } }`],
  ['Query.products', (args) => `{ products(${args}) { edges { cursor } } }`],
  ['Query.recommend', (args) => `{ recommend(history: [], ${args}) { __typename } }`],
  [
    'Customer.recommendations',
    (args) =>
      `{ customer(externalId: "customer-1") { ... on Customer { recommendations(${args}) { strategy } } } }`,
  ],
  [
    'Customer.purchases',
    (args) =>
      `{ customer(externalId: "customer-1") { ... on Customer { purchases(${args}) { edges { cursor } } } } }`,
  ],
  [
    'Product.similar',
    (args) => `{ product(sku: "sku-1") { ... on Product { similar(${args}) { edges { cursor } } } } }`,
  ],
]

describe.each(CONNECTIONS)('%s refuses', (_coordinate, query) => {
  test.each([
    [
      'more than 100 at once',
      'first: 101',
      '"first" is 101: ask for 0 to 100 at a time, and for more by "after".',
    ],
    ['fewer than none', 'first: -1', '"first" is -1: ask for 0 to 100 at a time, and for more by "after".'],
    ['what is no cursor', 'after: "page 3"', '"page 3" is not a cursor'],
    [
      'a cursor of another model',
      `after: "${encodeCursor({ modelVersion: 'another', list: 'any', position: 1, id: 'x', score: 1 })}"`,
      'start again without "after"',
    ],
    [
      'a cursor of another list',
      `after: "${encodeCursor({ modelVersion, list: 'any', position: 1, id: 'x', score: 1 })}"`,
      'use a cursor of this list',
    ],
  ])('%s', async (_what, args, message) => {
    const { errors } = await ask(query(args))
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(message),
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      }),
    ])
  })
})

test.each([
  ['Customer.recommendations', 'RecommendationConnection'],
  ['Product.similar', 'SimilarProductConnection'],
])('%s ends at place 1000, and says so', async (coordinate, list) => {
  const [, query] = CONNECTIONS.find(([name]) => name === coordinate)!
  const behind = (position: number) =>
    `after: "${encodeCursor({ modelVersion, list, position, id: 'x', score: 1 })}"`
  const { errors } = await ask(query(`first: 10, ${behind(991)}`))
  expect(errors?.[0]).toMatchObject({
    message: 'This page would end at place 1001: ranked lists can be paged through to place 1000.',
    extensions: { code: 'BAD_USER_INPUT' },
  })
  expect((await ask(query(`first: 10, ${behind(990)}`))).errors).toBeUndefined()
})
