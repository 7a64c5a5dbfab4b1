import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  at,
  CONNECTIONS,
  fieldsTaking,
  hasErrorUnion,
  page,
  pageField,
  pageOf,
  VARIANTS,
} from './connections.ts'
import { anyStates, changesOf } from './filters.ts'
import { groceryRecommender } from './grocery.ts'
import { servingGrocery } from './serving.ts'

const serving = await servingGrocery()
const retrained = await servingGrocery({ recommender: await groceryRecommender({ iterations: 4 }) })
const { version } = serving.recommender.model
const { availability } = retrained.recommender

test('a retrain gives another model', () => {
  expect(retrained.recommender.model.version).not.toBe(version)
})

describe.each(Object.entries(CONNECTIONS))('after a retrain, a cursor of %s', async (coordinate, place) => {
  const { cursors } = await page(serving, place, ', first: 2')

  test.each([
    ['after', `first: 5, after: "${cursors[1]}"`],
    ['before', `last: 5, before: "${cursors[1]}"`],
  ])('is refused as stale, and says how to go on: %s', async (argument, args) => {
    const now = retrained.recommender.model.version
    const { data, errors } = await retrained.ask(`{ ${pageField(place, `, ${args}`)} }`)
    const message =
      `The cursor was made by model ${version}, but model ${now} is serving now and may rank differently: start again ` +
      `without "${argument}".`
    if (hasErrorUnion(coordinate)) {
      expect(errors).toBeUndefined()
      expect(at(place, data)).toEqual({ message, cursorModelVersion: version })
    } else {
      expect(errors).toEqual([
        expect.objectContaining({
          message,
          extensions: { code: 'STALE_CURSOR', cursorModelVersion: version, modelVersion: now },
        }),
      ])
    }
  })
})

const CHANGING = {
  ...Object.fromEntries(
    fieldsTaking('filter')
      .filter((coordinate) => coordinate in CONNECTIONS)
      .map((coordinate) => [coordinate, CONNECTIONS[coordinate]]),
  ),
  ...VARIANTS,
}

describe.each(Object.entries(CHANGING))(
  'while products come and go, a cursor of %s',
  async (coordinate, place) => {
    const whole = await page(serving, place, ', first: 100')
    const own = await page(retrained, place, ', first: 100')

    async function pageOrStale(args: string) {
      const { data, errors } = await retrained.ask(`{ ${pageField(place, `, ${args}`)} }`)
      const connection = at(place, data)
      if (errors === undefined && connection.edges) return pageOf(connection)
      if (hasErrorUnion(coordinate)) expect(connection.cursorModelVersion).toEqual(expect.any(String))
      else expect(errors?.[0].extensions['code']).toBe('STALE_CURSOR')
      return 'stale'
    }

    test('is stale once a product above it is hidden, and says which product has moved', async () => {
      await availability.set([{ sku: own.ids[0], hidden: true }])
      const { data, errors } = await retrained.ask(`{ ${pageField(place, `, after: "${own.cursors[1]}"`)} }`)
      await availability.set([{ sku: own.ids[0], hidden: false }])
      expect(errors?.[0].message ?? at(place, data).message).toBe(
        `The list has changed since the cursor was made: ${own.ids[1]} has moved or is gone. Start again ` +
          'without "after".',
      )
    })

    test('goes on where it was, or is stale: nothing is skipped or shown twice in silence', async () => {
      let [went, stale] = [0, 0]
      await fc.assert(
        fc.asyncProperty(
          anyStates,
          fc.nat(own.ids.length - 1),
          fc.boolean(),
          async (states, position, isForward) => {
            await availability.set(changesOf(states, Date.now()))
            const now = await pageOrStale('first: 100')
            if (now === 'stale') throw new Error('a list without a cursor cannot be stale')
            const cursor = own.cursors[position]
            const found = await pageOrStale(
              isForward ? `first: 100, after: "${cursor}"` : `last: 100, before: "${cursor}"`,
            )
            if (found === 'stale') {
              stale++
              expect(now.ids.indexOf(own.ids[position])).not.toBe(position)
            } else {
              went++
              expect(now.ids[position]).toBe(own.ids[position])
              expect(found.ids).toEqual(isForward ? now.ids.slice(position + 1) : now.ids.slice(0, position))
            }
          },
        ),
        { numRuns: 40 },
      )
      await availability.set(changesOf({}, Date.now()))
      expect(went).toBeGreaterThan(0)
      expect(stale).toBeGreaterThan(0)
    })

    test('belongs to the filter it was made with', async () => {
      const { data, errors } = await serving.ask(
        `{ ${pageField(place, `, after: "${whole.cursors[0]}", filter: { minPopularity: 1 }`)} }`,
      )
      expect(errors?.[0].message ?? at(place, data).message).toContain('or to this list with other arguments')
      const same = await page(serving, place, ', first: 1, filter: { minPopularity: 1, inStock: true }')
      const spelt = `first: 1, after: "${same.cursors[0]}", filter: { inStock: true, minPopularity: 1.0, price: null }`
      await expect(page(serving, place, `, ${spelt}`)).resolves.toBeDefined()
    })
  },
)

describe('a cursor belongs to what was asked of its list', async () => {
  const [bread, ann] = [
    await page(serving, CONNECTIONS['Product.recommendations'], ', first: 1'),
    await page(serving, CONNECTIONS['Customer.recommendations'], ', first: 1'),
  ]

  test.each([
    [
      'another product',
      bread,
      `product(sku: "milk") { ... on Product { x: recommendations(intent: COMPLEMENTARY, CURSOR) { strategy } } }`,
    ],
    [
      'another intent',
      bread,
      `product(sku: "bread") { ... on Product { x: recommendations(intent: RELATED, CURSOR) { strategy } } }`,
    ],
    [
      'another customer',
      ann,
      `customer(externalId: "ben") { ... on Customer { x: recommendations(CURSOR) { strategy } } }`,
    ],
    [
      'another list',
      ann,
      `customer(externalId: "ann") { ... on Customer { x: alsoBought(CURSOR) { strategy } } }`,
    ],
    [
      'what was bought',
      ann,
      `customer(externalId: "ann") { ... on Customer { x: recommendations(includePurchased: true, CURSOR) { strategy } } }`,
    ],
    [
      'another ranking',
      ann,
      `customer(externalId: "ann") { ... on Customer { x: recommendations(ranking: { diversity: 0.5 }, CURSOR) { strategy } } }`,
    ],
  ])('and is refused with %s', async (_what, { cursors }, field) => {
    const { errors } = await serving.ask(`{ ${field.replace('CURSOR', `after: "${cursors[0]}"`)} }`)
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('The cursor belongs to another list'),
        extensions: { code: 'BAD_USER_INPUT', inputPath: ['after'] },
      }),
    ])
  })

  test('a customer’s goes on in a batch of one, which asks for the same list', async () => {
    const { cursors } = await page(
      serving,
      CONNECTIONS['Query.recommendations'],
      `, first: 1, after: "${ann.cursors[0]}"`,
    )
    const { ids } = await page(serving, CONNECTIONS['Customer.recommendations'], ', first: 2')
    expect(JSON.parse(Buffer.from(cursors[0], 'base64url').toString())[3]).toBe(ids[1])
  })
})
